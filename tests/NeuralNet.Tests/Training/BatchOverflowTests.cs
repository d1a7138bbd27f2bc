using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Optimizers;

namespace NeuralNet.Tests.Training;

public class BatchOverflowTests
{
    private const int Count = 10;
    private const int BatchSize = 4;

    private readonly Matrix<double>[] _x = Trained.Samples(Count).X;
    private readonly Matrix<double>[] _y = Trained.Samples(Count).Y;

    public static TheoryData<string> Optimizers => BuiltInOptimizers.Names;

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void ALossThatIsNotFiniteLeavesTheLastGoodEpoch(string optimizer)
    {
        foreach (var (call, where) in new[] { (21, "sample 0"), (23, "sample 2"), (26, "sample 5"), (30, "sample 9") })
        {
            int calls = 0;
            var network = Trained.Small(batchNorm: true)
                .Use((yTrue, yPred) => ++calls == call ? double.NegativeInfinity : Losses.Mse(yTrue, yPred), Losses.MsePrime);

            var history = network.Fit(_x, _y, Options(BuiltInOptimizers.New[optimizer](), 9));

            history.StopReason.Should().Be(StopReason.NumericOverflow);
            history.Losses.Should().HaveCount(2);
            history.StopMessage.Should().Be(
                $"Numeric overflow in epoch 3: the loss of {where} is -Infinity. The network has the parameters it had before that epoch. "
                + "Try a smaller learning rate, or inputs scaled to about -1 to 1.");
            ShouldBeTrainedFor(network, 2, optimizer);
            network.ShouldHaveNoGradients();
        }
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void ARateThatIsTooLargeLeavesTheLastGoodEpoch(string optimizer)
    {
        var used = BuiltInOptimizers.New[optimizer]();
        double rate = used.LearningRate;
        var network = Trained.Small(batchNorm: true);

        var history = network.Fit(_x, _y, Options(used, 9, report => used.LearningRate = report.Epoch == 2 ? 1e300 : rate));

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().HaveCount(2);
        history.StopMessage.Should().StartWith("Numeric overflow in epoch 3: ");
        ShouldBeTrainedFor(network, 2, optimizer);
    }

    /// <summary>An infinite gradient stays in momentum and running means for good.</summary>
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void TrainingAfterwardsIsAsWithANewOptimizer(string optimizer)
    {
        bool tooSteep = false;
        var network = Trained.Small(batchNorm: true)
            .Use(Losses.Mse, (yTrue, yPred) => Losses.MsePrime(yTrue, yPred) * (tooSteep ? double.MaxValue : 1));
        var used = BuiltInOptimizers.New[optimizer]();

        var history = network.Fit(_x, _y, Options(used, 9, report => tooSteep = report.Epoch == 2));

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().HaveCount(2);
        ShouldBeTrainedFor(network, 2, optimizer);

        tooSteep = false;
        var twin = Trained.Small(batchNorm: true);
        twin.Fit(_x, _y, Options(BuiltInOptimizers.New[optimizer](), 2));
        network.Fit(_x, _y, Options(used, 3)).StopReason.Should().Be(StopReason.EpochsCompleted);
        twin.Fit(_x, _y, Options(BuiltInOptimizers.New[optimizer](), 3));
        network.Bits().Should().Be(twin.Bits());
    }

    /// <summary>A user's function may be the first to see that training goes astray.</summary>
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void TrainingAfterAnExceptionIsAsWithANewOptimizer(string optimizer)
    {
        bool tooSteep = true;
        int calls = 0;
        var network = Trained.Small(batchNorm: true).Use(
            (yTrue, yPred) => tooSteep && ++calls > BatchSize ? throw new NotSupportedException() : Losses.Mse(yTrue, yPred),
            (yTrue, yPred) => Losses.MsePrime(yTrue, yPred) * (tooSteep ? 1000 : 1));
        var used = BuiltInOptimizers.New[optimizer]();
        network.Invoking(it => it.Fit(_x, _y, Options(used, 1))).Should().Throw<InvalidOperationException>()
            .WithInnerException<NotSupportedException>();

        tooSteep = false;
        var twin = Trained.Small(batchNorm: true);
        network.Fit(_x, _y, Options(used, 3)).StopReason.Should().Be(StopReason.EpochsCompleted);
        twin.Fit(_x, _y, Options(BuiltInOptimizers.New[optimizer](), 3));
        network.Bits().Should().Be(twin.Bits());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void TheSampleIsNamedByItsPlaceInTheCallersListHoweverItIsShuffled(int batchSize)
    {
        const int Bad = 7;
        var network = Trained.Small()
            .Use((yTrue, yPred) => ReferenceEquals(yTrue, _y[Bad]) ? double.NaN : Losses.Mse(yTrue, yPred), Losses.MsePrime);
        for (int seed = 0; seed < 20; seed++)
        {
            var history = network.Fit(_x, _y, new FitOptions { BatchSize = batchSize, Shuffle = true, Seed = seed });
            history.StopMessage.Should().Contain($"epoch 1: the loss of sample {Bad} is NaN");
        }
    }

    [Fact]
    public void TheSampleIsNamedByItsPlaceInTheCallersListHoweverTheSplitFalls()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            int last = -1;
            var network = Trained.Small().Use(
                (yTrue, yPred) =>
                {
                    last = Array.IndexOf(_y, yTrue);
                    return last >= 5 ? double.NaN : Losses.Mse(yTrue, yPred);
                },
                Losses.MsePrime);

            var history = network.Fit(_x, _y, new FitOptions { BatchSize = 1, ValidationSplit = 0.3, Seed = seed });

            history.StopMessage.Should().Contain($"the loss of sample {last} is NaN");
        }
    }

