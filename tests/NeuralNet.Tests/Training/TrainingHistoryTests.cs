using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class TrainingHistoryTests
{
    private readonly Matrix<double>[] _x = Trained.Samples(12).X;
    private readonly Matrix<double>[] _y = Trained.Samples(12).Y;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void TheTableReadsBackToTheSameBitsInAnyCulture(bool validated, bool both)
    {
        Metric[] metrics =
        [
            new Metric("a, \"b\"\r\nc", (_, yPred) => -yPred[0][0, 0] / 3, higherIsBetter: true),
            Metric.R2,
            new Metric("Undefined", (_, _) => double.NaN, higherIsBetter: true)
        ];
        var history = Trained.Small().Fit(_x, _y, new FitOptions
        {
            Epochs = 7,
            BatchSize = 5,
            Metrics = metrics,
            TrainingMetrics = both,
            ValidationSplit = validated ? 0.25 : 0,
            Optimizer = new Sgd(0.1),
            Schedule = Schedule.Exponential(1 / 3.0),
        });

        string csv = CommaCulture.Run(history.ToCsv);

        string Names(string of) => $"\"{of}a, \"\"b\"\"\r\nc\",{of}R2,{of}Undefined,";
        string training = !validated || both ? Names("") : "";
        string validation = validated ? $"validationLoss,{Names("validation")}" : "";
        string header = $"epoch,loss,{training}{validation}learningRate,seconds\r\n";
        csv.Should().StartWith(header).And.EndWith("\r\n");
        string[] lines = csv[header.Length..].Split("\r\n");
        lines.Should().HaveCount(8);
        for (int i = 0; i < 7; i++)
        {
            var epoch = history.Epochs[i];
            double[] values = [.. lines[i].Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
            double[] measured = [.. metrics.Select(metric => epoch.Metrics[metric.Name])];
            double[] ofTraining = both ? [.. metrics.Select(metric => epoch.TrainingMetrics[metric.Name])] : [];
            double[] expected =
            [
                i + 1,
                epoch.Loss,
                .. validated ? [.. ofTraining, epoch.ValidationLoss!.Value] : Array.Empty<double>(),
                .. measured,
                epoch.LearningRate,
                epoch.Seconds,
            ];
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
        history.TrainingMetrics.Should().BeEmpty();
        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        history.StopMessage.Should().Be("All 4 epochs were run.");
    }

    [Theory]
    [InlineData("split")]
    [InlineData("given")]
    [InlineData("none")]
    public void TrainingsAndValidationsMetricsAreBothHad(string validation)
    {
        var network = Trained.Small();
        int calls = 0;
        var spy = new Metric("Samples", (yTrue, _) => yTrue.Count + (0 * ++calls), higherIsBetter: true);
        var expected = new List<(double Training, double Validation)>();

        var history = network.Fit(_x, _y, new FitOptions
        {
            Epochs = 3,
            Optimizer = new Sgd(0.1),
            Metrics = [Metric.R2, spy],
            TrainingMetrics = true,
            Validation = validation == "given" ? (_x[..3], _y[..3]) : null,
            ValidationSplit = validation == "split" ? 0.25 : 0,
            Progress = Trained.Tell<EpochReport>(_ =>
                expected.Add((network.Evaluate(_x, _y, Metric.R2)[Metric.R2], network.Evaluate(_x[..3], _y[..3], Metric.R2)[Metric.R2]))),
        });

        var (training, validated) = validation switch { "split" => (9, 3), "given" => (12, 3), _ => (12, 12) };
        history.TrainingMetrics["Samples"].Should().Equal(training, training, training);
        history.Metrics["Samples"].Should().Equal(validated, validated, validated);
        history.Epochs.Select(epoch => epoch.TrainingMetrics["R2"]).Should().Equal(history.TrainingMetrics["R2"]);
        calls.Should().Be(validation == "none" ? 3 : 6, "without validation samples both are the same figures");
        if (validation != "split")
        {
            history.TrainingMetrics["R2"].Should().Equal(expected.Select(epoch => epoch.Training));
            history.Metrics["R2"].Should().Equal(expected.Select(epoch => validation == "none" ? epoch.Training : epoch.Validation));
        }
    }

    [Fact]
    public void TrainingsMetricsChangeNoBitOfTraining()
    {
        FitOptions Options(bool both) =>
            new() { Epochs = 3, Seed = 1, Shuffle = true, ValidationSplit = 0.25, Metrics = [Metric.R2], TrainingMetrics = both };
        var (network, twin) = (Trained.Small(batchNorm: true), Trained.Small(batchNorm: true));

        var (with, without) = (network.Fit(_x, _y, Options(both: true)), twin.Fit(_x, _y, Options(both: false)));

        network.Bits().Should().Be(twin.Bits());
        with.Metrics["R2"].Should().Equal(without.Metrics["R2"]);
        with.ValidationLosses.Should().Equal(without.ValidationLosses);
    }

    [Fact]
    public void WhatWasNotAskedForIsEmpty()
    {
        var history = Trained.Small().Fit(_x, _y, 2, 0.1);

        history.ValidationLosses.Should().BeEmpty();
        history.Metrics.Should().BeEmpty();
        history.TrainingMetrics.Should().BeEmpty();
        history.Epochs.Should().OnlyContain(epoch => epoch.ValidationLoss == null && epoch.Metrics.Count == 0);
        history.ToCsv().Should().StartWith("epoch,loss,learningRate,seconds\r\n1,");
    }

    [Fact]
    public void AnEpochReportIsTheArticlesLineAndWhatElseWasMeasured() => CommaCulture.Run(() =>
    {
        new EpochReport(1, 1000, 0.32298).ToString().Should().Be("epoch 1/1000   error=0.322980");
        new EpochReport(1, 1000, 0.32298)
        {
            ValidationLoss = 0.3411,
            Metrics = new Dictionary<string, double> { ["Accuracy"] = 0.914, ["R2"] = -1234.5 },
            LearningRate = 0.1,
            Seconds = 2
        }
            .ToString().Should().Be(
                "epoch 1/1000   error=0.322980   validation error=0.341100   validation Accuracy=0.914000   validation R2=-1234.500000");
        new EpochReport(1, 10, 0.5) { Metrics = new Dictionary<string, double> { ["Accuracy"] = 0.75 } }.ToString()
            .Should().Be("epoch 1/10   error=0.500000   Accuracy=0.750000");
        new EpochReport(1, 10, 0.5)
        {
            ValidationLoss = 0.25,
            Metrics = new Dictionary<string, double> { ["Accuracy"] = 0.75 },
            TrainingMetrics = new Dictionary<string, double> { ["Accuracy"] = 0.875 },
        }.ToString()
            .Should().Be("epoch 1/10   error=0.500000   Accuracy=0.875000   validation error=0.250000   validation Accuracy=0.750000");
        return new BatchReport(1, 10, 3, 1875, 0.32298).ToString().Should().Be("epoch 1/10   batch 3/1875   error=0.322980");
    });

    [Fact]
    public void TheMessagesAreTheSameInAnyCulture()
    {
        var options =
            new FitOptions { Epochs = 1234, Optimizer = new Sgd(0.1), EarlyStopping = new EarlyStopping { MinChange = 0.5, Patience = 2 } };
        string[] Messages() =>
        [
            Trained.Small().Fit(_x, _y, options).StopMessage,
            Trained.Small().Use((_, _) => -double.PositiveInfinity, Losses.MsePrime).Fit(_x, _y, options).StopMessage,
            Trained.Small().Fit(_x, _y, options, new CancellationToken(true)).StopMessage,
        ];

        CommaCulture.Run(Messages).Should().Equal(Messages());
    }
}
