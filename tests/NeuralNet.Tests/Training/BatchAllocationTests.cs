using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;
using NeuralNet.Tests.Optimizers;

namespace NeuralNet.Tests.Training;

public class BatchAllocationTests
{
    public static TheoryData<string> Optimizers => BuiltInOptimizers.Names;

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void ABatchAllocatesNothing(string optimizer)
    {
        foreach (bool clips in new[] { false, true })
        {
            var chosen = BuiltInOptimizers.New[optimizer]();
            (chosen.ClipNorm, chosen.ClipValue) = clips ? (1, 1) : ((double?)null, (double?)null);
            Bytes(Everything(), chosen, threads: 1).Should().Be(0);
        }
    }

    /// <summary>The training thread starts each part, and takes its own.</summary>
    [Fact]
    public void ABatchOnSeveralThreadsAllocatesNothingEither()
    {
        var network = Everything();
        (LayerTree.MultiplyAdds(network.Layers, null) * 16).Should().BeGreaterThan(BatchPlan.WorthSharing, "else one thread does it all");
        Bytes(network, new Adam(), threads: 2).Should().Be(0);
    }

    [Theory]
    [InlineData("Sigmoid", "BinaryCrossEntropy")]
    [InlineData("Relu", "Mae")]
    [InlineData("Gelu", "Huber")]
    [InlineData("Swish", "SoftmaxCrossEntropy")]
    [InlineData("Softplus", "CategoricalCrossEntropy")]
    public void NoLossAndNoActivationAllocates(string activation, string loss)
    {
        var (error, errorPrime) = BuiltIn.Loss[loss];
        var random = Draw.Seeded(1);
        var network = new Network()
            .Add(new FlattenLayer()).Add(new FCLayer(196, 20, random: random)).Add(BuiltIn.Layer(activation))
            .Add(new FCLayer(20, 10, random: random)).Add(BuiltIn.Layer("Sigmoid"))
            .Use(error, errorPrime);

        Bytes(network, new Sgd(1e-4), threads: 1).Should().Be(0);
    }

    /// <summary>
    /// Of the last epoch, between its second mini-batch of 16 and its last sample. The least of three trainings: a collection elsewhere in
    /// the process may empty the pool that buffers come from.
    /// </summary>
    private static long Bytes(Network network, Optimizer optimizer, int threads) =>
        Enumerable.Range(0, 3).Min(_ => BytesOnce(network, optimizer, threads));

    private static long BytesOnce(Network network, Optimizer optimizer, int threads)
    {
        var random = Draw.Seeded(2);
        var x = new AllocationProbe(Draw.Matrices(80, 14, 14, random), from: 16);
        var y = Array.ConvertAll(Draw.Matrices(80, 1, 10, random), one => one.PointwiseAbs() / one.PointwiseAbs().Enumerate().Sum());
        optimizer.LearningRate = 1e-4;

        var options = new FitOptions
        {
            Epochs = 3,
            BatchSize = 16,
            Optimizer = optimizer,
            MaxDegreeOfParallelism = threads,
            ThreadsOfStep = () => threads,
        };
        network.Fit(x, y, options).StopReason.Should().Be(StopReason.EpochsCompleted);

        return x.BytesBetweenFirstAndLast;
    }

    private static Network Everything()
    {
        var random = Draw.Seeded(1);
        return new Network()
            .Add(new ConvLayer((14, 14, 1), (3, 3), 4, (1, 1), Padding.Same, random: random))
            .Add(new BatchNormLayer((14, 14, 4)))
            .Add(BuiltIn.Layer("Relu"))
            .Add(new MaxPoolLayer((14, 14, 4), (2, 2)))
            .Add(new ConvLayer((7, 7, 4), (3, 3), 5, (2, 2), random: random))
            .Add(BuiltIn.Layer("Tanh"))
            .Add(new AveragePoolLayer((3, 3, 5), (3, 3)))
            .Add(new FlattenLayer())
            .Add(new FCLayer(5, 300, random: random))
            .Add(new DropoutLayer(0.2))
            .Add(new FCLayer(300, 90, random: random))
            .Add(new FCLayer(90, 10, random: random))
            .Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }
}