    [Fact]
    public void ABuiltInLossOnSeveralThreadsEndsTheSame()
    {
        var random = Draw.Seeded(5);
        Network Make() => new Network().Add(new FCLayer(300, 100, random: Draw.Seeded(6))).Add(new BatchNormLayer(100))
            .Add(new FCLayer(100, 2, random: Draw.Seeded(7))).Use(Losses.Mse, Losses.MsePrime);
        var x = Draw.Matrices(64, 1, 300, random);
        var y = Draw.Matrices(64, 1, 2, random);
        var messages = new List<string>();
        foreach (int threads in new[] { 1, 2, 4 })
        {
            var network = Make();
            var optimizer = new Sgd(0.01, momentum: 0.5);

            var history = network.Fit(x, y, new FitOptions
            {
                Epochs = 9,
                BatchSize = 32,
                Optimizer = optimizer,
                MaxDegreeOfParallelism = threads,
                Progress = Trained.Tell<EpochReport>(report => optimizer.LearningRate = report.Epoch == 2 ? 1e200 : 0.01),
            });

            messages.Add(history.StopMessage);
            history.StopReason.Should().Be(StopReason.NumericOverflow);
            var twin = Make();
            twin.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 32, Optimizer = new Sgd(0.01, momentum: 0.5) });
            network.Bits().Should().Be(twin.Bits());
            network.ShouldHaveNoGradients();
        }

        messages.Should().AllBe(messages[0]).And.AllSatisfy(message => message.Should().Contain("epoch 3: the loss of sample 32 is "));
    }

    [Fact]
    public void AParameterThatOverflowsInTheLastBatchIsFound()
    {
        var network = new Network().Add(new FCLayer(4, 2, random: Draw.Seeded(8))).Use(Losses.Mse, Losses.MsePrime);
        string before = network.Bits();

        var history = network.Fit([.. _x.Select(x => 1e100 * x)], _y, new FitOptions { BatchSize = Count, Optimizer = new Sgd(1e300) });

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.StopMessage.Should().Contain("epoch 1: layers.0.Weights of FCLayer(4 -> 2) is no longer finite after sample 9.");
        network.Bits().Should().Be(before);
    }

    private static FitOptions Options(Optimizer optimizer, int epochs, Action<EpochReport>? report = null) => new()
    {
        Epochs = epochs,
        BatchSize = BatchSize,
        Optimizer = optimizer,
        Progress = report is null ? null : Trained.Tell(report),
    };

    private void ShouldBeTrainedFor(Network network, int epochs, string optimizer)
    {
        var twin = Trained.Small(batchNorm: true);
        twin.Fit(_x, _y, Options(BuiltInOptimizers.New[optimizer](), epochs));
        network.Bits().Should().Be(twin.Bits());
    }
}
