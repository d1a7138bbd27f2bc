using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>Same seed, same bits: a SHA-256 of all parameters after training.</summary>
public class DeterminismTests
{
    [Fact]
    public void TheSameSeedGivesTheSameBits()
    {
        Train(Fully, 7).Should().Be(Train(Fully, 7));
        Train(Convolutional, 7).Should().Be(Train(Convolutional, 7));
    }

    [Fact]
    public void AnotherSeedGivesOtherBits()
    {
        Train(Fully, 7).Should().NotBe(Train(Fully, 8));
        Train(Convolutional, 7).Should().NotBe(Train(Convolutional, 8));
    }

    [Fact]
    public void FourNetworksTrainedAtOnceGetTheBitsOfOneTrainedAlone()
    {
        string alone = Train(Convolutional, 7);

        var hashes = new string[4];
        Parallel.For(0, hashes.Length, i => hashes[i] = Train(Convolutional, 7));

        hashes.Should().AllBe(alone);
    }

    [Fact]
    public void AConvLayersKernelsAreDrawnRowByRowThenItsBias()
    {
        var layer = new ConvLayer((6, 5, 2), (3, 2), 3, random: new GoldenRandom(1));
        var random = new GoldenRandom(1);

        layer.Weights.ShouldBeBitForBit(
            Matrices.Of([.. Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, 3).Select(_ => random.NextDouble() - 0.5).ToArray())]));
        layer.Bias.ShouldBeBitForBit(Matrices.Of([random.NextDouble() - 0.5, random.NextDouble() - 0.5, random.NextDouble() - 0.5]));
    }

    private static string Train(Func<Random, Network> make, int seed)
    {
        var network = make(Draw.Seeded(seed)).Use(Losses.Mse, Losses.MsePrime);
        var random = Draw.Seeded(1);
        network.Fit(Draw.Matrices(10, 8, 9, random), Draw.Matrices(10, 1, 4, random), 3, 0.05);
        return Fingerprint.OfParameters(network.Layers);
    }

    private static Network Fully(Random random) => new Network()
        .Add(new FlattenLayer())
        .Add(new FCLayer(72, 13, random: random))
        .Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
        .Add(new FCLayer(13, 4, random: random));

    private static Network Convolutional(Random random) => new Network()
        .Add(new ConvLayer((8, 9, 1), (3, 2), 3, random: random))
        .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
        .Add(new FlattenLayer())
        .Add(new FCLayer(6 * 8 * 3, 4, random: random));
}
