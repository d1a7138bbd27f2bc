using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Benchmarks;

/// <summary>Trains the article's MNIST network with <see cref="FCLayer"/> and with <see cref="OwnDenseLayer"/>, in turn.</summary>
internal static class OwnLayerCommand
{
    private static readonly int[] s_sizes = [784, 100, 50, 10];

    /// <returns>1 where the two do not give the same bits, else 0.</returns>
    public static int Run(int samples, int epochs, int rounds, string folder)
    {
        var train = Mnist.Load(folder).Train.Take(samples);
        var flatten = new FlattenLayer();
        Matrix<double>[] x = [.. train.Images.Select(flatten.Predict)];
        var y = Labels.OneHot(train.Labels, 10);
        bool same = true;
        foreach (int batch in new[] { 1, 32 })
        {
            foreach (int threads in batch == 1 ? [1] : new[] { 1, 2 })
            {
                var (library, own) = (new List<double>(), new List<double>());
                for (int round = 0; round <= rounds; round++)
                {
                    var (libraryNet, ownNet) = (Make(own: false), Make(own: true));
                    double librarySeconds = Train(libraryNet);
                    double ownSeconds = Train(ownNet);
                    same &= libraryNet.Predict(x[0]).Equals(ownNet.Predict(x[0]));
                    if (round > 0)
                    {
                        library.Add(librarySeconds);
                        own.Add(ownSeconds);
                    }
                }

                var (first, second) = (Median(library) / x.Length / epochs * 1e6, Median(own) / x.Length / epochs * 1e6);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"batch {batch} threads {threads}: FCLayer {first:F2} us/sample, a user's {second:F2}, ratio {second / first:F2}"));

                double Train(Network net)
                {
                    long start = Stopwatch.GetTimestamp();
                    if (batch == 1)
                    {
                        net.Fit(x, y, epochs, 0.1);
                    }
                    else
                    {
                        var sgd = new Sgd(0.5);
                        net.Fit(
                            x, y, new FitOptions { Epochs = epochs, BatchSize = batch, Optimizer = sgd, MaxDegreeOfParallelism = threads });
                    }

                    return Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
            }
        }

        Console.WriteLine(same ? "the same bits" : "other bits");
        return same ? 0 : 1;
    }

    private static Network Make(bool own)
    {
        var random = new MathNet.Numerics.Random.Xoshiro256StarStar(1);
        var net = new Network();
        for (int i = 1; i < s_sizes.Length; i++)
        {
            var layer = new FCLayer(s_sizes[i - 1], s_sizes[i], random: random);
            net.Add(own ? new OwnDenseLayer(layer.InputSize, layer.OutputSize, layer.Weights, layer.Bias) : layer);
            net.Add(new ActivationLayer(ActivationFunction.Tanh));
        }

        return net.Use(LossFunction.Mse);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
