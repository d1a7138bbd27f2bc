using MathNet.Numerics.LinearAlgebra;

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
                twin.Fit(x, y, new FitOptions { Epochs = wholeEpochs, BatchSize = BatchSize, Optimizer = optimizer }).Losses.Should().Equal(history.Losses);
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

    [Fact]
    public void CanceledBeforeItStartsTrainingStillHasOneBatch()
    {
        var (x, y) = Trained.Samples(9);
        var (network, twin) = (Trained.Small(), Trained.Small());

        var history = network.Fit(x, y, new FitOptions { BatchSize = 4, Epochs = 5 }, new CancellationToken(true));
        twin.Fit(x[..4], y[..4], new FitOptions { BatchSize = 4 });

        history.StopReason.Should().Be(StopReason.Canceled);
        history.StopMessage.Should().Be("Canceled in epoch 1 of 5, after 1 of its 3 batches.");
        history.Losses.Should().BeEmpty();
        history.ToCsv().Should().Be("epoch,loss,learningRate,seconds\r\n");
        network.Bits().Should().Be(twin.Bits());
    }

    [Fact]
    public void CanceledBetweenEpochsItEndsThere()
    {
        var (x, y) = Trained.Samples(9);
        using var cancellation = new CancellationTokenSource();
        var options = new FitOptions { Epochs = 5, Progress = Trained.Tell<EpochReport>(report => Cancel(cancellation, report.Epoch == 2)) };

        var history = Trained.Small().Fit(x, y, options, cancellation.Token);

        history.StopReason.Should().Be(StopReason.Canceled);
        history.Losses.Should().HaveCount(2);
    }

    [Fact]
    public void CanceledInTheLastEpochsReportAllEpochsWereRun()
    {
        var (x, y) = Trained.Samples(9);
        using var cancellation = new CancellationTokenSource();
        var options = new FitOptions { Epochs = 2, Progress = Trained.Tell<EpochReport>(report => Cancel(cancellation, report.Epoch == 2)) };

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
