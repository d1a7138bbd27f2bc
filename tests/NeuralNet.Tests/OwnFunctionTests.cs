using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx;
using NeuralNet.Tests.Data;
using NeuralNet.Tests.Models;

namespace NeuralNet.Tests;

/// <summary>Activations and losses of a user's as functions over spans.</summary>
public sealed class OwnFunctionTests : IDisposable
{
    private static readonly ActivationFunction s_sine =
        ActivationFunction.Create("Sine", TensorPrimitives.Sin, (x, _, derivative) => TensorPrimitives.Cos(x, derivative));

    private static readonly LossFunction s_squares = LossFunction.Create(
        "Squares",
        (yTrue, yPred) =>
        {
            double sum = 0;
            for (int i = 0; i < yTrue.Length; i++)
            {
                sum += (yPred[i] - yTrue[i]) * (yPred[i] - yTrue[i]);
            }

            return sum;
        },
        (yTrue, yPred, error) =>
        {
            TensorPrimitives.Subtract(yPred, yTrue, error);
            TensorPrimitives.Multiply(error, 2, error);
        });

    private static readonly LayerRegistry s_registry = new LayerRegistry().AddActivation(s_sine).AddLoss(s_squares);

    private static readonly (Matrix<double>[] X, Matrix<double>[] Y) s_data =
        (Draw.Matrices(64, 1, 100, Draw.Seeded(2)), Draw.Matrices(64, 1, 4, Draw.Seeded(3)));

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheyComputeOnMatricesToo()
    {
        var x = Draw.Matrix(3, 4, Draw.Seeded(1));
        var t = Draw.Matrix(3, 4, Draw.Seeded(2));

        s_sine.Function(x).ShouldBeNear(x.Map(Math.Sin));
        s_sine.Derivative(x).ShouldBeNear(x.Map(Math.Cos));
        s_squares.Function(t, x).Should().BeApproximately((x - t).PointwisePower(2).Enumerate().Sum(), 1e-12);
        s_squares.Derivative(t, x).ShouldBeNear(2 * (x - t));
        (s_sine.ToString(), s_squares.ToString(), new ActivationLayer(s_sine).ToString())
            .Should().Be(("Sine", "Squares", "ActivationLayer(Sine)"));
        s_squares.Invoking(loss => loss.Function(t, x.Transpose()))
            .Should().Throw<ArgumentException>().WithMessage("The loss Squares expects*3 x 4*");
    }

    [Fact]
    public void GradientsAreRight()
    {
        GradientCheck.Run(new ActivationLayer(s_sine), Draw.Matrix(3, 4, Draw.Seeded(1))).WorstRelativeError.Should().BeLessThan(1e-6);
        GradientCheck.RunLoss(s_squares, Draw.Matrix(1, 4, Draw.Seeded(1)), Draw.Matrix(1, 4, Draw.Seeded(2)))
            .WorstRelativeError.Should().BeLessThan(1e-6);
    }

    [Fact]
    public void ThePairOfItsDelegatesIsTheSameFunction()
    {
        new ActivationLayer(s_sine.Function, s_sine.Derivative).Function.Should().BeSameAs(s_sine);
        new ActivationLayer(s_sine.Function, Activations.TanhPrime).Function.Should().BeNull();
        new ActivationLayer(Activations.Tanh, Activations.TanhPrime).Function.Should().BeSameAs(ActivationFunction.Tanh);
    }

    [Fact]
    public void SameBitsForAnyNumberOfThreads()
    {
        string expected = Train(Make(), 3, 1, null);

        foreach (int threads in new[] { 2, 4 })
        {
            var (seen, gate) = (new System.Collections.Concurrent.ConcurrentDictionary<int, bool>(), TimeSpan.FromMinutes(1));
            var sine = ActivationFunction.Create(
                "Sine",
                (x, y) =>
                {
                    seen.TryAdd(Environment.CurrentManagedThreadId, true);
                    SpinWait.SpinUntil(() => seen.Count > 1, gate).Should().BeTrue("another thread has to come");
                    TensorPrimitives.Sin(x, y);
                },
                (x, _, derivative) => TensorPrimitives.Cos(x, derivative));

            Train(Make(sine), 3, threads, null).Should().Be(expected);
        }
    }

