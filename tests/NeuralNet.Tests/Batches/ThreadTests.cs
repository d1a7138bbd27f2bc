using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Batches;

public class ThreadTests
{
    private const int Threads = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void PredictOnSixteenThreadsEqualsPredictOnOneForAllBuiltInLayers()
    {
        var random = Draw.Seeded(1);
        var network = new Network()
            .Add(new ConvLayer((8, 7, 2), (3, 2), 3, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new ConvLayer((6, 6, 3), (2, 3), 2, random: random))
            .Add(new ActivationLayer(x => Activations.Gelu(x), x => Activations.GeluPrime(x)))
            .Add(new FlattenLayer())
            .Add(new FCLayer(40, 16, random: random))
            .Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
            .Add(new FCLayer(16, 4, random: random));
        var x = Draw.Matrices(100, 8, 14, random);
        string state = Fingerprint.OfState(network.Layers);

        ShouldPredictAlikeOnAllThreads(network, x);

        Fingerprint.OfState(network.Layers).Should().Be(state, "the library's own layers predict without keeping anything");
    }

    [Fact]
    public void PredictOnSixteenThreadsEqualsPredictOnOneForAUsersLayerWithState()
    {
        var random = Draw.Seeded(2);
        var network = new Network()
            .Add(new FCLayer(6, 40, random: random))
            .Add(new UserLayers.Stateful(Draw.Matrix(40, 30, random)))
            .Add(new UserLayers.Activation(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(30, 4, random: random));

        ShouldPredictAlikeOnAllThreads(network, Draw.Matrices(100, 1, 6, random));
    }

    [Fact]
    public void AUsersLayerIsNeverInTwoPredictionsAtOnce()
    {
        var layer = new Meeting();
        var network = new Network().Add(layer);
        network.Predict(Draw.Row(1));
        layer.Open();

        layer.Guests = [.. Enumerable.Range(0, 2).Select(guest => new Thread(() =>
        {
            layer.Arrived[guest] = true;
            network.Predict(Draw.Row(guest));
        }))];
        foreach (var guest in layer.Guests)
        {
            guest.Start();
        }

        foreach (var guest in layer.Guests)
        {
            guest.Join();
        }

        layer.TimedOut.Should().BeFalse("each thread either meets the other or finds it waiting");
        layer.MostAtOnce.Should().Be(1, "Layer.Predict lets one thread at a time into a layer that may keep state");
    }

    [Fact]
    public void APredictionThatFailsLetsTheNextOneIn()
    {
        int calls = 0;
        var network = new Network().Add(new UserLayers.Custom(x => ++calls == 1 ? throw new NotSupportedException() : x, error => error));

        network.Invoking(it => it.Predict(Draw.Row(1)))
            .Should().ThrowExactly<InvalidOperationException>().WithInnerExceptionExactly<NotSupportedException>();
        var other = new Thread(() => network.Predict(Draw.Row(1)));
        other.Start();

        other.Join(s_patience).Should().BeTrue();
        calls.Should().Be(2);
    }

    private static void ShouldPredictAlikeOnAllThreads(Network network, Matrix<double>[] x)
    {
        string[] serial = [.. x.Select(one => Fingerprint.Of(network.Predict(one)))];
        var parallel = new string[Threads][];
        var failures = new Exception?[Threads];
        using var start = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            failures[thread] = Record.Exception(() => parallel[thread] = thread % 2 == 0
                ? [.. x.Select(network.Predict).Select(Fingerprint.Of)]
                : [.. network.Predict(x).Select(Fingerprint.Of)]);
        })).ToArray();
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        failures.Should().OnlyContain(failure => failure == null);
        parallel.Should().OnlyContain(results => results != null && results.SequenceEqual(serial));
    }

    /// <summary>Holds the thread inside until the other one is inside too, or is seen to wait outside or to have left.</summary>
    private sealed class Meeting : Layer
    {
        private int _inside;
        private int _most;
        private bool _open;

        public Thread[] Guests { get; set; } = [];

        public bool[] Arrived { get; } = new bool[2];

        public bool TimedOut { get; private set; }

        public int MostAtOnce => _most;

        public void Open() => _open = true;

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            if (!_open)
            {
                return input;
            }

            int inside = Interlocked.Increment(ref _inside);
            int most = Volatile.Read(ref _most);
            while (inside > most && Interlocked.CompareExchange(ref _most, inside, most) != most)
            {
                most = Volatile.Read(ref _most);
            }

            int other = Thread.CurrentThread == Guests[0] ? 1 : 0;
            if (!SpinWait.SpinUntil(() => Volatile.Read(ref _most) > 1 || IsOutside(other), s_patience))
            {
                TimedOut = true;
            }

            Interlocked.Decrement(ref _inside);
            return input;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError;

        private bool IsOutside(int guest) =>
            Volatile.Read(ref Arrived[guest]) && (Guests[guest].ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0;
    }
}
