using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Training;

public class CancellationTests
{
    private const int Epochs = 3;
    private const int BatchSize = 3;

    public static TheoryData<int> EveryBatch => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(EveryBatch))]
    public void CanceledAtAnyBatchTheNetworkHasLearntTheBatchesSoFar(int last)
    {
        foreach (bool batchNorm in new[] { false, true })
        {
            var (x, y) = Trained.Samples(11);
            var network = Trained.Small(batchNorm);
            using var cancellation = new CancellationTokenSource();
            int batches = 0;

            var history = network.Fit(
                x,
                y,
                new FitOptions
                {
                    Epochs = Epochs,
                    BatchSize = BatchSize,
                    Optimizer = new Adam(0.05),
                    BatchProgress = Trained.Tell<BatchReport>(_ =>
                    {
                        if (++batches == last)
                        {
                            cancellation.Cancel();
                        }
                    }),
                },
                cancellation.Token);

            batches.Should().Be(last);
            var (wholeEpochs, rest) = (last / 4, last % 4);
            history.Losses.Should().HaveCount(wholeEpochs);
            history.Epochs.Should().HaveCount(wholeEpochs);
            history.StopReason.Should().Be(last == 12 ? StopReason.EpochsCompleted : StopReason.Canceled);
            history.StopMessage.Should().Be(
                last == 12 ? "All 3 epochs were run."
                : rest == 0 ? $"Canceled after epoch {wholeEpochs} of 3."
                : $"Canceled in epoch {wholeEpochs + 1} of 3, after {rest} of its 4 batches.");

            var twin = Trained.Small(batchNorm);
            var optimizer = new Adam(0.05);
            if (wholeEpochs > 0)
            {
                twin.Fit(x, y, new FitOptions { Epochs = wholeEpochs, BatchSize = BatchSize, Optimizer = optimizer }).Losses
                    .Should().Equal(history.Losses);
            }

            if (rest > 0)
            {
                twin.Fit(x[..(rest * BatchSize)], y[..(rest * BatchSize)], new FitOptions { BatchSize = BatchSize, Optimizer = optimizer });
            }

            network.Bits().Should().Be(twin.Bits());
            network.ShouldHaveNoGradients();
            network.Predict(x).Should().HaveCount(11);
            network.Fit(x, y, new FitOptions { BatchSize = BatchSize }).StopReason.Should().Be(StopReason.EpochsCompleted);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CanceledBeforeItStartsNothingHappens(bool articles)
    {
        var (x, y) = Trained.Samples(9);
        var network = Trained.Small(batchNorm: !articles);
        var optimizer = new Adam(0.1);
        foreach (var parameter in network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters))
        {
            parameter.Gradient[0, 0] = 7;
        }

        string before = Fingerprint.OfState(network.Layers);
        int told = 0;
        var spy = new Metric("Spy", (_, _) => ++told, higherIsBetter: true);
        var canceled = new CancellationToken(true);

        var history = articles
            ? network.Fit(x, y, 5, 0.1, Trained.Tell<EpochReport>(_ => told++), canceled)
            : network.Fit(
                x,
                y,
                new FitOptions
                {
                    BatchSize = 4,
                    Epochs = 5,
                    Optimizer = optimizer,
                    Schedule = new Schedule((_, _) => ++told),
                    ValidationSplit = 0.2,
                    Metrics = [spy],
                    EarlyStopping = new EarlyStopping { Monitor = spy },
                    Progress = Trained.Tell<EpochReport>(_ => told++),
                    BatchProgress = Trained.Tell<BatchReport>(_ => told++),
                },
                canceled);

        history.StopReason.Should().Be(StopReason.Canceled);
        history.StopMessage.Should().Be("Canceled before training began.");
        history.Losses.Should().BeEmpty();
        history.BestEpoch.Should().BeNull();
        history.ToCsv().Should().Be("epoch,loss,learningRate,seconds\r\n");
        Fingerprint.OfState(network.Layers).Should().Be(before);
        network.InitialSeed.Should().BeNull();
        optimizer.LearningRate.Should().Be(0.1);
        told.Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CanceledBeforeItStartsNoCheckpointIsWrittenOrGoneOnFrom(bool isThere)
    {
        var (x, y) = Trained.Samples(9);
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "run.safetensors");
        FitOptions Options() => new() { Epochs = 3, Seed = 1, Checkpoint = new Checkpoint(path) { Resume = true, KeepBest = true } };
        if (isThere)
        {
            Trained.Small().Fit(x, y, Options());
        }

        string[] files = Directory.GetFiles(folder.Path);
        byte[]? file = isThere ? File.ReadAllBytes(path) : null;
        var network = Trained.Small(seed: 5);
        string before = network.Bits();

        var history = network.Fit(x, y, Options(), new CancellationToken(true));

        (history.StopReason, history.Losses.Count).Should().Be((StopReason.Canceled, 0));
        network.Bits().Should().Be(before);
        network.InitialSeed.Should().BeNull();
        Directory.GetFiles(folder.Path).Should().BeEquivalentTo(files);
        (isThere ? File.ReadAllBytes(path) : null).Should().Equal(file);
    }

    [Fact]
    public void WhatIsWrongIsRefusedThoughCanceled() =>
        Trained.Small().Invoking(network => network.Fit([], [], new FitOptions(), new CancellationToken(true)))
            .Should().ThrowExactly<ArgumentException>();

    [Fact]
    public void CanceledBetweenEpochsItEndsThere()
    {
        var (x, y) = Trained.Samples(9);
        using var cancellation = new CancellationTokenSource();
        var options =
            new FitOptions { Epochs = 5, Progress = Trained.Tell<EpochReport>(report => Cancel(cancellation, report.Epoch == 2)) };

        var history = Trained.Small().Fit(x, y, options, cancellation.Token);

        history.StopReason.Should().Be(StopReason.Canceled);
        history.Losses.Should().HaveCount(2);
    }

    [Fact]
    public void CanceledInTheLastEpochsReportAllEpochsWereRun()
    {
        var (x, y) = Trained.Samples(9);
        using var cancellation = new CancellationTokenSource();
        var options =
            new FitOptions { Epochs = 2, Progress = Trained.Tell<EpochReport>(report => Cancel(cancellation, report.Epoch == 2)) };

        Trained.Small().Fit(x, y, options, cancellation.Token).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void TheArticlesFitEndsItsEpoch()
    {
        var (x, y) = Trained.Samples(9);
        using var cancellation = new CancellationTokenSource();
        int calls = 0;
        var network = Trained.Small().Use(
            (yTrue, yPred) =>
            {
                Cancel(cancellation, ++calls == 13);
                return Losses.Mse(yTrue, yPred);
            },
            Losses.MsePrime);
        var twin = Trained.Small();

        var history = network.Fit(x, y, 5, 0.1, cancellationToken: cancellation.Token);
        twin.Fit(x, y, 2, 0.1);

        history.StopReason.Should().Be(StopReason.Canceled);
        history.Losses.Should().HaveCount(2);
        calls.Should().Be(18);
        network.Values().ShouldBeNear(twin.Values());
    }

    private static void Cancel(CancellationTokenSource cancellation, bool now)
    {
        if (now)
        {
            cancellation.Cancel();
        }
    }
}
