using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Optimizers;

/// <summary>Optimizers of a user's, written from nothing but the public contract.</summary>
public sealed class OwnOptimizerTests : IDisposable
{
    private static readonly (Matrix<double>[] X, Matrix<double>[] Y) s_data =
        (Draw.Matrices(64, 1, 200, Draw.Seeded(2)), Draw.Matrices(64, 1, 4, Draw.Seeded(3)));

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(4, null)]
    [InlineData(1, 0.01)]
    [InlineData(2, 0.01)]
    [InlineData(4, 0.01)]
    public void AUsersAdamGivesTheBitsOfTheLibrarys(int threads, double? clipNorm)
    {
        string expected = Train(new Adam(0.01) { ClipNorm = clipNorm }, 3, 1, null);
        var own = new OwnAdam(0.01) { ClipNorm = clipNorm, WaitsForAnother = threads > 1 };

        Train(own, 3, threads, null).Should().Be(expected);
        own.UpdatesOfWholeParameters.Should().Be(0);
        (own.Threads.Count > 1).Should().Be(threads > 1);
    }

    [Fact]
    public void AnUpdateByHandGivesTheBitsOfTheLibrarys()
    {
        var (own, library) = (new OwnAdam(0.01), new Adam(0.01));
        var initial = Draw.Matrix(40, 30, Draw.Seeded(1));
        var (one, other) = (new Parameter("W", initial), new Parameter("W", initial));
        for (int step = 0; step < 20; step++)
        {
            var gradient = Draw.Matrix(40, 30, Draw.Seeded(step));
            gradient.CopyTo(one.Gradient);
            gradient.CopyTo(other.Gradient);
            own.Step([one]);
            library.Step([other]);
        }

        one.Value.ShouldBeBitForBit(other.Value);
    }

    [Fact]
    public void TrainingGoesOnFromACheckpointWithTheSameBits()
    {
        string file = Path.Combine(_folder.Path, "own.safetensors");
        string expected = Train(new Adam(0.01) { ClipNorm = 0.1 }, 5, 1, null);

        Train(new OwnAdam(0.01) { ClipNorm = 0.1 }, 2, 2, new Checkpoint(file));
        Train(new OwnAdam(0.01) { ClipNorm = 0.1 }, 5, 2, new Checkpoint(file) { Resume = true }).Should().Be(expected);
    }

    [Fact]
    public void ACheckpointOfOtherSettingsIsRefused()
    {
        string file = Path.Combine(_folder.Path, "own.safetensors");
        Train(new OwnAdam(0.01), 2, 1, new Checkpoint(file));

        Resuming(new OwnAdam(0.01, beta1: 0.8))
            .Should().Throw<ArgumentException>().WithMessage("*list of the optimizer's settings*beta1 0.9*beta1 0.8*");
        Resuming(new Adam(0.01)).Should().Throw<ArgumentException>().WithMessage("*optimizer*OwnAdam*but Fit got Adam*");

        Action Resuming(Optimizer optimizer) => () => Train(optimizer, 3, 1, new Checkpoint(file) { Resume = true });
    }

    [Fact]
    public void AnOptimizerOfWholeParametersIsRefusedByACheckpointWithTheWayOut() =>
        FluentActions.Invoking(() => Train(new SignSgd(), 1, 1, new Checkpoint(Path.Combine(_folder.Path, "own.safetensors"))))
            .Should().Throw<ArgumentException>().WithMessage("*SignSgd*CanSlice*");

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatItThrowsIsNamedAndTheNetworkIsAsItWas(int threads)
    {
        var network = Make();
        string before = Fingerprint.OfParameters(network.Layers);

        network.Invoking(one => Fit(one, new OwnAdam(0.01) { Throws = true }, 1, threads, null))
            .Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("OwnAdam(0.01, beta1 0.9)'s UpdateValues of *threw FormatException: on purpose*")
            .WithInnerException<FormatException>();
        Fingerprint.OfParameters(network.Layers).Should().Be(before);

        Fit(network, new Adam(), 1, threads, null).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void ANegativeNumberOfArraysAndOneThatIsNotThereAreNamed()
    {
        FluentActions.Invoking(() => Train(new OwnAdam(0.01) { Arrays = -1 }, 1, 1, null))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("OwnAdam*has -1 StateArrays*");
        FluentActions.Invoking(() => Train(new OwnAdam(0.01) { Arrays = 1 }, 1, 1, null))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("OwnAdam*UpdateValues*1 StateArrays*number 1*");
    }

    [Fact]
    public void WhatIsKeptAndIsNoLongerFiniteEndsTraining()
    {
        var network = Make();
        string before = Fingerprint.OfParameters(network.Layers);

        var history = Fit(network, new OwnAdam(0.01) { Initial = double.PositiveInfinity }, 1, 1, null);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        Fingerprint.OfParameters(network.Layers).Should().Be(before);
    }

    private static string Train(Optimizer optimizer, int epochs, int threads, Checkpoint? checkpoint)
    {
        var network = Make();
        Fit(network, optimizer, epochs, threads, checkpoint).StopReason.Should().Be(StopReason.EpochsCompleted);
        return Fingerprint.OfParameters(network.Layers);
    }

    private static Network Make()
    {
        var random = Draw.Seeded(1);
        return new Network().Add(new FCLayer(200, 120, random: random)).Add(new ActivationLayer(ActivationFunction.Tanh))
            .Add(new FCLayer(120, 4, random: random)).Use(LossFunction.Mse);
    }

    private static TrainingHistory Fit(Network network, Optimizer optimizer, int epochs, int threads, Checkpoint? checkpoint) =>
        network.Fit(s_data.X, s_data.Y, new FitOptions
        {
            Epochs = epochs,
            BatchSize = 16,
            Optimizer = optimizer,
            Shuffle = true,
            Seed = 4,
            MaxDegreeOfParallelism = threads,
            ThreadsOfStep = () => threads,
            Checkpoint = checkpoint,
        });

    private sealed class SignSgd : Optimizer
    {
        public override void Update(Parameter parameter) =>
            parameter.Value.Subtract(LearningRate * parameter.Gradient.PointwiseSign(), parameter.Value);
    }

    /// <summary>Adam as a user writes it: the formulas, value by value.</summary>
    private sealed class OwnAdam(double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
        : Optimizer(learningRate)
    {
        private int _updates;

        public bool Throws { get; init; }

        /// <summary>Whether the first thread waits for another to come, which it has to.</summary>
        public bool WaitsForAnother { get; init; }

        public int Arrays { get; init; } = 2;

        public double Initial { get; init; }

        public int UpdatesOfWholeParameters => _updates;

        /// <summary>Those that took part.</summary>
        public System.Collections.Concurrent.ConcurrentDictionary<int, bool> Threads { get; } = [];

        protected internal override bool CanSlice => true;

        protected internal override int StateArrays => Arrays;

        protected internal override double InitialState => Initial;

        protected internal override IReadOnlyList<string?> Settings => [FormattableString.Invariant($"beta1 {beta1}"), null];

        public override void Update(Parameter parameter)
        {
            _updates++;
            UpdateWhole(parameter);
        }

        protected internal override void UpdateValues(OptimizerSlice slice)
        {
            Threads.TryAdd(Environment.CurrentManagedThreadId, true);
            if (WaitsForAnother && !SpinWait.SpinUntil(() => Threads.Count > 1, TimeSpan.FromMinutes(1)))
            {
                throw new TimeoutException("No other thread came.");
            }

            if (Throws)
            {
                throw new FormatException("on purpose");
            }

            double rate = LearningRate / (1 - Math.Pow(beta1, slice.Step));
            double correction = 1 / Math.Sqrt(1 - Math.Pow(beta2, slice.Step));
            Span<double> w = slice.Values;
            Span<double> m = slice.State(0);
            Span<double> s = slice.State(1);
            for (int i = 0; i < slice.Count; i++)
            {
                double g = slice.Gradients[i];
                m[i] += (g - m[i]) * (1 - beta1);
                s[i] = (s[i] * beta2) + (g * g * (1 - beta2));
                w[i] -= m[i] * rate / ((Math.Sqrt(s[i]) * correction) + epsilon);
            }
        }
    }
}
