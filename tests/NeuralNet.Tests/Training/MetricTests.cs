using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.Training;

public class MetricTests
{
    private static readonly Metric[] s_all =
    [
        Metric.Accuracy, Metric.BinaryAccuracy, Metric.MeanAbsoluteError, Metric.R2, Metric.Precision, Metric.Recall, Metric.F1,
        Metric.RocAuc, Metric.RootMeanSquaredError, Metric.MeanAbsolutePercentageError,
    ];

    private static readonly string[] s_names =
    [
        "Accuracy", "BinaryAccuracy", "MeanAbsoluteError", "R2", "Precision", "Recall", "F1", "RocAuc", "RootMeanSquaredError",
        "MeanAbsolutePercentageError",
    ];

    private static readonly Gen<(Matrix<double>[] True, Matrix<double>[] Pred)> s_samples = Gen
        .Select(Gen.Int[2, 12], Gen.Int[2, 5], Gen.Int).Select(
        (count, columns, seed) => (Matrices(count, 1, columns, Seeded(seed)), Matrices(count, 1, columns, Seeded(seed + 1))));

    [Fact]
    public void NamesAndDirectionsAreTheDocumentedOnes()
    {
        typeof(Metric).GetProperties().Where(property => property.PropertyType == typeof(Metric))
            .Select(property => property.GetValue(null)).Should().BeEquivalentTo(s_all);
        s_all.Select(metric => metric.Name).Should().Equal(s_names);
        s_all.Select(metric => metric.ToString()).Should().Equal(s_names);
        s_all.Select(metric => metric.HigherIsBetter).Should().Equal(true, true, false, true, true, true, true, true, false, false);
        (Metric.TopK(3).Name, Metric.TopK(3).HigherIsBetter).Should().Be(("Top3Accuracy", true));
    }

    [Fact]
    public void AccuracyIsTheShareOfSamplesWithTheGreatestValueInTheRightPlace() =>
        Metric.Accuracy.Of(
            [Row(1, 0, 0), Row(0, 1, 0), Row(0, 0, 1), Row(0.2, 0.5, 0.3)],
            [Row(0.4, 0.3, 0.3), Row(9, 8, 7), Row(-3, -2, -1), Row(0, 0.1, 0)]).Should().Be(0.75);

    [Fact]
    public void AccuracyOfSeveralGreatestValuesGoesByTheFirst() =>
        Metric.Accuracy.Of([Row(1, 0), Row(0, 1), Row(1, 1), Row(0, 1)], [Row(2, 2), Row(2, 2), Row(1, 0), Row(0, 1)]).Should().Be(0.75);

    [Fact]
    public void AccuracyIsHowOftenTheLabelsAgree() => s_samples.Sample(samples =>
    {
        double agree = Labels.ArgMax(samples.True).Zip(Labels.ArgMax(samples.Pred)).Count(pair => pair.First == pair.Second);
        return Metric.Accuracy.Of(samples.True, samples.Pred) == agree / samples.True.Length;
    });

    [Fact]
    public void AccuracyOfSamplesOfSeveralRowsIsTheShareOfRows() =>
        Metric.Accuracy.Of(
            [Support.Matrices.Of([0, 1], [1, 0], [0, 1]), Support.Matrices.Of([0, 1])],
            [Support.Matrices.Of([0.1, 0.2], [0.7, 0.8], [double.NaN, 1]), Support.Matrices.Of([0.1, 0.2])]).Should().Be(0.5);

    [Fact]
    public void BinaryAccuracyIsTheShareOfValuesOnTheRightSideOfOneHalf() =>
        Metric.BinaryAccuracy.Of(
            [Row(0, 1), Row(1, 1), Row(0, 0), Row(0.5, 0.4)],
            [Row(0.49, 0.5), Row(0.49, 7), Row(0.51, -7), Row(0.9, 0.1)]).Should().Be(6 / 8.0);

