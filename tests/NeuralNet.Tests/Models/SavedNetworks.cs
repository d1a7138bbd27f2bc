using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Models;

/// <summary>Networks of each kind of layer.</summary>
internal static class SavedNetworks
{
    /// <summary>All built-in kinds, with parameters, statistics and settings that are not the default.</summary>
    public static Network All(int seed)
    {
        var network = Untrained(seed);
        Train(network, seed);
        return network;
    }

    public static Network Untrained(int seed)
    {
        var random = Draw.Seeded(seed);
        return new Network()
            .Add(new ConvLayer((6, 7, 2), (2, 3), 3, (2, 1), new Padding(1, 0), random: random) { L2 = 0.01 })
            .Add(new BatchNormLayer((4, 5, 3), 0.3, 1e-4))
            .Add(BuiltIn.Layer("Relu"))
            .Add(new ConvLayer((4, 5, 3), (3, 3), 2, (1, 1), Padding.Same, random: random))
            .Add(new MaxPoolLayer((4, 5, 2), (2, 2), (1, 2)))
            .Add(new AveragePoolLayer((3, 2, 2), (2, 1)))
            .Add(new FlattenLayer())
            .Add(new DropoutLayer(0.25))
            .Add(new FCLayer(4, 5, random: random) { L2 = 1e-3 })
            .Add(new BatchNormLayer(5))
            .Add(BuiltIn.Layer("Tanh"))
            .Add(new FCLayer(5, 3, random: random))
            .Add(new SoftmaxLayer())
            .Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime);
    }

    public static (Matrix<double>[] X, Matrix<double>[] Y) Samples(int seed) =>
        (Draw.Matrices(8, 6, 14, Draw.Seeded(~seed)),
        [
            .. Enumerable.Range(0, 8).Select(i => Draw.Row(i % 3 == 0 ? 1 : 0, i % 3 == 1 ? 1 : 0, i % 3 == 2 ? 1 : 0))
        ]);

    /// <summary>A few epochs of what <see cref="All"/> takes, dropout included.</summary>
    public static void Train(Network network, int seed)
    {
        var (x, y) = Samples(seed);
        network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 4, Optimizer = new Adam(0.01), Seed = seed });
    }
}
