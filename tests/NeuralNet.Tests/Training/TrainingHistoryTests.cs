using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class TrainingHistoryTests
{
    private readonly Matrix<double>[] _x = Trained.Samples(12).X;
    private readonly Matrix<double>[] _y = Trained.Samples(12).Y;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheTableReadsBackToTheSameBitsInAnyCulture(bool validated)
    {
        Metric[] metrics = [new Metric("a, \"b\"\r\nc", (_, yPred) => -yPred[0][0, 0] / 3, higherIsBetter: true), Metric.R2, new Metric("Undefined", (_, _) => double.NaN, higherIsBetter: true)];
        var history = Trained.Small().Fit(_x, _y, new FitOptions
        {
            Epochs = 7,
            BatchSize = 5,
            Metrics = metrics,
            ValidationSplit = validated ? 0.25 : 0,
            Optimizer = new Sgd(0.1),
            Schedule = Schedule.Exponential(1 / 3.0),
        });

        string csv = CommaCulture.Run(history.ToCsv);

        string header = $"epoch,loss,{(validated ? "validationLoss," : "")}\"a, \"\"b\"\"\r\nc\",R2,Undefined,learningRate,seconds\r\n";
        csv.Should().StartWith(header).And.EndWith("\r\n");
        string[] lines = csv[header.Length..].Split("\r\n");
        lines.Should().HaveCount(8);
        for (int i = 0; i < 7; i++)
        {
            var epoch = history.Epochs[i];
            double[] values = [.. lines[i].Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
            double[] expected =
                [i + 1, epoch.Loss, .. validated ? [epoch.ValidationLoss!.Value] : Array.Empty<double>(), .. metrics.Select(metric => epoch.Metrics[metric.Name]), epoch.LearningRate, epoch.Seconds];
            values.Select(BitConverter.DoubleToInt64Bits).Should().Equal(expected.Select(BitConverter.DoubleToInt64Bits));
        }
    }

    [Fact]
    public void TheListsHoldWhatTheReportsSaid()
    {
        var reports = new List<EpochReport>();
        var history = Trained.Small().Fit(_x, _y, new FitOptions
        {
            Epochs = 4,
            Validation = (_x[..3], _y[..3]),
            Metrics = [Metric.R2, Metric.Accuracy],
            Progress = Trained.Tell<EpochReport>(reports.Add),
        });

        history.Epochs.Should().Equal(reports);
        reports.Select(report => report.Epoch).Should().Equal(1, 2, 3, 4);
        history.Losses.Should().Equal(reports.Select(report => report.Loss));
        history.ValidationLosses.Should().Equal(reports.Select(report => report.ValidationLoss!.Value));
        history.LearningRates.Should().Equal(0.01, 0.01, 0.01, 0.01);
        history.Seconds.Should().Equal(reports.Select(report => report.Seconds)).And.OnlyContain(seconds => seconds >= 0 && seconds < 600);
        history.Metrics.Keys.Should().Equal("R2", "Accuracy");
        history.Metrics["Accuracy"].Should().Equal(reports.Select(report => report.Metrics["Accuracy"]));
        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        history.StopMessage.Should().Be("All 4 epochs were run.");
    }

    [Fact]
    public void WhatWasNotAskedForIsEmpty()
    {
        var history = Trained.Small().Fit(_x, _y, 2, 0.1);

        history.ValidationLosses.Should().BeEmpty();
        history.Metrics.Should().BeEmpty();
        history.Epochs.Should().OnlyContain(epoch => epoch.ValidationLoss == null && epoch.Metrics.Count == 0);
        history.ToCsv().Should().StartWith("epoch,loss,learningRate,seconds\r\n1,");
    }

    [Fact]
    public void AnEpochReportIsTheArticlesLineAndWhatElseWasMeasured() => CommaCulture.Run(() =>
    {
        new EpochReport(1, 1000, 0.32298).ToString().Should().Be("epoch 1/1000   error=0.322980");
        new EpochReport(1, 1000, 0.32298) { ValidationLoss = 0.3411, Metrics = new Dictionary<string, double> { ["Accuracy"] = 0.914, ["R2"] = -1234.5 }, LearningRate = 0.1, Seconds = 2 }
            .ToString().Should().Be("epoch 1/1000   error=0.322980   validation error=0.341100   Accuracy=0.914000   R2=-1234.500000");
        return new BatchReport(1, 10, 3, 1875, 0.32298).ToString().Should().Be("epoch 1/10   batch 3/1875   error=0.322980");
    });

    [Fact]
    public void TheMessagesAreTheSameInAnyCulture()
    {
        var options = new FitOptions { Epochs = 1234, Optimizer = new Sgd(0.1), EarlyStopping = new EarlyStopping { MinChange = 0.5, Patience = 2 } };
        string[] Messages() =>
        [
            Trained.Small().Fit(_x, _y, options).StopMessage,
            Trained.Small().Use((_, _) => -double.PositiveInfinity, Losses.MsePrime).Fit(_x, _y, options).StopMessage,
            Trained.Small().Fit(_x, _y, options, new CancellationToken(true)).StopMessage,
        ];

        CommaCulture.Run(Messages).Should().Equal(Messages());
    }
}
