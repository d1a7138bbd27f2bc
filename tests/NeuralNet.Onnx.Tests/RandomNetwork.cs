using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Onnx.Tests;

/// <summary>A random chain of built-in layers whose shapes fit.</summary>
internal static class RandomNetwork
{
    private static readonly (Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)[] s_activations =
    [
        (Activations.Tanh, Activations.TanhPrime), (Activations.Sigmoid, Activations.SigmoidPrime), (Activations.Relu, Activations.ReluPrime),
        (Activations.LeakyRelu, Activations.LeakyReluPrime), (Activations.Elu, Activations.EluPrime), (Activations.Softplus, Activations.SoftplusPrime),
        (Activations.Swish, Activations.SwishPrime), (Activations.Gelu, Activations.GeluPrime), (Activations.Linear, Activations.LinearPrime),
    ];

    public static Case Draw(int seed)
    {
        var random = new Xoshiro256StarStar(seed);
        var input = (random.Next(1, 9), random.Next(1, 9), random.Next(1, 4));
        return new Case($"random {seed}", _ => Make(new Xoshiro256StarStar(seed), input), input, LeastScale: 1);
    }

    private static Network Make(Random random, (int Height, int Width, int Depth) image)
    {
        // A convolution first tells the input's shape.
        var network = new Network();
        image = AddConv(network, image, random);
        for (int step = random.Next(5); step > 0; step--)
        {
            var pool = (random.Next(1, image.Height + 1), random.Next(1, image.Width + 1));
            var stride = (random.Next(1, 3), random.Next(1, 3));
            switch (random.Next(7))
            {
                case 0:
                    image = AddConv(network, image, random);
                    break;
                case 1:
                    var max = new MaxPoolLayer(image, pool, stride);
                    network.Add(max);
                    image = max.OutputShape;
                    break;
                case 2:
                    var average = new AveragePoolLayer(image, pool, stride);
                    network.Add(average);
                    image = average.OutputShape;
                    break;
                case 3:
                    AddBatchNorm(network, new BatchNormLayer(image), random);
                    break;
                case 4:
                    network.Add(new DropoutLayer(0.3));
                    break;
                case 5:
                    network.Add(new SoftmaxLayer());
                    break;
                default:
                    AddActivation(network, random);
                    break;
            }
        }

        if (random.Next(4) == 0)
        {
            return network;
        }

        network.Add(new FlattenLayer());
        int size = image.Height * image.Width * image.Depth;
        for (int layer = random.Next(4); layer > 0; layer--)
        {
            int outputs = random.Next(1, 9);
            network.Add(new FCLayer(size, outputs, Initializer.GlorotUniform, random));
            size = outputs;
            if (random.Next(3) == 0)
            {
                AddBatchNorm(network, new BatchNormLayer(size), random);
            }

            AddActivation(network, random);
        }

        return random.Next(2) == 0 ? network.Add(new SoftmaxLayer()) : network;
    }

    private static (int Height, int Width, int Depth) AddConv(Network network, (int Height, int Width, int Depth) image, Random random)
    {
        var padding = random.Next(3) switch { 0 => Padding.Valid, 1 => Padding.Same, _ => new Padding(random.Next(3), random.Next(3)) };
        var kernel = (random.Next(1, Math.Min(image.Height, 4) + 1), random.Next(1, Math.Min(image.Width, 4) + 1));
        var layer = new ConvLayer(image, kernel, random.Next(1, 5), (random.Next(1, 4), random.Next(1, 4)), padding, Initializer.GlorotUniform, random);
        network.Add(layer);
        return layer.OutputShape;
    }

    private static void AddBatchNorm(Network network, BatchNormLayer layer, Random random)
    {
        // A variance near 0 makes the rounding of float32 hundreds of times as large.
        network.Add(Case.BatchNorm(layer, random));
        layer.RunningVariance += 0.5;
    }

    private static void AddActivation(Network network, Random random)
    {
        var (function, prime) = s_activations[random.Next(s_activations.Length)];
        network.Add(new ActivationLayer(function, prime));
    }
}
