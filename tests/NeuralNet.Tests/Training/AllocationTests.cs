namespace NeuralNet.Tests.Training;

public class AllocationTests
{
    [Theory]
    [InlineData("Tanh", "Mse")]
    [InlineData("Sigmoid", "BinaryCrossEntropy")]
    [InlineData("Relu", "Mae")]
    [InlineData("Gelu", "Huber")]
    [InlineData("LeakyRelu", "SoftmaxCrossEntropy")]
    [InlineData("Relu", "CategoricalCrossEntropy")]
    public void AStepOfTrainingAllocatesNothing(string activation, string loss)
    {
        var random = Draw.Seeded(1);
        var (error, errorPrime) = BuiltIn.Loss[loss];
        var net = new Network()
            .Add(new ConvLayer((28, 28, 1), (3, 3), 2, random: random)).Add(BuiltIn.Layer(activation)).Add(new FlattenLayer())
            .Add(new FCLayer(26 * 26 * 2, 10, random: random)).Add(BuiltIn.Layer("Sigmoid"))
            .Use(error, errorPrime);

        // A collection elsewhere in the process counts what is left of the thread's piece of the heap: the least of three trainings.
        Enumerable.Range(0, 3).Min(_ => Bytes(net)).Should().Be(0);
    }

    private static long Bytes(Network net)
    {
        var x = new AllocationProbe(Digits.Train(30).Images);
        net.Fit(x, Digits.TrainTargets(30), epochs: 3, learningRate: 1e-4);
        return x.BytesBetweenFirstAndLast;
    }
}