    [Fact]
    public void TheyAreSavedByTheirNames()
    {
        var network = Make();

        var loaded = ModelBytes.Load(ModelBytes.Of(network, s_registry), s_registry);

        ((ActivationLayer)loaded.Layers[1]).Function.Should().BeSameAs(s_sine);
        Train(loaded, 2, 2, null).Should().Be(Train(network, 2, 1, null));
        FluentActions.Invoking(() => ModelBytes.Of(Make())).Should().Throw<ArgumentException>()
            .WithMessage("Layer 1, ActivationLayer(Sine),*AddActivation(function)*");
    }

    [Fact]
    public void ACloneHasThem()
    {
        var network = Make();

        var clone = network.Clone();

        ((ActivationLayer)clone.Layers[1]).Function.Should().BeSameAs(s_sine);
        Train(clone, 2, 2, null).Should().Be(Train(network, 2, 1, null));
    }

    [Fact]
    public void TrainingGoesOnFromACheckpointWithTheSameBits()
    {
        string file = Path.Combine(_folder.Path, "own.safetensors");
        string expected = Train(Make(), 4, 1, null);

        Train(Make(), 2, 2, new Checkpoint(file) { Registry = s_registry });
        Train(Make(), 4, 2, new Checkpoint(file) { Registry = s_registry, Resume = true }).Should().Be(expected);
    }

    [Fact]
    public void AnActivationIsExportedByTheNodesItIsGiven()
    {
        using var model = new MemoryStream();

        Make().ExportOnnx(model, new OnnxExportOptions().AddActivation(s_sine, graph => graph.AddNode("Sin", [graph.Value])));

        System.Text.Encoding.ASCII.GetString(model.ToArray()).Should().Contain("Sin");
        FluentActions.Invoking(() => Make().ExportOnnx(new MemoryStream()))
            .Should().Throw<Exception>().WithMessage("*ActivationLayer(Sine)*");
    }

    [Fact]
    public void NamesOfTheLibraryAndNoNamesAreRefused()
    {
        FluentActions.Invoking(() => ActivationFunction.Create("Tanh", TensorPrimitives.Tanh, (_, _, _) => { }))
            .Should().Throw<ArgumentException>().WithMessage("*'Tanh' already*");
        FluentActions.Invoking(() => LossFunction.Create("Mse", (_, _) => 0, (_, _, _) => { }))
            .Should().Throw<ArgumentException>().WithMessage("*'Mse' already*");
        FluentActions.Invoking(() => ActivationFunction.Create("", TensorPrimitives.Tanh, (_, _, _) => { }))
            .Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ActivationFunction.Create("Own", null!, (_, _, _) => { })).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => LossFunction.Create("Own", (_, _) => 0, null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new LayerRegistry().AddActivation(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new LayerRegistry().AddLoss(null!)).Should().Throw<ArgumentNullException>();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatTheyThrowIsNamedAndTheNetworkIsAsItWas(int threads)
    {
        Failing(
            Make(ActivationFunction.Create("Own", (_, _) => throw new FormatException("mine"), (_, _, _) => { })),
            "The function of the activation Own");
        Failing(
            Make(ActivationFunction.Create("Own", TensorPrimitives.Sin, (_, _, _) => throw new FormatException("mine"))),
            "The derivative of the activation Own");
        Failing(
            Make().Use(LossFunction.Create("Own", (_, _) => throw new FormatException("mine"), (_, _, _) => { })),
            "The function of the loss Own");
        Failing(
            Make().Use(LossFunction.Create("Own", (_, _) => 1, (_, _, _) => throw new FormatException("mine"))),
            "The derivative of the loss Own");

        void Failing(Network network, string name)
        {
            string before = Fingerprint.OfParameters(network.Layers);
            network.Invoking(one => Train(one, 1, threads, null)).Should().ThrowExactly<InvalidOperationException>()
                .WithMessage($"{name} threw FormatException: mine*").WithInnerException<FormatException>();
            Fingerprint.OfParameters(network.Layers).Should().Be(before);
        }
    }

    private static string Train(Network network, int epochs, int threads, Checkpoint? checkpoint)
    {
        network.Fit(s_data.X, s_data.Y, new FitOptions
        {
            Epochs = epochs,
            BatchSize = 32,
            Optimizer = new Adam(0.01),
            Seed = 4,
            MaxDegreeOfParallelism = threads,
            ThreadsOfStep = () => threads,
            Checkpoint = checkpoint,
        });
        return Fingerprint.OfParameters(network.Layers);
    }

    private static Network Make(ActivationFunction? activation = null)
    {
        var random = Draw.Seeded(1);
        return new Network().Add(new FCLayer(100, 60, random: random)).Add(new ActivationLayer(activation ?? s_sine))
            .Add(new FCLayer(60, 4, random: random)).Use(s_squares);
    }
}
