using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Tests;

public class DeterminismTests
{
    private static readonly Matrix<double>[] s_x = [Matrices.Of([0, 0]), Matrices.Of([0, 1]), Matrices.Of([1, 0]), Matrices.Of([1, 1])];
    private static readonly Matrix<double>[] s_y = [Matrices.Of([0]), Matrices.Of([1]), Matrices.Of([1]), Matrices.Of([0])];

    [Fact]
    public void TheSameSeedGivesTheSameWeightsBitForBitAndAnotherOneDoesNot()
    {
        TrainedOnDigits(1).Should().Be(TrainedOnDigits(1));
        TrainedOnDigits(1).Should().NotBe(TrainedOnDigits(2));
    }

    [Fact]
    public void SixtySixToSeventyEightPercentOfFourHundredSeedsSolveXor()
    {
        int solved = Enumerable.Range(1, 400).AsParallel().Count(seed =>
            Xor(new Xoshiro256StarStar(seed)).Fit(s_x, s_y, epochs: 1000, learningRate: 0.1).Losses[^1] < 0.01);
        (solved / 400.0).Should().BeInRange(0.66, 0.78);
    }

    [Fact]
    public void AStepOfTrainingAllocatesNothing()
    {
        var random = new Xoshiro256StarStar(1);
        var net = new Network()
            .Add(new ConvLayer((28, 28, 1), (3, 3), 2, random: random)).Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Add(new FlattenLayer())
            .Add(new FCLayer(26 * 26 * 2, 10, random: random)).Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
            .Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime);
        var x = new AllocationProbe(Digits.TrainImages(30));
        net.Fit(x, Digits.TrainTargets(30), epochs: 3, learningRate: 0.01);
        x.BytesBetweenFirstAndLast.Should().Be(0);
    }

    private static string TrainedOnDigits(int seed)
    {
        var random = new Xoshiro256StarStar(seed);
        var net = new Network()
            .Add(new ConvLayer((28, 28, 1), (3, 3), 2, random: random)).Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Add(new FlattenLayer())
            .Add(new FCLayer(26 * 26 * 2, 10, random: random))
            .Use(Losses.Mse, Losses.MsePrime);
        net.Fit(Digits.TrainImages(20), Digits.TrainTargets(20), epochs: 2, learningRate: 0.01);
        return Fingerprint.OfParameters(net.Layers);
    }

    private static Network Xor(Random random) => new Network()
        .Add(new FCLayer(2, 3, random: random)).Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
        .Add(new FCLayer(3, 1, random: random)).Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
        .Use(Losses.Mse, Losses.MsePrime);
}