    [Fact]
    public void LogitsAreCutAtAThresholdOfZero()
    {
        var sigmoid = new ActivationLayer(ActivationFunction.Sigmoid);
        Matrix<double>[] y = [Row(1), Row(0), Row(1), Row(0), Row(1), Row(1)];
        Matrix<double>[] logits = [Row(0.2), Row(0.1), Row(-0.3), Row(-2), Row(3), Row(0)];
        Matrix<double>[] probabilities = Array.ConvertAll(logits, sigmoid.Predict);

        foreach (var metric in (Metric[])[Metric.BinaryAccuracy, Metric.Precision, Metric.Recall, Metric.F1])
        {
            double figure = metric.WithThreshold(0).Of(y, logits);
            figure.Should().Be(metric.Of(y, probabilities)).And.NotBe(metric.Of(y, logits), $"{metric} of logits is not cut at 0.5");
            (metric.WithThreshold(0).Name, metric.WithThreshold(0).HigherIsBetter).Should().Be(($"{metric}At0", true));
            metric.WithThreshold(0).WithThreshold(0.25).Name.Should().Be($"{metric}At0.25");
        }

        Metric.Precision.WithThreshold(3).Of(y, logits).Should().Be(1);
        Metric.BinaryAccuracy.WithThreshold(0).Of([Row(1, 0, 1)], [Row(0.1, -0.1, -1)]).Should().Be(2 / 3.0);
        foreach (var none in (Metric[])[Metric.R2, Metric.RocAuc, Metric.TopK(2), new Metric("Mine", (_, _) => 0, true)])
        {
            none.Invoking(metric => metric.WithThreshold(0)).Should().Throw<InvalidOperationException>()
                .WithMessage($"{none} has no threshold. Those that have one are BinaryAccuracy, Precision, Recall and F1.");
        }
    }

    [Fact]
    public void WithALossFromLogitsANetworksMetricsAreThoseOfTheProbabilities()
    {
        Network Make() => new Network { InitialSeed = 1 }.Add(new FCLayer(1, 1));
        var logits = Make().Use(LossFunction.BinaryCrossEntropyFromLogits);
        var probabilities = Make().Add(new ActivationLayer(ActivationFunction.Sigmoid)).Use(LossFunction.BinaryCrossEntropy);
        Matrix<double>[] x = [Row(0.2), Row(0.1), Row(-0.3), Row(-2), Row(3), Row(0), Row(1), Row(-1)];
        Matrix<double>[] y = [Row(1), Row(0), Row(1), Row(0), Row(1), Row(1), Row(0), Row(0)];
        Metric[] metrics = [Metric.BinaryAccuracy, Metric.Precision, Metric.Recall, Metric.F1, Metric.F1.WithThreshold(0.3)];
        FitOptions Options() => new() { Epochs = 3, Metrics = metrics, TrainingMetrics = true, Validation = (x, y) };

        var (one, other) = (logits.Fit(x, y, Options()), probabilities.Fit(x, y, Options()));

        for (int epoch = 0; epoch < 3; epoch++)
        {
            foreach (var metric in metrics[..4])
            {
                one.Epochs[epoch].Metrics[metric.Name].Should().Be(other.Epochs[epoch].Metrics[metric.Name]);
                one.Epochs[epoch].TrainingMetrics[metric.Name].Should().Be(other.Epochs[epoch].TrainingMetrics[metric.Name]);
                logits.Evaluate(x, y, metrics)[metric].Should().Be(probabilities.Evaluate(x, y, metrics)[metric]);
            }
        }

        logits.Predict(x).Should().Contain(z => z[0, 0] > 0 && z[0, 0] < 0.3, "else any threshold would do");
        logits.Evaluate(x, y, metrics)[metrics[4]].Should().Be(Metric.F1.WithThreshold(0.3).Of(y, logits.Predict(x)));
        Make().Evaluate(x, y, metrics)[Metric.BinaryAccuracy].Should().Be(Metric.BinaryAccuracy.Of(y, Make().Predict(x)));
    }

    [Fact]
    public void MeanAbsoluteErrorIsTheMeanDistanceOfAllValues() =>
        Metric.MeanAbsoluteError.Of([Row(1, 2), Row(3, 4)], [Row(2, 2), Row(0, 6)]).Should().Be((1 + 0 + 3 + 2) / 4.0);

    [Fact]
    public void R2IsOneLessTheUnexplainedShareOfTheVariance() =>
        Metric.R2.Of([Row(3), Row(-0.5), Row(2), Row(7)], [Row(2.5), Row(0), Row(2), Row(8)]).ShouldBeNear(1 - (1.5 / 29.1875), 1e-15);

    [Fact]
    public void R2OfSeveralOutputsIsTheirMean() =>
        Metric.R2.Of([Row(0.5, 1), Row(-1, 1), Row(7, -6)], [Row(0, 2), Row(-1, 2), Row(8, -5)])
            .ShouldBeNear(((1 - (1.25 / (50.25 - (6.5 * 6.5 / 3)))) + (1 - (3 / (98 / 3.0)))) / 2, 1e-15);

