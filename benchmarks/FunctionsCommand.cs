using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Benchmarks;

/// <summary>Trains a network of 64-256-256-1 with each activation in turn, and prints how much longer than with relu it takes.</summary>
internal static class FunctionsCommand
{
    private const int Samples = 1024, Epochs = 3;

    private static readonly ActivationFunction[] s_functions =
    [
        ActivationFunction.Relu, ActivationFunction.LeakyRelu, ActivationFunction.Relu6, ActivationFunction.Tanh,
        ActivationFunction.Sigmoid, ActivationFunction.HardSigmoid, ActivationFunction.HardSwish, ActivationFunction.Elu,
        ActivationFunction.Selu, ActivationFunction.Softplus, ActivationFunction.Swish, ActivationFunction.Mish, ActivationFunction.Gelu,
    ];

    public static void Run(int rounds)
    {
        var random = new Xoshiro256StarStar(1);
        Matrix<double>[] x =
            [.. Enumerable.Range(0, Samples).Select(_ => Matrix<double>.Build.Dense(1, 64, (_, _) => random.NextDouble() - 0.5))];
        Matrix<double>[] y = [.. Enumerable.Range(0, Samples).Select(_ => Matrix<double>.Build.Dense(1, 1, random.NextDouble()))];
        var times = Array.ConvertAll(s_functions, _ => new List<double>());
        for (int round = 0; round <= rounds; round++)
        {
            for (int i = 0; i < s_functions.Length; i++)
            {
                double seconds = Train(s_functions[i], x, y);
                if (round > 0)
                {
                    times[i].Add(seconds / Samples / Epochs * 1e6);
                }
            }
        }

        double relu = Median(times[0]);
        for (int i = 0; i < s_functions.Length; i++)
        {
            double median = Median(times[i]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{s_functions[i].Name}: {median:F2} us/sample, {median / relu:F2} x relu"));
        }
    }

    private static double Train(ActivationFunction function, Matrix<double>[] x, Matrix<double>[] y)
    {
        var random = new Xoshiro256StarStar(1);
        var net = new Network()
            .Add(new FCLayer(64, 256, Initializer.HeUniform, random)).Add(new ActivationLayer(function))
            .Add(new FCLayer(256, 256, Initializer.HeUniform, random)).Add(new ActivationLayer(function))
            .Add(new FCLayer(256, 1, Initializer.HeUniform, random))
            .Use(Losses.Mse, Losses.MsePrime);
        long start = Stopwatch.GetTimestamp();
        net.Fit(x, y, new FitOptions { Epochs = Epochs, BatchSize = 32, Optimizer = new Sgd(0.001), MaxDegreeOfParallelism = 1 });
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
