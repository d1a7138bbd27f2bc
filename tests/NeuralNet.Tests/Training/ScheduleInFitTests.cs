using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class ScheduleInFitTests
{
    private readonly Matrix<double>[] _x = Trained.Samples(10).X;
    private readonly Matrix<double>[] _y = Trained.Samples(10).Y;

    public static TheoryData<string, double[]> Tables => new()
    {
        { "none", [0.5, 0.5, 0.5, 0.5, 0.5] },
        { "Constant", [0.5, 0.5, 0.5, 0.5, 0.5] },
        { "Step(2, 0.5)", [0.5, 0.5, 0.25, 0.25, 0.125] },
        { "Exponential(0.5)", [0.5, 0.25, 0.125, 0.0625, 0.03125] },
        { "Cosine(4, 0)", [0.5, 0.4267766952966369, 0.25, 0.07322330470336313, 0] },
        { "WarmUp(2, then Step(1, 0.5))", [0.25, 0.5, 0.5, 0.25, 0.125] },
    };

    private static Dictionary<string, Schedule> Schedules { get; } =
        new[]
        {
            Schedule.Constant, Schedule.Step(2, 0.5), Schedule.Exponential(0.5), Schedule.Cosine(4),
            Schedule.WarmUp(2, Schedule.Step(1, 0.5))
        }.ToDictionary(schedule => schedule.ToString());

    [Theory]
    [MemberData(nameof(Tables))]
    public void EachEpochHasTheRateOfTheTable(string schedule, double[] table)
    {
        var network = Trained.Small();
        var optimizer = new Sgd(0.5, momentum: 0.5);
        var seen = new List<double>();

        var history = network.Fit(_x, _y, new FitOptions
        {
            Epochs = 5,
            BatchSize = 4,
            Optimizer = optimizer,
            Schedule = Schedules.GetValueOrDefault(schedule),
            BatchProgress = Trained.Tell<BatchReport>(_ => seen.Add(optimizer.LearningRate)),
            Progress = Trained.Tell<EpochReport>(report => report.LearningRate.Should().Be(optimizer.LearningRate)),
        });

        Draw.Row([.. history.LearningRates]).ShouldBeNear(Draw.Row(table));
        seen.Should().Equal(history.LearningRates.SelectMany(rate => Enumerable.Repeat(rate, 3)));
        optimizer.LearningRate.Should().Be(0.5, "it is put back at the end");

        var twin = Trained.Small();
        var byHand = new Sgd(0.5, momentum: 0.5);
        foreach (double rate in history.LearningRates)
        {
            byHand.Rate = rate;
            BatchLoop.Fit(twin.Layers, Losses.Mse, Losses.MsePrime, _x, _y, 1, 4, byHand);
        }

        network.Values().ShouldBeNear(twin.Values());
    }

    [Fact]
    public void TheRateIsPutBackHoweverTrainingEnds()
    {
        var optimizer = new Sgd(0.5);
        FitOptions Options(Action<EpochReport>? report = null) => new()
        {
            Epochs = 5,
            Optimizer = optimizer,
            Schedule = Schedule.Exponential(0.5),
            Progress = report is null ? null : Trained.Tell(report)
        };

        Trained.Small().Fit(_x, _y, Options(), new CancellationToken(true));
        optimizer.LearningRate.Should().Be(0.5);

        Trained.Small().Use((_, _) => double.NaN, Losses.MsePrime).Fit(_x, _y, Options());
        optimizer.LearningRate.Should().Be(0.5);

        FluentActions.Invoking(() => Trained.Small().Fit(_x, _y, Options(report => throw new NotSupportedException())))
            .Should().ThrowExactly<NotSupportedException>();
        optimizer.LearningRate.Should().Be(0.5);
    }

    [Fact]
    public void AScheduleThatGivesNoRateEndsTrainingInWordsWithTheEpochsBefore()
    {
        var (network, twin) = (Trained.Small(), Trained.Small());
        var optimizer = new Sgd(0.5);

        network.Invoking(it => it.Fit(
            _x,
            _y,
            new FitOptions { Epochs = 5, Optimizer = optimizer, Schedule = new Schedule((epoch, rate) => epoch < 2 ? rate : double.NaN) }))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("*finite rate, 0 or more, but got NaN for epoch 2*");

        optimizer.LearningRate.Should().Be(0.5);
        twin.Fit(_x, _y, new FitOptions { Epochs = 2, Optimizer = new Sgd(0.5) });
        network.Bits().Should().Be(twin.Bits());
    }

    [Fact]
    public void WithoutAScheduleARateSetInACallbackCounts()
    {
        var network = Trained.Small();
        var optimizer = new Sgd(0.5);

        var history = network.Fit(_x, _y, new FitOptions
        {
            Epochs = 3,
            BatchSize = 5,
            Optimizer = optimizer,
            BatchProgress = Trained.Tell<BatchReport>(report => optimizer.LearningRate = report is { Epoch: 1, Batch: 1 }
                ? 0.25
                : optimizer.LearningRate),
            Progress = Trained.Tell<EpochReport>(report => optimizer.LearningRate = report.Epoch == 1 ? 0.125 : 0.0625),
        });

        history.LearningRates.Should().Equal(0.5, 0.125, 0.0625);
        optimizer.LearningRate.Should().Be(0.0625, "the caller's word is the last");
        var twin = Trained.Small();
        foreach (var (rate, range) in new[] { (0.5, ..5), (0.25, 5..), (0.125, ..), (0.0625, ..) })
        {
            twin.Fit(_x[range], _y[range], new FitOptions { BatchSize = 5, Optimizer = new Sgd(rate) });
        }

        network.Bits().Should().Be(twin.Bits());
    }

    [Fact]
    public void AnOptimizerUsedAgainGoesOnWithWhatItHasGathered()
    {
        var (network, twin, other) = (Trained.Small(), Trained.Small(), Trained.Small());
        var optimizer = new Adam(0.01);

        network.Fit(_x, _y, new FitOptions { Epochs = 2, Optimizer = optimizer });
        network.Fit(_x, _y, new FitOptions { Epochs = 3, Optimizer = optimizer });
        twin.Fit(_x, _y, new FitOptions { Epochs = 5, Optimizer = new Adam(0.01) });
        other.Fit(_x, _y, new FitOptions { Epochs = 2, Optimizer = new Adam(0.01) });
        other.Fit(_x, _y, new FitOptions { Epochs = 3, Optimizer = new Adam(0.01) });

        network.Bits().Should().Be(twin.Bits()).And.NotBe(other.Bits());
    }

    [Fact]
    public void OneOptimizerMayTrainTwoNetworks()
    {
        var (first, second, twin) = (Trained.Small(seed: 5), Trained.Small(), Trained.Small());
        var optimizer = new Adam(0.01);

        first.Fit(_x, _y, new FitOptions { Epochs = 2, Optimizer = optimizer });
        second.Fit(_x, _y, new FitOptions { Epochs = 2, Optimizer = optimizer });
        twin.Fit(_x, _y, new FitOptions { Epochs = 2, Optimizer = new Adam(0.01) });

        second.Bits().Should().Be(twin.Bits());
    }
}
