using MathNet.Numerics.LinearAlgebra;
using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.BadInputs;

internal static partial class BadInputTable
{
    private static IEnumerable<BadInput> Metrics()
    {
        yield return Null("Metric.ctor(name)", _ => new Metric(null!, (_, _) => 0, true));
        yield return Wrong("Metric.ctor(name)", "empty", _ => new Metric("", (_, _) => 0, true), "name");
        yield return Wrong("Metric.ctor(name)", "blank", _ => new Metric(" ", (_, _) => 0, true), "name");
        yield return Null("Metric.ctor(function)", _ => new Metric("Mine", null!, true));
        yield return Fine(
            "Metric.ctor(higherIsBetter)", "either", _ => (new Metric("Mine", (_, _) => 0, true), new Metric("Mine", (_, _) => 0, false)));

        foreach (var metric in new[]
        {
            Metric.Accuracy, Metric.BinaryAccuracy, Metric.MeanAbsoluteError, Metric.R2, Metric.TopK(1), Metric.Precision, Metric.Recall,
            Metric.F1, Metric.RocAuc, Metric.RootMeanSquaredError, Metric.MeanAbsolutePercentageError,
            new Metric("Mine", (_, _) => 0, true)
        })
        {
            BadInput Refused(string parameter, string what, Matrix<double>[] yTrue, Matrix<double>[] yPred, params string[] says) =>
                Wrong($"Metric.Of({parameter})", $"{what}, for {metric}", _ => metric.Of(yTrue, yPred), says);

            yield return Null("Metric.Of(yTrue)", _ => metric.Of(null!, [Row(1)]), $"null, for {metric}");
            yield return Null("Metric.Of(yPred)", _ => metric.Of([Row(1)], null!), $"null, for {metric}");
            yield return Refused("yTrue", "empty", [], [], $"{metric} expects at least one sample", "yTrue is empty");
            yield return Refused("yPred", "fewer than yTrue", [Row(1), Row(2)], [Row(1)], $"{metric}", "2 yTrue", "1 yPred");
            yield return Refused("yPred", "more than yTrue", [Row(1)], [Row(1), Row(2)], $"{metric}", "1 yTrue", "2 yPred");
            yield return Refused("yTrue", "a null among them", [Row(1), null!], [Row(1), Row(2)], "yTrue[1] is null");
            yield return Refused("yPred", "a null among them", [Row(1), Row(2)], [Row(1), null!], "yPred[1] is null");
            yield return Refused(
                "yPred", "another shape", [Row(1, 2), Row(1, 2)], [Row(1, 2), Zeros(2, 1)], $"{metric}", "yTrue[1] is 1 x 2",
                "yPred[1] is 2 x 1");
            foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            {
                yield return Refused(
                    "yTrue", $"{value}", [Row(1, 2), Row(1, value)], [Row(1, 2), Row(1, 2)], "yTrue[1]", "finite", $"{value} at [0, 1]");
                yield return Fine(
                    "Metric.Of(yPred)", $"{value}, for {metric}", _ => metric.Of([Row(1, 2), Row(1, 2)], [Row(1, 2), Row(1, value)]));
            }
        }

        yield return Wrong(
            "Metric.Of(yTrue)", "two shapes, for R2", _ => Metric.R2.Of([Row(1, 2), Row(1)], [Row(1, 2), Row(1)]),
            "R2 expects samples of one shape", "yTrue[0] is 1 x 2", "yTrue[1] is 1 x 1");

        foreach (var metric in new[] { Metric.Precision, Metric.Recall, Metric.F1, Metric.RocAuc, Metric.TopK(1) })
        {
            yield return Wrong(
                "Metric.Of(yTrue)", $"two numbers of columns, for {metric}",
                _ => metric.Of([Row(1, 2), Row(1, 2, 3)], [Row(1, 2), Row(1, 2, 3)]),
                "as many in each sample", "yTrue[0] is 1 x 2", "yTrue[1] is 1 x 3");
        }

        foreach (int k in NotPositive)
        {
            yield return OutOfRange("Metric.TopK(k)", $"{k}", _ => Metric.TopK(k), "TopK's k", "1 or more", $"{k}");
        }

        yield return Wrong(
            "Metric.Of(yTrue)", "no more classes than k, for Top3Accuracy", _ => Metric.TopK(3).Of([Row(1, 2, 3)], [Row(1, 2, 3)]),
            "Top3Accuracy expects samples of 4 classes or more", "1 x 3", "smaller k");

        foreach (double threshold in new[] { double.NaN, double.PositiveInfinity })
        {
            yield return OutOfRange(
                "Metric.WithThreshold(threshold)",
                $"{threshold}",
                _ => Metric.F1.WithThreshold(threshold),
                "F1's threshold",
                $"{threshold}");
        }

        yield return Wrong(
            "Metric.Of(yTrue)", "several columns, for RecallAt0", _ => Metric.Recall.WithThreshold(0).Of([Row(1, 2)], [Row(1, 2)]),
            "RecallAt0 expects samples of one column", "1 x 2", "without one");

        var evaluation = new Evaluation(0.5, [(Metric.Accuracy, 0.75), (Metric.R2, 0.25)]);
        yield return Null("Evaluation.get_Item(metric)", _ => evaluation[null!]);
        yield return Wrong(
            "Evaluation.get_Item(metric)", "not asked for", _ => evaluation[Metric.BinaryAccuracy], "BinaryAccuracy was not evaluated",
            "the loss, Accuracy, R2", "Evaluate's metrics");
    }
}
