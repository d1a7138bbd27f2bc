using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class BatchNormLayerTests
{
    private const string OneSample = "which needs two samples or more, but a batch has one";

    private static readonly FitOptions s_batchesOfFour = new() { Epochs = 3, BatchSize = 4 };

    [Fact]
    public void ByHand()
    {
        // Two values 1 and 5: mean 3, variance 4; a mini-batch of an image with two positions.
        var layer = new BatchNormLayer((2, 1, 1), momentum: 0.5, epsilon: 12) { Gamma = Matrices.Of([8]), Beta = Matrices.Of([1]) };

        layer.ForwardPropagation(Matrices.Of([1], [5])).ShouldBeBitForBit(Matrices.Of([-3], [5]));
        layer.RunningMean.ShouldBeBitForBit(Matrices.Of([1.5]));

        // 0.5 * 1 + 0.5 * 4 * 2 / 1
        layer.RunningVariance.ShouldBeBitForBit(Matrices.Of([4.5]));

        // X̂ is -1/2 and 1/2, dE/dβ 4, dE/dγ 1; dE/dX = 8 / 4 (dE/dY - (4 + X̂) / 2).
        layer.Backward(Matrices.Of([1], [3])).ShouldBeBitForBit(Matrices.Of([2 * (1 - (3.5 / 2))], [2 * (3 - (4.5 / 2))]));
        layer.Parameters.Select(parameter => parameter.Gradient).ToArray()
            .ShouldBeBitForBit([Matrices.Of([1]), Matrices.Of([4])], "gradients");
        layer.Gamma[0, 0].Should().Be(8);
    }

    [Fact]
    public void EachOutputOfARowHasMeanZeroAndVarianceOneOverTheBatch()
    {
        var x = Draw.Matrices(8, 1, 5, Draw.Seeded(1)).Select((row, i) => (row * 7) + i).ToArray();

        var y = TrainingOutputs(new BatchNormLayer(5), x);

        for (int column = 0; column < 5; column++)
        {
            ShouldBeNormalised([.. y.Select(row => row[0, column])], [.. x.Select(row => row[0, column])]);
        }
    }

    [Fact]
    public void EachPlaneHasMeanZeroAndVarianceOneOverTheBatchAndItsPositions()
    {
        var x = Draw.Matrices(6, 4, 3 * 2, Draw.Seeded(1)).Select((image, i) => (image * 3) - i).ToArray();

        var y = TrainingOutputs(new BatchNormLayer((4, 3, 2)), x);

        for (int plane = 0; plane < 2; plane++)
        {
            ShouldBeNormalised(Plane(y, plane), Plane(x, plane));
        }

        static double[] Plane(Matrix<double>[] images, int plane) =>
            [.. images.SelectMany(image => image.SubMatrix(0, 4, 3 * plane, 3).Enumerate())];
    }

    [Fact]
    public void AMeanFarFromZeroCostsNoDigitsOfTheVariance()
    {
        var layer = new BatchNormLayer(1, epsilon: 1e-12);

        TrainingOutputs(layer, [Draw.Row(1e8 - 1), Draw.Row(1e8 + 1)]).ShouldBeNear([Draw.Row(-1), Draw.Row(1)]);
    }

    /// <summary>The sum of many such values is not a multiple of one: a mean from it is off by more than the root of epsilon.</summary>
    [Theory]
    [InlineData(1.7e12 + 0.1)]
    [InlineData(-1.7e12 - 0.1)]
    [InlineData(0.1)]
    [InlineData(1e150)]
    [InlineData(-1e-200)]
    public void APlaneOfOneValueBecomesBetaHoweverLargeTheValueIs(double value)
    {
        var x = Enumerable.Repeat(Matrix<double>.Build.Dense(13, 2 * 11, value), 60).ToArray();
        var layer = new BatchNormLayer((13, 11, 2), momentum: 1) { Beta = Draw.Row(0, -3) };

        foreach (var y in TrainingOutputs(layer, x))
        {
            y.Enumerate().Distinct().Should().Equal(0, -3);
        }

        layer.RunningMean.Should().Be(Draw.Row(value, value));
        layer.RunningVariance.Should().Be(Draw.Row(0, 0));
        new BatchNormLayer((13, 22, 1)).ForwardPropagation(x[0]).Enumerate().Distinct().Should().Equal(0);
    }

    /// <summary>One unit in the last place of the offset is a tenth to a ten-thousandth of the values' deviation.</summary>
    [Theory]
    [InlineData(1e9, 1e-6)]
    [InlineData(-1e9, 1e-3)]
    [InlineData(1.7e12, 1e-3)]
    [InlineData(1e15, 1)]
    public void SmallNoiseOnALargeOffsetIsNormalisedAsDecimalsAre(double offset, double noise)
    {
        var random = Draw.Seeded(3);
        var x = Draw.Matrix(9, 7, random).Map(v => offset + (noise * v));
        var error = Draw.Matrix(9, 7, random);
        var layer = new BatchNormLayer((9, 7, 1), momentum: 1, epsilon: 1e-14) { Gamma = Draw.Row(2), Beta = Draw.Row(0.5) };
        decimal[] values = [.. x.Enumerate().Select(v => (decimal)(v - offset))];
        decimal mean = values.Average();
        decimal variance = values.Average(v => (v - mean) * (v - mean));
        double scale = 1 / Math.Sqrt((double)variance + 1e-14);
        double[] normal = [.. values.Select(v => (double)(v - mean) * scale)];
        double slope = error.Enumerate().Zip(normal, (e, n) => e * n).Average();
        double errorMean = error.Enumerate().Average();

        double[] y = layer.ForwardPropagation(x).ToColumnMajorArray();
        double[] inputError = layer.Backward(error).ToColumnMajorArray();

        for (int i = 0; i < y.Length; i++)
        {
            y[i].Should().BeApproximately((2 * normal[i]) + 0.5, 1e-13);
            inputError[i]
                .Should().BeApproximately(2 * scale * (error.Enumerate().ElementAt(i) - errorMean - (slope * normal[i])), 1e-13 * scale);
        }

        layer.Parameters[0].Gradient[0, 0].Should().BeApproximately(63 * slope, 1e-12);
        layer.RunningVariance[0, 0].Should().BeApproximately((double)variance * 63 / 62, 1e-13 * (double)variance);
        layer.RunningMean[0, 0].Should().Be(offset + (double)mean);
    }

    [Fact]
    public void AValueThatIsTheSameInAllSamplesBecomesBeta()
    {
        var layer = new BatchNormLayer(2) { Beta = Draw.Row(0.25, -3) };

        TrainingOutputs(layer, [.. Enumerable.Repeat(Draw.Row(3, 0), 4)])
            .ShouldBeBitForBit([.. Enumerable.Repeat(Draw.Row(0.25, -3), 4)], "outputs");
        layer.RunningVariance.ShouldBeNear(Draw.Row(0.9, 0.9), 1e-15);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.7)]
    [InlineData(1)]
    public void RunningStatisticsFollowTheBatches(double momentum)
    {
        var layer = new BatchNormLayer(3, momentum);
        var x = Draw.Matrices(10, 1, 3, Draw.Seeded(1));

        Network(layer).Fit(x, x, s_batchesOfFour);

        var (mean, variance) = (Draw.Row(0, 0, 0), Draw.Row(1, 1, 1));
        for (int epoch = 0; epoch < 3; epoch++)
        {
            foreach (var batch in x.Chunk(4))
            {
                var average = batch.Aggregate((sum, row) => sum + row) / batch.Length;
                var squares = batch.Select(row => (row - average).PointwisePower(2)).Aggregate((sum, row) => sum + row);
                mean = ((1 - momentum) * mean) + (momentum * average);
                variance = ((1 - momentum) * variance) + (momentum * squares / (batch.Length - 1));
            }
        }

        layer.RunningMean.ShouldBeNear(mean);
        layer.RunningVariance.ShouldBeNear(variance);
    }

    [Fact]
    public void InTheArticlesFitAnImageIsABatchOfItsPositions()
    {
        var layer = new BatchNormLayer((2, 3, 2));
        var x = Draw.Matrices(3, 2, 6, Draw.Seeded(1));

        var history = Network(layer).Fit(x, x, 1, 0.01);

        var (mean, variance) = (Draw.Row(0, 0), Draw.Row(1, 1));
        foreach (var image in x)
        {
            for (int plane = 0; plane < 2; plane++)
            {
                double[] values = [.. image.SubMatrix(0, 2, 3 * plane, 3).Enumerate()];
                mean[0, plane] = (0.9 * mean[0, plane]) + (0.1 * values.Average());
                variance[0, plane] = (0.9 * variance[0, plane]) + (0.1 * values.Sum(v => Math.Pow(v - values.Average(), 2)) / 5);
            }
        }

        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        layer.RunningMean.ShouldBeNear(mean);
        layer.RunningVariance.ShouldBeNear(variance);
        layer.Gamma.Enumerate().Should().NotContain(1, "it learns");
        layer.Beta.Enumerate().Should().NotContain(0, "it learns");
    }

    /// <summary>Without this a plane that is always 0 ends in subnormal numbers, which rounding keeps there.</summary>
    [Fact]
    public void RunningStatisticsOfAPlaneThatIsAlwaysZeroComeToZero()
    {
        var layer = new BatchNormLayer((1, 5, 1), momentum: 0.25) { RunningMean = Draw.Row(-1e-280) };
        for (int batch = 0; batch < 3000; batch++)
        {
            layer.ForwardPropagation(Draw.Row(0, 0, 0, 0, 0));
            layer.RunningMean.Exists(double.IsSubnormal).Should().BeFalse();
            layer.RunningVariance.Exists(double.IsSubnormal).Should().BeFalse();
        }

        layer.RunningMean[0, 0].Should().Be(0);
        layer.RunningVariance[0, 0].Should().Be(0);
    }

    [Fact]
    public void PredictTakesTheRunningStatisticsAndChangesNothing()
    {
        var layer = new BatchNormLayer(2, epsilon: 0.25)
        {
            RunningMean = Draw.Row(1, -1),
            RunningVariance = Draw.Row(2, 0),
            Gamma = Draw.Row(3, 2),
            Beta = Draw.Row(10, 20)
        };
        string before = State(layer);

        // 3 (4 - 1) / √2.25 + 10 and 2 (1 + 1) / √0.25 + 20
        layer.Predict(Draw.Row(4, 1)).ShouldBeNear(Draw.Row(16, 28), 1e-15);

        var network = Network(layer);
        network.Predict(Draw.Row(4, 1)).ShouldBeBitForBit(layer.Predict(Draw.Row(4, 1)));
        network.Predict([Draw.Row(4, 1), Draw.Row(0, 0)])
            .ShouldBeBitForBit([layer.Predict(Draw.Row(4, 1)), layer.Predict(Draw.Row(0, 0))], "predictions");
        network.Evaluate([Draw.Row(4, 1)], [Draw.Row(0, 0)]);
        State(layer).Should().Be(before);
        layer.Input.Should().BeNull();
    }

    [Fact]
    public void PredictionsOnManyThreadsAreThoseOfOne()
    {
        var layer = new BatchNormLayer((5, 4, 300));
        for (int seed = 0; seed < 3; seed++)
        {
            layer.ForwardPropagation(Draw.Matrix(5, 1200, Draw.Seeded(seed)));
        }

        var network = Network(layer);
        var x = Draw.Matrices(40, 5, 1200, Draw.Seeded(9));
        string[] alone = [.. x.Select(one => Fingerprint.Of(network.Predict(one)))];
        string before = State(layer);
        var all = new string[x.Length * 8];

        Parallel.For(0, all.Length, i => all[i] = Fingerprint.Of(network.Predict(x[i % x.Length])));

        all.Should().Equal(Enumerable.Repeat(alone, 8).SelectMany(one => one));
        State(layer).Should().Be(before);
    }

    [Fact]
    public void WhatIsSetIsCopiedInAndTheMatricesStayTheLiveOnes()
    {
        var layer = new BatchNormLayer(2);
        var (gamma, beta, mean, variance) = (layer.Gamma, layer.Beta, layer.RunningMean, layer.RunningVariance);
        Matrix<double>[] given = [Draw.Row(1, 2), Draw.Row(3, 4), Draw.Row(5, 6), Matrix<double>.Build.SparseOfMatrix(Draw.Row(0, 8))];

        (layer.Gamma, layer.Beta, layer.RunningMean, layer.RunningVariance) = (given[0], given[1], given[2], given[3]);
        foreach (var matrix in given)
        {
            matrix.Clear();
        }

        layer.Gamma.Should().BeSameAs(gamma).And.BeSameAs(layer.Parameters[0].Value).And.Be(Draw.Row(1, 2));
        layer.Beta.Should().BeSameAs(beta).And.BeSameAs(layer.Parameters[1].Value).And.Be(Draw.Row(3, 4));
        layer.RunningMean.Should().BeSameAs(mean).And.Be(Draw.Row(5, 6));
        layer.RunningVariance.Should().BeSameAs(variance).And.Be(Draw.Row(0, 8));
        layer.Parameters.Select(parameter => parameter.ToString()).Should().Equal("Gamma 1 x 2", "Beta 1 x 2");
        gamma[0, 0] = 100;
        layer.Predict(Draw.Row(6, 6))[0, 0].ShouldBeNear((100 / Math.Sqrt(1e-5)) + 3, 1e-14);
    }

    [Fact]
    public void ANegativeVarianceIsRefusedAndNothingChanges()
    {
        var layer = new BatchNormLayer(2) { RunningVariance = Draw.Row(3, 4) };

        layer.Invoking(it => it.RunningVariance = Draw.Row(1, -0.5)).Should().ThrowExactly<ArgumentException>()
            .WithMessage("BatchNormLayer(2) expects a RunningVariance of 0 or more, but got -0.5.*");

        layer.RunningVariance.Should().Be(Draw.Row(3, 4));
    }

    [Fact]
    public void ItStartsAsTheIdentityButForEpsilon()
    {
        var layer = new BatchNormLayer((2, 2, 1));

        (layer.Momentum, layer.Epsilon).Should().Be((0.1, 1e-5));
        layer.Predict(Matrices.Of([1, 2], [3, -4])).ShouldBeNear(Matrices.Of([1, 2], [3, -4]) / Math.Sqrt(1 + 1e-5), 1e-15);
    }

    [Fact]
    public void ABatchOfOneRowIsRefusedBeforeAnythingChanges()
    {
        var layer = new BatchNormLayer(3);
        var first = new FCLayer(3, 3, random: Draw.Seeded(1));
        var network = new Network().Add(first).Add(layer).Use(Losses.Mse, Losses.MsePrime);
        var x = Draw.Matrices(9, 1, 3, Draw.Seeded(2));
        string before = State(layer) + Fingerprint.OfState([first]);
        (string Where, Action Call)[] calls =
        [
            ("the article's Fit", () => network.Fit(x, x, 1, 0.1)),
            ("a BatchSize of 1", () => network.Fit(x, x, new FitOptions { BatchSize = 1 })),
            ("a last batch of one", () => network.Fit(x, x, new FitOptions { BatchSize = 4 })),
            ("a last batch of one after the split", () =>
                network.Fit(x[..8], x[..8], new FitOptions { BatchSize = 3, ValidationSplit = 0.125 })),
            ("a single sample", () => network.Fit(x[..1], x[..1], new FitOptions { BatchSize = 4 })),
            ("ForwardPropagation", () => layer.ForwardPropagation(x[0])),
            ("GradientCheck", () => GradientCheck.Run(layer, x[0])),
        ];

        foreach (var (where, call) in calls)
        {
            call.Should().ThrowExactly<InvalidOperationException>(where).Which.Message
                .Should().ContainAll("BatchNormLayer(3)", OneSample, "FitOptions", "BatchSize of 2 or more", "no last batch of one");
            (State(layer) + Fingerprint.OfState([first])).Should().Be(before, where);
        }

        network.Fit(x[..8], x[..8], new FitOptions { BatchSize = 4 }).Losses.Should().ContainSingle();
        network.Fit(x, x, new FitOptions { BatchSize = 100 }).Losses.Should().ContainSingle();
    }

    [Fact]
    public void AnImageOfOnePositionIsRefusedAsARowIs() =>
        new BatchNormLayer((1, 1, 4)).Invoking(layer => layer.ForwardPropagation(Draw.Row(1, 2, 3, 4)))
            .Should().ThrowExactly<InvalidOperationException>()
            .Which.Message.Should().ContainAll("BatchNormLayer(1 x 1 x 4)", OneSample);

    [Fact]
    public void BesideAUsersLayerWithTheArticlesTwoMethodsTrainingIsRefusedAndBothAreNamed()
    {
        var network = new Network().Add(new UserLayers.ArticleScale(Draw.Row(1, 2))).Add(new BatchNormLayer(2))
            .Use(Losses.Mse, Losses.MsePrime);
        var x = Draw.Matrices(4, 1, 2, Draw.Seeded(1));

        network.Invoking(it => it.Fit(x, x, new FitOptions { BatchSize = 2 })).Should().ThrowExactly<InvalidOperationException>()
            .Which.Message.Should().ContainAll(
                "BatchNormLayer(2) needs the whole mini-batch",
                "ArticleScale takes one sample at a time",
                "Make ArticleScale a TrainableLayer");
        network.Predict(x).Should().HaveCount(4);
    }

    [Fact]
    public void AnEpochThatOverflowsLeavesTheStatisticsOfTheEpochBefore()
    {
        var x = Draw.Matrices(8, 1, 2, Draw.Seeded(1));
        var (layer, twin) = (new BatchNormLayer(2), new BatchNormLayer(2));
        int calls = 0;
        var network = new Network().Add(layer).Use((yTrue, yPred) => ++calls > 13 ? double.NaN : Losses.Mse(yTrue, yPred), Losses.MsePrime);

        network.Fit(x, x, s_batchesOfFour).StopReason.Should().Be(StopReason.NumericOverflow);

        Network(twin).Fit(x, x, new FitOptions { Epochs = 1, BatchSize = 4 });
        State(layer).Should().Be(State(twin));
    }

    [Fact]
    public void AGradientCheckLeavesParametersGradientsAndStatisticsAsTheyWere()
    {
        var layer = new BatchNormLayer((3, 4, 2)) { Gamma = Draw.Row(0.5, -2), Beta = Draw.Row(1, 3) };
        layer.ForwardPropagation(Draw.Matrix(3, 8, Draw.Seeded(1)));
        layer.Backward(Draw.Matrix(3, 8, Draw.Seeded(2)));
        string before = State(layer);

        GradientCheck.Run(layer, Draw.Matrix(3, 8, Draw.Seeded(3)) * 5).WorstRelativeError.Should().BeLessThan(1e-6);

        State(layer).Should().Be(before);
    }

    private static Network Network(BatchNormLayer layer) => new Network().Add(layer).Use(Losses.Mse, Losses.MsePrime);

    private static string State(BatchNormLayer layer) =>
        Fingerprint.Of(
        [
            layer.Gamma, layer.Beta, layer.RunningMean, layer.RunningVariance, .. layer.Parameters.Select(parameter => parameter.Gradient)
        ]);

    /// <summary>What the layer gives in training for one batch of all samples, as a layer of a user behind it sees it.</summary>
    private static Matrix<double>[] TrainingOutputs(BatchNormLayer layer, Matrix<double>[] x)
    {
        var seen = new List<Matrix<double>>();
        var network = new Network().Add(layer).Add(new ActivationLayer(y => Seen(y), y => y.Map(_ => 0.0)))
            .Use(Losses.Mse, Losses.MsePrime);
        network.Fit(x, x, new FitOptions { BatchSize = x.Length });
        return [.. seen];

        Matrix<double> Seen(Matrix<double> y)
        {
            seen.Add(y);
            return y;
        }
    }

    private static void ShouldBeNormalised(double[] y, double[] x)
    {
        y.Average().Should().BeApproximately(0, 1e-14);
        double variance = x.Average(v => Math.Pow(v - x.Average(), 2));
        y.Average(v => v * v).ShouldBeNear(variance / (variance + 1e-5), 1e-13);
    }
}
