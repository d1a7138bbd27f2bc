using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using static NeuralNet.Tests.Refusals;

namespace NeuralNet.Tests.Data;

/// <summary>Reports and metrics of classes against scikit-learn's figures, and by hand.</summary>
public class ClassificationReportTests
{
    private const double Tolerance = 1e-12;

    private static readonly JsonElement s_golden = GoldenFile.Read("metrics.json");

    public static TheoryData<int> Classes => [.. Enumerable.Range(0, s_golden.GetProperty("classes").GetArrayLength())];

    public static TheoryData<int> Binary => [.. Enumerable.Range(0, s_golden.GetProperty("binary").GetArrayLength())];

    public static TheoryData<int> Regression => [.. Enumerable.Range(0, s_golden.GetProperty("regression").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Classes))]
    public void FiguresOfClassesAreScikitLearns(int index)
    {
        var golden = s_golden.GetProperty("classes")[index];
        var scores = Samples.FromRows(golden.GetProperty("scores").Matrix());
        int[] labels = [.. golden.GetProperty("labels").Numbers().Select(label => (int)label)];
        var y = Labels.OneHot(labels, scores[0].ColumnCount);
        double[] macro = golden.GetProperty("macro").Numbers();
        double[] weighted = golden.GetProperty("weighted").Numbers();

        var report = ClassificationReport.Of(y, scores);

        Near(report.Classes.Select(one => one.Precision), golden.GetProperty("precision").Numbers());
        Near(report.Classes.Select(one => one.Recall), golden.GetProperty("recall").Numbers());
        Near(report.Classes.Select(one => one.F1), golden.GetProperty("f1").Numbers());
        report.Classes.Select(one => (double)one.Support).Should().Equal(golden.GetProperty("support").Numbers());
        Near([report.MacroAverage.Precision, report.MacroAverage.Recall, report.MacroAverage.F1], macro);
        Near([report.WeightedAverage.Precision, report.WeightedAverage.Recall, report.WeightedAverage.F1], weighted);
        report.Accuracy.Should().Be(golden.Double("accuracy"));
        Near([Metric.Precision.Of(y, scores), Metric.Recall.Of(y, scores), Metric.F1.Of(y, scores)], macro);
        Metric.RocAuc.Of(y, scores).ShouldBeNear(golden.Double("rocAuc"), Tolerance);
        Near(
            Enumerable.Range(1, scores[0].ColumnCount - 1).Select(k => Metric.TopK(k).Of(y, scores)), golden.GetProperty("topK").Numbers());
        ClassificationReport.Of(labels, Labels.ArgMax(scores)).ToString().Should().Be(report.ToString());
        var confusion = ConfusionMatrix.Of(y, scores);
        Matrix<double>.Build.Dense(confusion.Names.Count, confusion.Names.Count, (row, column) => confusion[row, column])
            .Should().Be(golden.GetProperty("confusion").Matrix());
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void FiguresOfYesOrNoAreScikitLearns(int index)
    {
        var golden = s_golden.GetProperty("binary")[index];
        var y = Samples.FromRows(golden.GetProperty("labels").Numbers(), label => [label]);
        var scores = Samples.FromRows(golden.GetProperty("scores").Numbers(), score => [score]);

        Metric.Precision.Of(y, scores).ShouldBeNear(golden.Double("precision"), Tolerance);
        Metric.Recall.Of(y, scores).ShouldBeNear(golden.Double("recall"), Tolerance);
        Metric.F1.Of(y, scores).ShouldBeNear(golden.Double("f1"), Tolerance);
        Metric.RocAuc.Of(y, scores).ShouldBeNear(golden.Double("rocAuc"), Tolerance);
        ClassificationReport.Of(y, scores, ["no", "yes"]).Classes[1].F1.ShouldBeNear(golden.Double("f1"), Tolerance);
        var confusion = ConfusionMatrix.Of(y, scores);
        Matrix<double>.Build.Dense(2, 2, (row, column) => confusion[row, column]).Should().Be(golden.GetProperty("confusion").Matrix());
    }

    [Theory]
    [MemberData(nameof(Regression))]
    public void ErrorsAreScikitLearns(int index)
    {
        var golden = s_golden.GetProperty("regression")[index];
        var y = Samples.FromRows(golden.GetProperty("targets").Matrix());
        var predictions = Samples.FromRows(golden.GetProperty("predictions").Matrix());

        Metric.RootMeanSquaredError.Of(y, predictions).ShouldBeNear(golden.Double("rootMeanSquaredError"), Tolerance);
        Metric.MeanAbsolutePercentageError.Of(y, predictions).ShouldBeNear(golden.Double("meanAbsolutePercentageError"), Tolerance);
    }

    [Fact]
    public void AReportLooksAsPeopleKnowIt() =>
        ClassificationReport.Of([0, 1, 2, 2, 0], [0, 0, 2, 2, 1], ["first", "second", "third"]).ToString().Should().Be("""
                          precision    recall  f1-score   support

                   first       0.50      0.50      0.50         2
                  second       0.00      0.00      0.00         1
                   third       1.00      1.00      1.00         2

                accuracy                           0.60         5
               macro avg       0.50      0.50      0.50         5
            weighted avg       0.60      0.60      0.60         5
            """.ReplaceLineEndings("\n"));

    [Fact]
    public void LongNamesMakeTheFirstColumnWider()
    {
        string[] lines = ClassificationReport.Of([0, 1], [0, 1], ["a name that is long", "b"]).ToString().Split('\n');

        lines.Where(line => line.Length > 0).Should().OnlyContain(line => line.Length == "a name that is long".Length + 41);
        lines[2].Should().StartWith("a name that is long       1.00");
    }

    [Fact]
    public void ClassesThatDoNotOccurAreLeftOut() =>
        ClassificationReport.Of([0, 2], [0, 0], ["a", "b", "c"]).Classes.Select(one => one.Name).Should().Equal("a", "c");

    [Fact]
    public void AConfusionMatrixHasTheTrueClassesAsItsRows()
    {
        var confusion = ConfusionMatrix.Of([0, 0, 1, 1, 1, 2], [0, 2, 1, 1, 0, 2], ["Adelie", "Chinstrap", "Gentoo"]);

        (confusion[0, 2], confusion[2, 0], confusion[1, 0], confusion[1, 1]).Should().Be((1, 0, 1, 2));
        confusion.ToString().Should().Be("""
            true \ predicted  Adelie  Chinstrap  Gentoo
                      Adelie       1          0       1
                   Chinstrap       1          2       0
                      Gentoo       0          0       1
            """.ReplaceLineEndings("\n"));
        ConfusionMatrix.Of(Enumerable.Repeat(1, 1000).ToArray(), Enumerable.Repeat(0, 1000).ToArray()).ToString().Should().Be("""
            true \ predicted     0  1
                           0     0  0
                           1  1000  0
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void EachRowOfASequenceIsCounted() =>
        ConfusionMatrix.Of([Matrices.Of([1, 0], [0, 1], [0, 1])], [Matrices.Of([1, 0], [1, 0], [0, 1])])[1, 0].Should().Be(1);

    [Fact]
    public void WhatHasNoClassesIsRefusedInWords()
    {
        Matrix<double>[] y = [Draw.Row(1, 0), Draw.Row(0, 1)];
        foreach (var of in (Func<Matrix<double>[], Matrix<double>[], string[]?, object>[])[
            ConfusionMatrix.Of, ClassificationReport.Of])
        {
            Refused<ArgumentNullException>(() => of(null!, y, null), "y");
            Refused<ArgumentNullException>(() => of(y, null!, null), "predictions");
            Refused<ArgumentException>(() => of([], [], null), "y", "expects at least one sample, but y is empty");
            Refused<ArgumentException>(() => of(y, y[..1], null), "predictions", "2 y and 1 predictions");
            Refused<ArgumentException>(() => of(y, [y[0], Draw.Row(1)], null), "predictions", "y[1] is 1 x 2", "predictions[1] is 1 x 1");
            Refused<ArgumentException>(() => of(y, [y[0], Draw.Row(1, double.NaN)], null), "predictions", "NaN in predictions[1]");
            Refused<ArgumentException>(
                () => of([y[0], Draw.Row(1)], [y[0], Draw.Row(1)], null), "y", "y[0] is 1 x 2 and y[1] is 1 x 1");
            Refused<ArgumentException>(() => of(y, y, ["a"]), "names", "a name for each of 2 classes, but got 1");
            Refused<ArgumentException>(() => of(y, y, ["a", null!]), "names", "one is null");
        }

        foreach (var of in (Func<int[], int[], string[]?, object>[])[ConfusionMatrix.Of, ClassificationReport.Of])
        {
            Refused<ArgumentNullException>(() => of(null!, [1], null), "y");
            Refused<ArgumentNullException>(() => of([1], null!, null), "predictions");
            Refused<ArgumentException>(() => of([], [], null), "y", "y is empty");
            Refused<ArgumentException>(() => of([1, 2], [1], null), "predictions", "2 y and 1 predictions");
            Refused<ArgumentException>(() => of([0, 1], [0, -1], null), "predictions", "from 0 to 1", "predictions[1] is -1");
            Refused<ArgumentException>(() => of([0, 2], [0, 1], ["a", "b"]), "y", "from 0 to 1", "y[1] is 2");
            Refused<ArgumentOutOfRangeException>(() => of([0, int.MaxValue], [0, 0], null), "y", "table of all labels");
            Refused<ArgumentOutOfRangeException>(() => of([0, 0], [0, 50_000], null), "predictions", "2,500,100,001");
        }

        FluentActions.Invoking(() => ConfusionMatrix.Of([0], [0])[0, 1]).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*classes from 0 to 0*asked for 1*");
    }

    private static void Near(IEnumerable<double> actual, double[] expected) =>
        Draw.Row([.. actual]).ShouldBeNear(Draw.Row(expected), Tolerance);
}
