using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>What training left behind, for comparison.</summary>
internal static class Trained
{
    /// <summary>All parameters, then the running statistics of batch norms.</summary>
    public static Matrix<double>[] Values(this Network network) =>
    [
        .. network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Select(parameter => parameter.Value),
        .. network.Layers.OfType<BatchNormLayer>().SelectMany(layer => new[] { layer.RunningMean, layer.RunningVariance }),
    ];

    public static string Bits(this Network network) => Fingerprint.Of(network.Values());

    public static void ShouldHaveNoGradients(this Network network) =>
        network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)
            .SelectMany(parameter => parameter.Gradient.Enumerate()).Should().NotContain(value => value != 0);

    /// <summary>4-3-2 with tanh, and batch norm behind the first layer where wanted.</summary>
    public static Network Small(bool batchNorm = false, int seed = 1)
    {
        var random = Draw.Seeded(seed);
        var network = new Network().Add(new FCLayer(4, 3, random: random));
        if (batchNorm)
        {
            network.Add(new BatchNormLayer(3));
        }

        return network.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Add(new FCLayer(3, 2, random: random))
            .Use(Losses.Mse, Losses.MsePrime);
    }

    public static (Matrix<double>[] X, Matrix<double>[] Y) Samples(int count) =>
        (Draw.Matrices(count, 1, 4, Draw.Seeded(2)), Draw.Matrices(count, 1, 2, Draw.Seeded(3)));

    public static SynchronousProgress<T> Tell<T>(Action<T> report) => new(report);
}
