using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class EarlyStoppingTests
{
    /// <summary>What is watched in each epoch, the options, and the epochs that training then has and finds best.</summary>
    public static TheoryData<double[], bool, int, double, int, int> Courses => new()
    {
        { [5, 4, 4.5, 4.2, 3, 9, 9, 1], false, 2, 0, 4, 2 },
        { [5, 4, 4.5, 4.2, 3, 9, 9, 1], false, 3, 0, 8, 8 },
        { [5, 4, 4.5, 4.2, 3, 9, 9, 9], false, 3, 0, 8, 5 },
        { [5, 4, 4.5, 4.2, 3, 9, 9, 1], false, 1, 0, 3, 2 },
        { [5, 4, 4, 4, 4], false, 3, 0, 5, 2 },
        { [1, 2, 3, 4], false, 2, 0, 3, 1 },
        { [1, 2, 3, 4], true, 2, 0, 4, 4 },
        { [4, 3, 2, 1], true, 3, 0, 4, 1 },
        { [5, 4.5, 4, 3.5, 3], false, 2, 0.75, 5, 5 },
        { [5, 4.5, 4.25, 4.25, 1], false, 2, 0.75, 3, 1 },
        { [1, 1.5, 2, 2.5, 3], true, 3, 0.75, 5, 5 },
        { [5, 4, 4.5, 1], false, 2, 1, 3, 1 },
        { [double.PositiveInfinity, 2, 3, 4], false, 2, 0, 4, 2 },
        { [double.NaN, 5, 4, 6, 6, 6], false, 2, 0, 5, 3 },
        { [double.NaN, 5, 6, 6, 6], true, 2, 0, 5, 3 },
        { [5, double.NaN, 4, double.NaN, double.NaN], false, 2, 0, 5, 3 },
        { [double.NaN, double.NaN, double.NaN], false, 2, 0, 3, 1 },
    };

    [Theory]
    [MemberData(nameof(Courses))]
    public void AMetricIsWatched(double[] course, bool higherIsBetter, int patience, double minChange, int epochs, int best)
    {
        int epoch = 0;
        var metric = new Metric("Scripted", (_, _) => course[epoch++], higherIsBetter);
        var (x, y) = Trained.Samples(10);
        var network = Trained.Small(batchNorm: true);

        var history = network.Fit(
            x, y, Options(course.Length, metric, new EarlyStopping { Monitor = metric, Patience = patience, MinChange = minChange }));

        history.Losses.Should().HaveCount(epochs);
        history.BestEpoch.Should().Be(best);
        history.StopReason.Should().Be(epochs - best == patience ? StopReason.EarlyStopping : StopReason.EpochsCompleted);
        ShouldBeTrainedFor(network, best);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WithoutAMonitorTheValidationLossIsWatchedElseTheTrainingLoss(bool validated)
    {
        double[] course = [5, 3, 4, 2.5, 6, 7, 1];
        int epoch = 0;
        const double Watched = 1;
        var network = new Network().Add(new FCLayer(1, 1))
            .Use((yTrue, _) => yTrue[0, 0] == Watched ? course[epoch++] : 0, (_, yPred) => 0 * yPred);
        var (watched, other) = (Draw.Row(Watched), Draw.Row(2));

        var history = network.Fit([other], [validated ? other : watched], new FitOptions
        {
            Epochs = 7,
            Validation = validated ? ([other], [watched]) : null,
            EarlyStopping = new EarlyStopping { Patience = 2 },
        });

        (validated ? history.ValidationLosses : history.Losses).Should().Equal(course[..6]);
        history.StopReason.Should().Be(StopReason.EarlyStopping);
        history.BestEpoch.Should().Be(4);
        history.StopMessage.Should().Be(
            $"Stopped after epoch 6: the {(validated ? "validation loss" : "loss")} was best in epoch 4, 2.5, and not better for 2 "
            + "epochs.");
        history.ToString().Should().Be(history.StopMessage);
    }

    [Fact]
    public void TheMessageNamesTheMetricAndTheChangeInAnyCulture()
    {
        var metric = Scripted(5, 4.5, 4.25);
        var (x, y) = Trained.Samples(10);

        var history = CommaCulture.Run(() => Trained.Small()
            .Fit(x, y, Options(9, metric, new EarlyStopping { Monitor = metric, Patience = 2, MinChange = 1.5 })));

        history.StopMessage
            .Should().Be("Stopped after epoch 3: Scripted was best in epoch 1, 5, and not better by more than 1.5 for 2 epochs.");
    }

    [Fact]
    public void TheBestWeightsComeBackWhereTheEpochsRunOut()
    {
        var metric = Scripted(5, 3, 4);
        var (x, y) = Trained.Samples(10);
        var network = Trained.Small(batchNorm: true);

        var history = network.Fit(x, y, Options(3, metric, new EarlyStopping { Monitor = metric }));

        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        ShouldBeTrainedFor(network, 2);
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    public void TheBestWeightsComeBackWhereTrainingIsCanceled(int epoch, int batch)
    {
        var metric = Scripted(5, 3, 4, 4, 4);
        var (x, y) = Trained.Samples(10);
        var network = Trained.Small(batchNorm: true);
        using var cancellation = new CancellationTokenSource();

        var history = network.Fit(
            x,
            y,
            Options(5, metric, new EarlyStopping { Monitor = metric }, report =>
            {
                if (report.Epoch == epoch && report.Batch == batch)
                {
                    cancellation.Cancel();
                }
            }),
            cancellation.Token);

        history.StopReason.Should().Be(StopReason.Canceled);
        history.BestEpoch.Should().Be(2);
        ShouldBeTrainedFor(network, 2);
    }

    [Fact]
    public void TheBestWeightsComeBackWhereTrainingOverflowsOrFails()
    {
        var metric = Scripted(5, 3, 4, 4, 4);
        foreach (bool fails in new[] { false, true })
        {
            var (x, y) = Trained.Samples(10);
            int call = 0;
            var network = Trained.Small(batchNorm: true).Use(
                (yTrue, yPred) => ++call < 40 ? Losses.Mse(yTrue, yPred) : fails ? throw new NotSupportedException() : double.NaN,
                Losses.MsePrime);
            metric = Scripted(5, 3, 4, 4, 4);
            TrainingHistory? history = null;

            var exception = Record.Exception(() => history = network.Fit(x, y, Options(5, metric, new EarlyStopping { Monitor = metric })));

            (exception?.InnerException is NotSupportedException).Should().Be(fails);
            history?.StopReason.Should().Be(StopReason.NumericOverflow);
            history?.StopMessage.Should().Contain("The network has the parameters of its best epoch, 2.");
            ShouldBeTrainedFor(network, 2);
        }
    }

    [Fact]
    public void CanceledBeforeAnEpochEndedTheWeightsStayAsTheyAre()
    {
        var metric = Scripted(5);
        var (x, y) = Trained.Samples(10);
        var (network, twin) = (Trained.Small(), Trained.Small());
        using var cancellation = new CancellationTokenSource();
        void Cancel(BatchReport report) => cancellation.Cancel();

        var history = network.Fit(x, y, Options(5, metric, new EarlyStopping { Monitor = metric }, Cancel), cancellation.Token);
        using var again = new CancellationTokenSource();
        twin.Fit(x, y, Options(5, metric, null, _ => again.Cancel()), again.Token);

        history.BestEpoch.Should().BeNull();
        history.Epochs.Should().BeEmpty();
        network.Bits().Should().Be(twin.Bits()).And.NotBe(Trained.Small().Bits());
    }

    [Fact]
    public void WithoutRestoreTheLastWeightsStay()
    {
        var metric = Scripted(5, 3, 4, 4, 4);
        var (x, y) = Trained.Samples(10);
        var network = Trained.Small(batchNorm: true);

        var history =
            network.Fit(x, y, Options(9, metric, new EarlyStopping { Monitor = metric, Patience = 3, RestoreBestWeights = false }));

        history.BestEpoch.Should().Be(2);
        history.Losses.Should().HaveCount(5);
        ShouldBeTrainedFor(network, 5);
    }

    [Fact]
    public void WithoutEarlyStoppingThereIsNoBestEpoch()
    {
        var (x, y) = Trained.Samples(10);
        Trained.Small().Fit(x, y, new FitOptions()).BestEpoch.Should().BeNull();
    }

    [Fact]
    public void TheSameEarlyStoppingServesTwoTrainings()
    {
        var (x, y) = Trained.Samples(10);
        var stopping = new EarlyStopping { Patience = 1 };
        var options = new FitOptions { Epochs = 4, BatchSize = 4, EarlyStopping = stopping, Optimizer = new Sgd(0.1) };

        var first = Trained.Small().Fit(x, y, options);
        var second = Trained.Small().Fit(x, y, options);

        second.BestEpoch.Should().Be(first.BestEpoch).And.Be(4);
        second.Losses.Should().Equal(first.Losses);
    }

    private static Metric Scripted(params double[] course)
    {
        int epoch = 0;
        return new Metric("Scripted", (_, _) => course[epoch++], higherIsBetter: false);
    }

    private static FitOptions Options(int epochs, Metric metric, EarlyStopping? stopping, Action<BatchReport>? report = null) => new()
    {
        Epochs = epochs,
        BatchSize = 5,
        Optimizer = new Adam(0.05),
        Shuffle = true,
        Seed = 4,
        Metrics = [metric],
        EarlyStopping = stopping,
        BatchProgress = report is null ? null : Trained.Tell(report),
    };

    /// <summary>Parameters and running statistics are those of a training that had so many epochs, bit for bit.</summary>
    private static void ShouldBeTrainedFor(Network network, int epochs)
    {
        var (x, y) = Trained.Samples(10);
        var twin = Trained.Small(batchNorm: true);
        twin.Fit(x, y, Options(epochs, new Metric("None", (_, _) => 0, higherIsBetter: true), null));
        network.Bits().Should().Be(twin.Bits());
    }
}
