using MathNet.Numerics.Random;

namespace NeuralNet.Benchmarks;

/// <summary>The networks that the peers train, with their losses; the same weights each time.</summary>
internal static class Networks
{
    private static Random Seeded => new Xoshiro256StarStar(1);

    public static Network Xor()
    {
        var random = new Xoshiro256StarStar(2);
        return new Network()
            .Add(new FCLayer(2, 3, random: random)).Add(Tanh())
            .Add(new FCLayer(3, 1, random: random)).Add(Tanh())
            .Use(Losses.Mse, Losses.MsePrime);
    }

    public static Network Fc()
    {
        var random = Seeded;
        return new Network()
            .Add(new FCLayer(784, 100, random: random)).Add(Tanh())
            .Add(new FCLayer(100, 50, random: random)).Add(Tanh())
            .Add(new FCLayer(50, 10, random: random)).Add(Tanh())
            .Use(Losses.Mse, Losses.MsePrime);
    }

    public static Network Conv1()
    {
        var random = Seeded;
        return new Network()
            .Add(new ConvLayer((28, 28, 1), (3, 3), 1, random: random)).Add(Tanh()).Add(new FlattenLayer()) // 26 x 26 -> 676
            .Add(new FCLayer(676, 100, random: random)).Add(Tanh())
            .Add(new FCLayer(100, 10, random: random)).Add(Tanh())
            .Use(Losses.Mse, Losses.MsePrime);
    }

    public static Network Lenet()
    {
        var random = Seeded;
        return new Network()
            .Add(new ConvLayer((28, 28, 1), (5, 5), 8, Initializer.HeUniform, random)).Add(Relu())  // 24 x 24 x 8
            .Add(new MaxPoolLayer((24, 24, 8), (2, 2)))                                             // 12 x 12 x 8
            .Add(new ConvLayer((12, 12, 8), (5, 5), 16, Initializer.HeUniform, random)).Add(Relu()) // 8 x 8 x 16
            .Add(new MaxPoolLayer((8, 8, 16), (2, 2))).Add(new FlattenLayer())                      // 4 x 4 x 16 -> 256
            .Add(new FCLayer(256, 10, Initializer.GlorotUniform, random))
            .Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }

    /// <summary>Layers of these sizes with relu between them, for numbers where the last has one value, else for classes.</summary>
    public static Network Relu(params int[] sizes)
    {
        var random = Seeded;
        var net = new Network();
        for (int i = 1; i < sizes.Length; i++)
        {
            net.Add(new FCLayer(sizes[i - 1], sizes[i], Initializer.HeUniform, random));
            if (i < sizes.Length - 1)
            {
                net.Add(Relu());
            }
        }

        return sizes[^1] == 1 ? net.Use(Losses.Mse, Losses.MsePrime) : net.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }

    private static ActivationLayer Tanh() => new(Activations.Tanh, Activations.TanhPrime);

    private static ActivationLayer Relu() => new(Activations.Relu, Activations.ReluPrime);
}
