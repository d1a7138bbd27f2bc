using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class DropoutLayerTests
{
    private static readonly Matrix<double> s_ones = Matrix<double>.Build.Dense(1000, 100, 1);

    public static TheoryData<double> Rates => [0.05, 0.25, 0.5, 0.9];

    [Theory]
    [MemberData(nameof(Rates))]
    public void SoManyValuesAreLeftOutAndTheOthersGrowToKeepTheExpectation(double rate)
    {
        var y = new DropoutLayer(rate, Draw.Seeded(1)).ForwardPropagation(s_ones);

        double kept = 1 / (1 - rate);
        y.Enumerate().Should().OnlyContain(v => v == 0 || v == kept);

        // Of 100,000 values: five standard errors.
        double sigma = Math.Sqrt(rate * (1 - rate) / 100_000);
        y.Enumerate().Average(v => v == 0 ? 1.0 : 0).Should().BeApproximately(rate, 5 * sigma);
        y.Enumerate().Average().Should().BeApproximately(1, 5 * sigma * kept);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void OverManyMasksEachValueKeepsItsExpectation(double rate)
    {
        const int Masks = 20_000;
        var x = Matrices.Of([1, -2], [0.5, 3]);
        var layer = new DropoutLayer(rate, Draw.Seeded(2));
        var sum = Matrix<double>.Build.Dense(2, 2);
        for (int i = 0; i < Masks; i++)
        {
            sum += layer.ForwardPropagation(x);
        }

        sum.Divide(Masks).PointwiseDivide(x).Enumerate()
            .Should().OnlyContain(mean => Math.Abs(mean - 1) < 5 * Math.Sqrt(rate / (1 - rate) / Masks));
    }

    [Fact]
    public void NeighboursAreLeftOutIndependently()
    {
        double[] y = new DropoutLayer(0.5, Draw.Seeded(3)).ForwardPropagation(s_ones).ToColumnMajorArray();
        foreach (int distance in new[] { 1, 2, 7, 1000 })
        {
            double both = Enumerable.Range(0, y.Length - distance).Average(i => y[i] == 0 && y[i + distance] == 0 ? 1.0 : 0);
            both.Should().BeApproximately(0.25, 5 * Math.Sqrt(0.25 * 0.75 / 100_000) * 2, "at distance {0}", distance);
        }
    }

    [Fact]
    public void APredictionPassesUnchangedInEveryBit()
    {
        var x = Matrices.Of([1.1, -0.0, double.Epsilon], [double.MaxValue, -3, 0]);
        var layer = new DropoutLayer(0.9, Draw.Seeded(1));

        layer.Predict(x).ShouldBeBitForBit(x);
        new Network().Add(layer).Predict(x).ShouldBeBitForBit(x);
        new Network().Add(layer).Predict([x, -x]).ShouldBeBitForBit([x, -x], "predictions");
    }

    [Fact]
    public void RateZeroLeavesNothingOut()
    {
        var x = Draw.Matrix(7, 9, Draw.Seeded(1));
        var layer = new DropoutLayer(0);

        layer.ForwardPropagation(x).ShouldBeBitForBit(x);
        layer.BackwardPropagation(x, 0.1).ShouldBeBitForBit(x);
    }

    [Fact]
    public void TheErrorGoesThroughTheMaskOfTheValues()
    {
        var layer = new DropoutLayer(0.4, Draw.Seeded(1));
        var (x, error) = (Draw.Matrix(20, 30, Draw.Seeded(2)), Draw.Matrix(20, 30, Draw.Seeded(3)));

        var y = layer.ForwardPropagation(x);
        var inputError = layer.BackwardPropagation(error, 0.1);

        var mask = y.Map(v => v == 0 ? 0 : 1 / (1 - 0.4));
        y.ShouldBeNear(x.PointwiseMultiply(mask), 1e-15);
        inputError.ShouldBeNear(error.PointwiseMultiply(mask), 1e-15);
        layer.Predict(x);
        layer.BackwardPropagation(error, 0.1).ShouldBeBitForBit(inputError);
    }

    [Fact]
    public void TheSameSeedGivesTheSameMasksAndEachForwardPropagationANewOne()
    {
        var (one, twin, other) =
            (new DropoutLayer(0.5, Draw.Seeded(1)), new DropoutLayer(0.5, Draw.Seeded(1)), new DropoutLayer(0.5, Draw.Seeded(2)));

        var first = one.ForwardPropagation(s_ones);
        var second = one.ForwardPropagation(s_ones);

        twin.ForwardPropagation(s_ones).ShouldBeBitForBit(first);
        twin.ForwardPropagation(s_ones).ShouldBeBitForBit(second);
        ShouldBeIndependent(first, second);
        ShouldBeIndependent(first, other.ForwardPropagation(s_ones));
        new DropoutLayer(0.5).ForwardPropagation(s_ones).Should().NotBe(new DropoutLayer(0.5).ForwardPropagation(s_ones));
    }

    [Fact]
    public void MasksDifferBetweenSamplesBatchesEpochsAndLayers()
    {
        var masks = Masks(seed: 1, out _);

        masks.Should().HaveCount(2 * 2 * 12, "two layers saw 12 samples in each of two epochs");
        for (int i = 0; i < masks.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                ShouldBeIndependent(masks[i], masks[j]);
            }
        }
    }

    [Fact]
    public void TheSeedOfFitIsTheSeedOfTheMasks()
    {
        var masks = Masks(seed: 1, out var losses);

        Masks(seed: 1, out var sameLosses).ShouldBeBitForBit(masks, "masks");
        sameLosses.Should().Equal(losses);
        Masks(seed: 2, out _)[0].Should().NotBe(masks[0]);
    }

    [Fact]
    public void AGeneratorOfItsOwnOverrulesTheSeedOfFit()
    {
        Matrix<double> Train(int seed)
        {
            var learning = new FCLayer(8, 2, random: Draw.Seeded(1));
            var network = new Network().Add(new DropoutLayer(0.5, Draw.Seeded(9))).Add(learning).Use(Losses.Mse, Losses.MsePrime);
            network.Fit(
                Draw.Matrices(6, 1, 8, Draw.Seeded(2)),
                Draw.Matrices(6, 1, 2, Draw.Seeded(3)),
                new FitOptions { BatchSize = 3, Seed = seed });
            return learning.Weights;
        }

        Train(1).ShouldBeBitForBit(Train(2));
    }

    [Fact]
    public void ForwardAndBackwardAreTheSameOnAnyThread()
    {
        var masks = new Matrix<double>[8];
        Parallel.For(0, masks.Length, i => masks[i] = new DropoutLayer(0.5, Draw.Seeded(1)).ForwardPropagation(s_ones));

        masks.ShouldBeBitForBit([.. Enumerable.Repeat(masks[0], masks.Length)], "masks");
    }

    [Fact]
    public void AGradientCheckHoldsTheMaskAndLetsItGoAfterwards()
    {
        var layer = new DropoutLayer(0.5, Draw.Seeded(1));
        var x = Draw.Matrix(5, 6, Draw.Seeded(2));

        GradientCheck.Run(layer, x).WorstRelativeError.Should().BeLessThan(1e-9);

        var ones = Enumerable.Range(0, 3).Select(_ => layer.ForwardPropagation(s_ones)).ToArray();
        ShouldBeIndependent(ones[0], ones[1]);
        ShouldBeIndependent(ones[1], ones[2]);
    }

    /// <summary>
    /// The masks of two layers over two epochs of 12 samples in batches of 5, as a layer of a user behind each sees them.
    /// </summary>
    private static List<Matrix<double>> Masks(int seed, out IReadOnlyList<double> losses)
    {
        var seen = new List<Matrix<double>>();
        Layer Spy() => new UserLayers.Custom(
            y =>
            {
                seen.Add(y.Map(v => v == 0 ? 0.0 : 2));
                return y.Map(_ => 1.0);
            },
            error => error);
        var network = new Network().Add(new DropoutLayer(0.5)).Add(Spy()).Add(new DropoutLayer(0.5)).Add(Spy())
            .Use(Losses.Mse, Losses.MsePrime);
        var x = Enumerable.Repeat(Matrix<double>.Build.Dense(20, 25, 1), 12).ToArray();
        losses = network.Fit(x, x, new FitOptions { Epochs = 2, BatchSize = 5, Seed = seed }).Losses;
        return seen;
    }

    /// <summary>Of two masks of n values at rate 1/2 about half agree: five standard errors.</summary>
    private static void ShouldBeIndependent(Matrix<double> one, Matrix<double> other)
    {
        double agree = one.Enumerate().Zip(other.Enumerate(), (a, b) => a == b ? 1.0 : 0).Average();
        agree.Should().BeApproximately(0.5, 5 * Math.Sqrt(0.25 / (one.RowCount * one.ColumnCount)) + 1e-12);
    }
}