    [Fact]
    public void R2OfTargetsThatAreAllTheSameIsOneForExactPredictionsElseZero() =>
        Gen.Select(Gen.Double[-1000, 1000], Gen.Int[2, 40]).Sample((target, count) =>
    {
        var yTrue = Enumerable.Repeat(Row(target), count).ToArray();
        Metric.R2.Of(yTrue, yTrue).Should().Be(1);
        Metric.R2.Of(yTrue, [Row(target + 1e-3), .. yTrue[1..]]).Should().Be(0);
    });

    [Fact]
    public void R2OfThePredictedMeanIsZero() => s_samples.Sample(samples =>
    {
        var mean = samples.True.Aggregate((sum, y) => sum + y) / samples.True.Length;
        Metric.R2.Of(samples.True, [.. samples.True.Select(_ => mean)]).ShouldBeNear(0, 0, 1e-9);
    });

    [Fact]
    public void APerfectPredictionIsAsGoodAsCanBe() => s_samples.Sample(samples =>
    {
        s_all.Where(metric => metric != Metric.RocAuc).Select(metric => metric.Of(samples.True, samples.True))
            .Should().Equal(1, 1, 0, 1, 1, 1, 1, 0, 0);
        Metric.RocAuc.Of(samples.True, samples.True).Should().BeOneOf(1, double.NaN);
        foreach (var metric in s_all.Where(metric => metric != Metric.RocAuc))
        {
            double figure = metric.Of(samples.True, samples.Pred);
            (metric.HigherIsBetter ? figure <= 1 : figure >= 0).Should().BeTrue(metric.Name);
        }
    });

    [Fact]
    public void SharesAreFromZeroToOne() => s_samples.Sample(samples =>
        Metric.Accuracy.Of(samples.True, samples.Pred) is >= 0 and <= 1
            && Metric.BinaryAccuracy.Of(samples.True, samples.Pred) is >= 0 and <= 1);

    [Fact]
    public void TheOrderOfSamplesDoesNotMatterAndNothingIsModified() => Gen.Select(s_samples, Gen.Int).Sample((samples, seed) =>
    {
        var (yTrue, yPred) = (samples.True.Clones(), samples.Pred.Clones());
        int[] order = [.. Enumerable.Range(0, yTrue.Length)];
        Seeded(seed).Shuffle(order);
        foreach (var metric in s_all)
        {
            double figure = metric.Of(yTrue, yPred);
            double shuffled = metric.Of([.. order.Select(i => yTrue[i])], [.. order.Select(i => yPred[i])]);
            if (double.IsFinite(figure))
            {
                shuffled.ShouldBeNear(figure, 1e-9, 1e-12, metric.Name);
            }
            else
            {
                shuffled.Should().Be(figure);
            }
        }

        yTrue.ShouldBeBitForBit(samples.True, "yTrue");
        yPred.ShouldBeBitForBit(samples.Pred, "yPred");
    });

    [Fact]
    public void SparseMatricesGiveTheSame() => s_samples.Sample(samples =>
    {
        var sparse = (
            True: samples.True.Select(Matrix<double>.Build.SparseOfMatrix).ToArray(),
            Pred: samples.Pred.Select(Matrix<double>.Build.SparseOfMatrix).ToArray());
        return s_all.All(metric => metric.Of(sparse.True, sparse.Pred).Equals(metric.Of(samples.True, samples.Pred)));
    });

    [Fact]
    public void APredictionThatIsNotANumberIsWrongOrShows()
    {
        Matrix<double>[] yTrue = [Row(0, 1), Row(1, 0)];
        Matrix<double>[] yPred = [Row(double.NaN, 1), Row(1, double.NaN)];

        s_all.Select(metric => metric.Of(yTrue, yPred)).Should().Equal(
            0, 0.5, double.NaN, double.NaN, 0, 0, 0, double.NaN, double.NaN, double.NaN);
        Metric.TopK(1).Of(yTrue, yPred).Should().Be(0);
        Metric.F1.Of([Row(1), Row(0), Row(1)], [Row(double.NaN), Row(double.NaN), Row(1)]).Should().Be(0.5);
        Metric.R2.Of([Row(1), Row(1)], [Row(1), Row(double.NaN)]).Should().Be(double.NaN);
    }

    [Fact]
    public void AMetricOfOnesOwnIsAskedWithTargetsFirst()
    {
        var bias = new Metric("Bias", (yTrue, yPred) => yTrue.Zip(yPred, (t, y) => y[0, 0] - t[0, 0]).Average(), higherIsBetter: false);

        bias.Of([Row(1), Row(2)], [Row(4), Row(6)]).Should().Be(3.5);
        (bias.Name, bias.HigherIsBetter, bias.ToString()).Should().Be(("Bias", false, "Bias"));
    }

