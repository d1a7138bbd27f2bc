namespace NeuralNet.Tests.Training;

public class EarlyStoppingTests
{
    /// <summary>A validation loss that falls to epoch 4 and rises again: the training samples teach more and more what the validation samples deny.</summary>
    private static TrainingHistory Run(EarlyStopping stopping, int epochs = 50, Metric? metric = null, Action<EpochReport>? progress = null, Network? network = null, CancellationToken token = default)
    {
        var (x, y) = Networks.Samples("everything", 60);
        var (xValidation, yValidation) = Networks.Samples("everything", 20, seed: 5);
        return (network ?? Networks.Make("everything")).Fit(
            x,
            y,
            new FitOptions
            {
                Epochs = epochs,
                BatchSize = 20,
                Optimizer = new Adam(0.03),
                Seed = 2,
                Validation = (xValidation, yValidation),
                Metrics = metric is null ? [] : [metric],
                EarlyStopping = stopping,
                Progress = progress is null ? null : new SynchronousProgress<EpochReport>(progress),
            },
            token);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TrainingEndsWhenTheValidationLossHasNotFallenForThePatience(int patience)
    {
        var network = Networks.Make("everything");
        var history = Run(new EarlyStopping { Patience = patience }, network: network);

        history.StopReason.Should().Be(StopReason.EarlyStopping);
        int best = history.ValidationLosses.Index().MinBy(pair => pair.Item).Index + 1;
        history.BestEpoch.Should().Be(best);
        history.Losses.Should().HaveCount(best + patience);
        history.StopMessage.Should().StartWith($"Stopped after epoch {best + patience}: the validation loss was best in epoch {best}");
    }

    [Fact]
    public void TheBestWeightsComeBackBitForBit()
    {
        var network = Networks.Make("everything");
        var history = Run(new EarlyStopping { Patience = 3 }, network: network);
        history.BestEpoch.Should().BeLessThan(history.Losses.Count);

        var best = Networks.Make("everything");
        Run(new EarlyStopping { Patience = 1000 }, epochs: history.BestEpoch!.Value, network: best);
        var last = Networks.Make("everything");
        Run(new EarlyStopping { Patience = 3, RestoreBestWeights = false }, network: last);

        Networks.Hash(network).Should().Be(Networks.Hash(best), "running statistics included");
        Networks.Hash(network).Should().NotBe(Networks.Hash(last));
    }

    [Fact]
    public void TheBestWeightsComeBackHoweverTrainingEnds()
    {
        var reference = Run(new EarlyStopping { Patience = 3 });
        int best = reference.BestEpoch!.Value;
        var expected = Networks.Make("everything");
        Run(new EarlyStopping(), epochs: best, network: expected);

        var outOfEpochs = Networks.Make("everything");
        Run(new EarlyStopping { Patience = 100 }, epochs: best + 1, network: outOfEpochs).StopReason.Should().Be(StopReason.EpochsCompleted);
        using var source = new CancellationTokenSource();
        var canceled = Networks.Make("everything");
        Run(new EarlyStopping { Patience = 100 }, network: canceled, token: source.Token, progress: report => CancelAfter(report, best + 1, source)).StopReason.Should().Be(StopReason.Canceled);

        Networks.Hash(outOfEpochs).Should().Be(Networks.Hash(expected));
        Networks.Hash(canceled).Should().Be(Networks.Hash(expected));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AMetricIsFollowedInItsDirection(bool higherIsBetter)
    {
        double[] values = [5, 7, 6, 7, 7, 4, 9];
        int calls = 0;
        var metric = new Metric("mine", (_, _) => values[calls++], higherIsBetter);

        var history = Run(new EarlyStopping { Monitor = metric, Patience = higherIsBetter ? 3 : 4 }, metric: metric);

        history.BestEpoch.Should().Be(higherIsBetter ? 2 : 1);
        history.Losses.Should().HaveCount(5);
        history.StopMessage.Should().StartWith("Stopped after epoch 5: mine was best in epoch");
    }

    [Fact]
    public void AChangeBelowTheMinimumIsNone()
    {
        double[] values = [1, 0.95, 0.89, 0.85, 0.8, 0.5];
        int calls = 0;
        var metric = new Metric("mine", (_, _) => values[calls++], higherIsBetter: false);

        var history = Run(new EarlyStopping { Monitor = metric, Patience = 2, MinChange = 0.1 }, metric: metric);

        history.BestEpoch.Should().Be(3);
        history.Losses.Should().HaveCount(5);
        history.StopMessage.Should().Be("Stopped after epoch 5: mine was best in epoch 3, 0.89, and not better by more than 0.1 for 2 epochs.");
    }

    [Fact]
    public void WithoutValidationTheTrainingLossIsFollowed()
    {
        var network = new Network().Add(new FCLayer(1, 1, random: Draw.Seeded(1))).Use((_, _) => 2, (_, y) => 0 * y);

        var history = network.Fit([Draw.Row(1)], [Draw.Row(1)], new FitOptions { Epochs = 9, EarlyStopping = new EarlyStopping { Patience = 4 } });

        history.Losses.Should().HaveCount(5);
        history.BestEpoch.Should().Be(1);
        history.StopMessage.Should().Be("Stopped after epoch 5: the loss was best in epoch 1, 2, and not better for 4 epochs.");
    }

    private static void CancelAfter(EpochReport report, int epoch, CancellationTokenSource source)
    {
        if (report.Epoch == epoch)
        {
            source.Cancel();
        }
    }
}
