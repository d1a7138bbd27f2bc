using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class NetworkTests
{
    private readonly Matrix<double>[] _x = Draw.XorX();
    private readonly Matrix<double>[] _y = Draw.XorY();

    [Fact]
    public void ReportsComeInOrderOnTheTrainingThreadWithTheLossesOfTheHistory()
    {
        var reports = new List<EpochReport>();
        var threads = new HashSet<int>();

        var history = Draw.XorNetwork(1).Fit(_x, _y, 50, 0.1, new SynchronousProgress<EpochReport>(report =>
        {
            reports.Add(report);
            threads.Add(Environment.CurrentManagedThreadId);
        }));

        reports.Select(report => report.Epoch).Should().Equal(Enumerable.Range(1, 50));
        reports.Should().OnlyContain(report => report.Epochs == 50);
        reports.Select(report => report.Loss).Should().Equal(history.Losses);
        threads.Should().Equal(Environment.CurrentManagedThreadId);
        history.StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void CancellationEndsTrainingAfterTheCurrentEpochWithWhatWasLearnt()
    {
        using var source = new CancellationTokenSource();
        var network = Draw.XorNetwork(1);

        var history =
            network.Fit(_x, _y, 10, 0.1, new SynchronousProgress<EpochReport>(report => CancelIn(3, report, source)), source.Token);

        history.StopReason.Should().Be(StopReason.Canceled);
        history.StopMessage.Should().Be("Canceled after epoch 3 of 10.");
        history.Losses.Should().HaveCount(3);
        ShouldBeTrainedFor(3, network);
    }

    [Fact]
    public void CancellationDuringAnEpochLetsTheEpochEnd()
    {
        using var source = new CancellationTokenSource();
        int calls = 0;
        var network = Draw.XorNetwork(1).Use(
            (yTrue, yPred) =>
            {
                if (++calls == 6)
                {
                    source.Cancel();
                }

                return Losses.Mse(yTrue, yPred);
            },
            Losses.MsePrime);

        var history = network.Fit(_x, _y, 10, 0.1, cancellationToken: source.Token);

        history.StopReason.Should().Be(StopReason.Canceled);
        calls.Should().Be(8);
        ShouldBeTrainedFor(2, network);
    }

    [Fact]
    public void CancellationInTheLastEpochChangesNothing()
    {
        using var source = new CancellationTokenSource();

        var history = Draw.XorNetwork(1)
            .Fit(_x, _y, 3, 0.1, new SynchronousProgress<EpochReport>(report => CancelIn(3, report, source)), source.Token);

        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        history.Losses.Should().HaveCount(3);
    }

    [Fact]
    public void ACanceledNetworkTrainsOn()
    {
        using var source = new CancellationTokenSource();
        var network = Draw.XorNetwork(1);

        network.Fit(_x, _y, 10, 0.1, new SynchronousProgress<EpochReport>(report => CancelIn(3, report, source)), source.Token);
        network.Fit(_x, _y, 4, 0.1);

        ShouldBeTrainedFor(7, network);
    }

    [Fact]
    public void AnExceptionInAProgressCallbackReachesTheCallerAndTheNetworkTrainsOn()
    {
        var network = Draw.XorNetwork(1);
        var failing =
            new SynchronousProgress<EpochReport>(report => throw new NotSupportedException($"the caller's, in epoch {report.Epoch}"));

        network.Invoking(it => it.Fit(_x, _y, 10, 0.1, failing))
            .Should().ThrowExactly<NotSupportedException>().WithMessage("the caller's, in epoch 1");
        network.Fit(_x, _y, 4, 0.1);

        ShouldBeTrainedFor(5, network);
    }

    [Theory]
    [InlineData("loss")]
    [InlineData("lossPrime")]
    [InlineData("activation")]
    [InlineData("activationPrime")]
    [InlineData("ForwardPropagation")]
    [InlineData("BackwardPropagation")]
    public void AnExceptionInAUsersFunctionReachesTheCallerWithItsNameAndTheNetworkTrainsOn(string where)
    {
        int calls = 0;
        T Throwing<T>(string place, T value) => place == where && ++calls == 6 ? throw new NotSupportedException("the caller's") : value;
        var network = new Network()
            .Add(new FCLayer(2, 3, random: Draw.Seeded(1)))
            .Add(new ActivationLayer(
                x => Throwing("activation", Activations.Tanh(x)), x => Throwing("activationPrime", Activations.TanhPrime(x))))
            .Add(new FCLayer(3, 1, random: Draw.Seeded(2)));
        if (where.EndsWith("Propagation", StringComparison.Ordinal))
        {
            network.Add(new UserLayers.Custom(x => Throwing("ForwardPropagation", x), error => Throwing("BackwardPropagation", error)));
        }

        network.Use(
            (yTrue, yPred) => Throwing("loss", Losses.Mse(yTrue, yPred)),
            (yTrue, yPred) => Throwing("lossPrime", Losses.MsePrime(yTrue, yPred)));

        string name = where.StartsWith("activation", StringComparison.Ordinal) ? $"ActivationLayer(custom)'s {where}"
            : where.StartsWith("loss", StringComparison.Ordinal) ? $"The network's {where}"
            : $"Custom's {where}";
        network.Invoking(it => it.Fit(_x, _y, 10, 0.1)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage($"{name} threw NotSupportedException: the caller's*")
            .WithInnerExceptionExactly<NotSupportedException>().WithMessage("the caller's");

        calls.Should().Be(6);
        network.Fit(_x, _y, 20, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
        network.Add(new ActivationLayer(Activations.Linear, Activations.LinearPrime)).Layers.Should().HaveCountGreaterThan(3);
    }

    [Fact]
    public void FitWithinACallbackOfFitIsRefusedAndTrainingGoesOn()
    {
        var network = Draw.XorNetwork(1);
        var refusals = new List<Exception?>();

        network.Fit(
            _x, _y, 3, 0.1, new SynchronousProgress<EpochReport>(_ => refusals.Add(Record.Exception(() => network.Fit(_x, _y, 1, 0.1)))));

        refusals.Should().HaveCount(3).And.AllBeOfType<InvalidOperationException>();
        refusals[0]!.Message.Should().Contain("being trained already");
        ShouldBeTrainedFor(3, network);
    }

    [Fact]
    public void FitOnAnotherThreadDuringFitIsRefusedAndTrainingGoesOn()
    {
        var network = Draw.XorNetwork(1);
        var refusals = new List<Exception?>();
        bool fitting = false;
        network.Use(
            (yTrue, yPred) =>
            {
                if (!fitting)
                {
                    fitting = true;
                    refusals.Add(OnAnotherThread(() => network.Fit(_x, _y, 1, 0.1)));
                    fitting = false;
                }

                return Losses.Mse(yTrue, yPred);
            },
            Losses.MsePrime);

        network.Fit(_x, _y, 2, 0.1);

        refusals.Should().HaveCount(8).And.AllBeOfType<InvalidOperationException>();
        ShouldBeTrainedFor(2, network);
    }

    [Fact]
    public void AddAndUseDuringFitAreRefused()
    {
        var network = Draw.XorNetwork(1);
        var refusals = new List<Exception?>();

        network.Fit(_x, _y, 1, 0.1, new SynchronousProgress<EpochReport>(_ =>
        {
            refusals.Add(Record.Exception(() => network.Add(new FCLayer(1, 1))));
            refusals.Add(Record.Exception(() => network.Use(Losses.Mae, Losses.MaePrime)));
        }));

        refusals.Should().HaveCount(2).And.AllBeOfType<InvalidOperationException>();
        refusals[0]!.Message.Should().ContainAll("being trained", "Add");
        refusals[1]!.Message.Should().ContainAll("being trained", "Use");
        network.Layers.Should().HaveCount(4);
        ShouldBeTrainedFor(1, network);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PredictInACallbackGivesWhatTheEpochsWeightsGive(bool withUsersLayer)
    {
        Network Make()
        {
            var made = Draw.XorNetwork(1);
            return withUsersLayer ? made.Add(new UserLayers.Activation(Activations.Tanh, Activations.TanhPrime)) : made;
        }

        var network = Make();
        var seen = new List<string>();
        network.Fit(_x, _y, 5, 0.1, new SynchronousProgress<EpochReport>(_ => seen.Add(Fingerprint.Of(network.Predict(_x)))));

        seen.Should().HaveCount(5).And.OnlyHaveUniqueItems();
        for (int epochs = 1; epochs <= 5; epochs++)
        {
            var twin = Make();
            twin.Fit(_x, _y, epochs, 0.1);
            seen[epochs - 1].Should().Be(Fingerprint.Of(twin.Predict(_x)));
        }
    }

    [Fact]
    public void TextIsTheSameWhereDecimalsHaveCommas()
    {
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        comma.NumberFormat.NumberGroupSeparator = ".";
        comma.NumberFormat.NegativeSign = "~";

        var plain = Texts(CultureInfo.InvariantCulture);

        plain[0].Should().Be("epoch 1/1000   error=0.322980");
        Texts(comma).Should().Equal(plain);
    }

    private static List<string> Texts(CultureInfo culture)
    {
        List<string> texts = [];
        OnAnotherThread(
            () =>
            {
                var network = Draw.XorNetwork(1).Add(new FCLayer(1, 2000, random: Draw.Seeded(1)));
                var history = network.Fit([Draw.Row(1e3, -1e3)], [Matrix<double>.Build.Dense(1, 2000)], 5, 1e200);
                texts =
                [
                    new EpochReport(1, 1000, 0.32298).ToString(),
                    new EpochReport(1, 1000, -1234.5).ToString(),
                    network.ToString(),
                    network.Summary(),
                    network.Layers[^1].ToString()!,
                    history.StopMessage,
                    Initializer.Uniform(-0.25, 0.25).ToString(),
                    GradientCheck.Run(network.Layers[0], Draw.Row(0.5, -0.5)).ToString(),
                    new Parameter("Scale", Draw.Row(1.5)).ToString(),
                    Message(() => Initializer.Uniform(0.5, -0.5)),
                    Message(() => new ConvLayer((65536, 65536, 1), (1, 1), 1)),
                    Message(() => new FCLayer(-2, 1)),
                    Message(() => network.Fit([Draw.Row(1, 2)], [Matrix<double>.Build.Dense(1, 2000)], 1, -0.5)),
                    Message(() => network.Predict(Draw.Row(1, double.NegativeInfinity))),
                ];
                return null;
            },
            culture).Should().BeNull();
        return texts;
    }

    /// <summary>The library's part of a message; .NET adds the value in the caller's culture on a line of its own.</summary>
    private static string Message(Func<object?> call) => Record.Exception(() => call()).Message.Split('\n')[0];

    private static Exception? OnAnotherThread(Func<object?> call, CultureInfo? culture = null)
    {
        Exception? exception = null;
        var thread = new Thread(() =>
        {
            CultureInfo.CurrentCulture = culture ?? CultureInfo.CurrentCulture;
            exception = Record.Exception(() => call());
        });
        thread.Start();
        thread.Join();
        return exception;
    }

    private static void CancelIn(int epoch, EpochReport report, CancellationTokenSource source)
    {
        if (report.Epoch == epoch)
        {
            source.Cancel();
        }
    }

    private void ShouldBeTrainedFor(int epochs, Network network)
    {
        var twin = Draw.XorNetwork(1);
        twin.Fit(_x, _y, epochs, 0.1);
        Fingerprint.OfParameters(network.Layers).Should().Be(Fingerprint.OfParameters(twin.Layers));
    }
}