    [Fact]
    public void PrecisionRecallAndF1OfOneValueAreThoseOfYes()
    {
        Matrix<double>[] yTrue = [Row(1), Row(1), Row(1), Row(0), Row(0), Row(0)];
        Matrix<double>[] yPred = [Row(0.5), Row(0.9), Row(0.4), Row(0.6), Row(0.1), Row(-3)];

        Metric.Precision.Of(yTrue, yPred).Should().Be(2 / 3.0);
        Metric.Recall.Of(yTrue, yPred).Should().Be(2 / 3.0);
        Metric.F1.Of([Row(1), Row(1), Row(0)], [Row(0), Row(1), Row(0)]).Should().Be(2 / 3.0);
        Metric.Precision.Of([Row(1), Row(0)], [Row(0), Row(0)]).Should().Be(0, "0 / 0 counts as 0");
        Metric.Recall.Of([Row(0), Row(0)], [Row(0), Row(1)]).Should().Be(0, "0 / 0 counts as 0");
    }

    [Fact]
    public void EachRowOfASequenceIsADecision()
    {
        Matrix<double>[] steps = [Support.Matrices.Of([1, 0, 0], [0, 1, 0]), Support.Matrices.Of([0, 0, 1])];
        Matrix<double>[] guesses = [Support.Matrices.Of([5, 0, 0], [5, 0, 0]), Support.Matrices.Of([0, 0, 1])];
        Matrix<double>[] Rows(Matrix<double>[] sequences) => [.. sequences.SelectMany(Samples.FromRows)];

        foreach (var metric in new[] { Metric.Precision, Metric.Recall, Metric.F1, Metric.RocAuc, Metric.TopK(1), Metric.TopK(2) })
        {
            metric.Of(steps, guesses).Should().Be(metric.Of(Rows(steps), Rows(guesses)), metric.Name);
        }

        Metric.TopK(1).Of(steps, guesses).Should().Be(2 / 3.0);
    }

    [Fact]
    public void TopKOfEqualPredictionsGoesByTheFirst()
    {
        Matrix<double>[] yTrue = [Row(0, 1, 0), Row(0, 0, 1)];
        Matrix<double>[] yPred = [Row(2, 2, 2), Row(2, 2, 2)];

        new[] { 1, 2 }.Select(k => Metric.TopK(k).Of(yTrue, yPred)).Should().Equal(0, 0.5);
    }

    [Fact]
    public void TopOneIsAccuracy() =>
        s_samples.Sample(samples => Metric.TopK(1).Of(samples.True, samples.Pred) == Metric.Accuracy.Of(samples.True, samples.Pred));

    [Fact]
    public void RocAucIsTheShareOfPairsInTheRightOrder() => Gen
        .Select(Gen.Int[2, 30], Gen.Int[1, 8], Gen.Int).Sample((count, steps, seed) =>
    {
        var random = Seeded(seed);
        bool[] isYes = [true, false, .. Enumerable.Range(0, count).Select(_ => random.Next(2) == 1)];
        double[] values = [.. isYes.Select(_ => (double)random.Next(steps))];
        var pairs = from i in Enumerable.Range(0, values.Length)
                    from j in Enumerable.Range(0, values.Length)
                    where isYes[i] && !isYes[j]
                    select values[i] > values[j] ? 1 : values[i] == values[j] ? 0.5 : 0;

        Metric.RocAuc.Of([.. isYes.Select(yes => Row(yes ? 1 : 0))], [.. values.Select(value => Row(value))])
            .ShouldBeNear(pairs.Average(), 1e-12, 1e-15);
    });

    [Fact]
    public void RocAucWithoutBothAnswersIsNotDefined()
    {
        Metric.RocAuc.Of([Row(1), Row(1)], [Row(0.2), Row(0.3)]).Should().Be(double.NaN);
        Metric.RocAuc.Of([Row(1, 0), Row(1, 1)], [Row(0.2, 0.3), Row(0.1, 0.4)]).Should().Be(1, "the second column has both");
    }

    [Fact]
    public void ErrorsOfAThousandfoldOrNothingAreThose()
    {
        Metric.RootMeanSquaredError.Of([Row(1, 2), Row(3, 4)], [Row(4, 2), Row(3, 0)]).Should().Be(2.5);
        Metric.MeanAbsolutePercentageError.Of([Row(10), Row(-4)], [Row(9), Row(-5)]).ShouldBeNear((0.1 + 0.25) / 2, 1e-15);
        Metric.MeanAbsolutePercentageError.Of([Row(0)], [Row(1)]).Should().Be(1L << 52);
    }
}
