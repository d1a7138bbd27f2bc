using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Onnx.Tests;

/// <summary>A random network of built-in layers whose shapes fit, in branches within branches.</summary>
internal static class RandomNetwork
{
    private const int DeepestBranch = 2;

    private static readonly (Func<Matrix<double>, Matrix<double>> Function, Func<Matrix<double>, Matrix<double>> Prime)[] s_activations =
    [
        (Activations.Tanh, Activations.TanhPrime), (Activations.Sigmoid, Activations.SigmoidPrime),
        (Activations.Relu, Activations.ReluPrime), (Activations.LeakyRelu, Activations.LeakyReluPrime),
        (Activations.Elu, Activations.EluPrime), (Activations.Softplus, Activations.SoftplusPrime),
        (Activations.Swish, Activations.SwishPrime), (Activations.Gelu, Activations.GeluPrime),
        (Activations.Linear, Activations.LinearPrime),
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
        var layers = new List<Layer>();
        image = AddConv(layers, image, random);
        image = AddOfImages(layers, image, random.Next(5), random, 0);
        if (random.Next(4) > 0)
        {
            layers.Add(new FlattenLayer());
            AddOfRows(layers, image.Height * image.Width * image.Depth, random.Next(4), random, 0);
            if (random.Next(2) == 0)
            {
                layers.Add(new SoftmaxLayer());
            }
        }

        return layers.Aggregate(new Network(), (network, layer) => network.Add(layer));
    }

    private static (int Height, int Width, int Depth) AddOfImages(
        List<Layer> layers, (int Height, int Width, int Depth) image, int count, Random random, int depth)
    {
        for (; count > 0; count--)
        {
            var pool = (random.Next(1, image.Height + 1), random.Next(1, image.Width + 1));
            var stride = (random.Next(1, 3), random.Next(1, 3));
            switch (random.Next(depth < DeepestBranch ? 10 : 7))
            {
                case 0:
                    image = AddConv(layers, image, random);
                    break;
                case 1:
                    var max = new MaxPoolLayer(image, pool, stride);
                    layers.Add(max);
                    image = max.OutputShape;
                    break;
                case 2:
                    var average = new AveragePoolLayer(image, pool, stride);
                    layers.Add(average);
                    image = average.OutputShape;
                    break;
                case 3:
                    layers.Add(BatchNorm(new BatchNormLayer(image), random));
                    break;
                case 4:
                    layers.Add(new DropoutLayer(0.3));
                    break;
                case 5:
                    layers.Add(image.Depth == 1 || image.Height == 1 ? new SoftmaxLayer() : Activation(random));
                    break;
                case 6:
                    layers.Add(Activation(random));
                    break;
                case 7:
                    var (body, shortcut) = (new List<Layer>(), new List<Layer>());
                    var output = AddOfImages(body, image, random.Next(4), random, depth + 1);
                    Fit(body, output, output, random);
                    if (output != image || random.Next(2) == 0)
                    {
                        Fit(shortcut, AddOfImages(shortcut, image, random.Next(3), random, depth + 1), output, random);
                    }

                    layers.Add(new ResidualLayer(body, shortcut));
                    image = output;
                    break;
                case 8:
                    var branches = new List<Layer>[random.Next(2, 4)];
                    var first = default((int Height, int Width, int Depth));
                    int planes = 0;
                    for (int i = 0; i < branches.Length; i++)
                    {
                        branches[i] = [];
                        var its = AddOfImages(branches[i], image, random.Next(4), random, depth + 1);
                        first = i == 0 ? its : (first.Height, first.Width, its.Depth);
                        if (its != first)
                        {
                            Fit(branches[i], its, first, random);
                        }

                        planes += first.Depth;
                    }

                    layers.Add(new ConcatenateLayer([.. branches]));
                    image = (first.Height, first.Width, planes);
                    break;
                default:
                    var inner = new List<Layer>();
                    image = AddOfImages(inner, image, random.Next(1, 4), random, depth + 1);
                    layers.Add(new NetworkLayer(inner.Aggregate(new Network(), (network, layer) => network.Add(layer))));
                    break;
            }
        }

        return image;
    }

    private static int AddOfRows(List<Layer> layers, int size, int count, Random random, int depth)
    {
        for (; count > 0; count--)
        {
            switch (random.Next(depth < DeepestBranch ? 5 : 3))
            {
                case 0:
                    layers.Add(BatchNorm(new BatchNormLayer(size), random));
                    break;
                case 3:
                    var (body, shortcut) = (new List<Layer>(), new List<Layer>());
                    int output = AddOfRows(body, size, random.Next(1, 4), random, depth + 1);
                    if (output != size || random.Next(2) == 0)
                    {
                        int inner = AddOfRows(shortcut, size, random.Next(3), random, depth + 1);
                        shortcut.Add(new FCLayer(inner, output, Initializer.GlorotUniform, random));
                    }

                    layers.Add(new ResidualLayer(body, shortcut));
                    size = output;
                    break;
                case 4:
                    var branches = Enumerable.Range(0, random.Next(2, 5)).Select(_ => new List<Layer>()).ToArray();
                    size = branches.Select(branch => AddOfRows(branch, size, random.Next(3), random, depth + 1)).ToArray().Sum();
                    layers.Add(new ConcatenateLayer([.. branches]));
                    break;
                default:
                    int outputs = random.Next(1, 9);
                    layers.Add(new FCLayer(size, outputs, Initializer.GlorotUniform, random));
                    size = outputs;
                    break;
            }

            layers.Add(Activation(random));
        }

        return size;
    }

    /// <summary>Adds layers that make one shape of another: convolutions with as much padding or as large a kernel as it takes.</summary>
    private static void Fit(
        List<Layer> layers, (int Height, int Width, int Depth) from, (int Height, int Width, int Depth) to, Random random)
    {
        var padding = new Padding(Zeros(from.Height, to.Height), Zeros(from.Width, to.Width));
        var kernel = (from.Height + (2 * padding.Rows) - to.Height + 1, from.Width + (2 * padding.Columns) - to.Width + 1);
        layers.Add(new ConvLayer(from, kernel, to.Depth, (1, 1), padding, Initializer.GlorotUniform, random));
    }

    private static int Zeros(int from, int to) => Math.Max(0, (to - from + 1) / 2);

    private static (int Height, int Width, int Depth) AddConv(List<Layer> layers, (int Height, int Width, int Depth) image, Random random)
    {
        var padding = random.Next(3) switch { 0 => Padding.Valid, 1 => Padding.Same, _ => new Padding(random.Next(3), random.Next(3)) };
        var kernel = (random.Next(1, Math.Min(image.Height, 4) + 1), random.Next(1, Math.Min(image.Width, 4) + 1));
        var layer = new ConvLayer(
            image, kernel, random.Next(1, 5), (random.Next(1, 4), random.Next(1, 4)), padding, Initializer.GlorotUniform, random);
        layers.Add(layer);
        return layer.OutputShape;
    }

    private static BatchNormLayer BatchNorm(BatchNormLayer layer, Random random)
    {
        // A variance near 0 makes the rounding of float32 hundreds of times as large.
        Case.BatchNorm(layer, random);
        layer.RunningVariance += 0.5;
        return layer;
    }

    private static ActivationLayer Activation(Random random)
    {
        var (function, prime) = s_activations[random.Next(s_activations.Length)];
        return new ActivationLayer(function, prime);
    }
}
