using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet.Data;

namespace NeuralNet.Benchmarks;

/// <summary>Trains one of the networks that the peers train, and prints the time per sample.</summary>
internal static class TrainCommand
{
    private const double LearningRate = 0.1;

    public static void Run(string kind, int samples, int epochs, string folder)
    {
        var (net, train, test) = kind == "xor" ? Xor(samples) : Digits(kind, samples, folder);
        net.Use(Losses.Mse, Losses.MsePrime);
        var x = new AllocationProbe(train.X);

        long start = Stopwatch.GetTimestamp();
        net.Fit(x, train.Y, epochs, LearningRate, new SynchronousProgress<EpochReport>(report =>
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Print($"neuralnet {kind} batch 1 threads 1 epoch {report.Epoch}: {seconds / x.Count * 1e6:F3} us/sample, test accuracy {Accuracy(net, test):F4}");
            start = Stopwatch.GetTimestamp();
        }));

        Print($"neuralnet {kind} predict one sample: {PredictSeconds(net, test.X) * 1e6:F3} us");
        Print($"neuralnet {kind} allocated: {x.BytesPerStep} bytes/step");
    }

    private static double PredictSeconds(Network net, IReadOnlyList<Matrix<double>> inputs)
    {
        var rounds = new List<double>();
        for (int round = 0; round < 15; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 1000; i++)
            {
                net.Predict(inputs[i % inputs.Count]);
            }

            rounds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / 1000);
        }

        return rounds.Order().ElementAt(rounds.Count / 2);
    }

    private static double Accuracy(Network net, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) test) =>
        net.Predict(test.X).Zip(test.Y).Count(pair => Class(pair.First) == Class(pair.Second)) / (double)test.X.Count;

    private static int Class(Matrix<double> y) => y.ColumnCount == 1 ? (int)Math.Round(y[0, 0]) : Labels.ArgMax(y);

    private static (Network Net, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test) Xor(int samples)
    {
        Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
        Matrix<double>[] x = [Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)];
        Matrix<double>[] y = [Row(0), Row(1), Row(1), Row(0)];
        var random = new Xoshiro256StarStar(2);
        var net = new Network()
            .Add(new FCLayer(2, 3, random: random)).Add(Tanh())
            .Add(new FCLayer(3, 1, random: random)).Add(Tanh());
        return (net, ([.. Enumerable.Range(0, samples).Select(i => x[i % 4])], [.. Enumerable.Range(0, samples).Select(i => y[i % 4])]), (x, y));
    }

    private static (Network Net, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test) Digits(
        string kind, int samples, string folder)
    {
        var (train, test) = Mnist.Load(folder);
        train = train.Take(samples);
        IReadOnlyList<Matrix<double>> X(MnistSet set) => kind switch
        {
            "conv1" => set.Images,
            "dense" => [.. set.Rows.Select(row => (row * 255 + 1) / 256)],
            _ => set.Rows,
        };
        var random = new Xoshiro256StarStar(1);
        var net = kind == "conv1"
            ? new Network()
                .Add(new ConvLayer((28, 28, 1), (3, 3), 1, random: random)).Add(Tanh()).Add(new FlattenLayer())
                .Add(new FCLayer(26 * 26, 100, random: random)).Add(Tanh())
                .Add(new FCLayer(100, 10, random: random)).Add(Tanh())
            : new Network()
                .Add(new FCLayer(784, 100, random: random)).Add(Tanh())
                .Add(new FCLayer(100, 50, random: random)).Add(Tanh())
                .Add(new FCLayer(50, 10, random: random)).Add(Tanh());
        return (net, (X(train), Labels.OneHot(train.Labels, 10)), (X(test), Labels.OneHot(test.Labels, 10)));
    }

    private static ActivationLayer Tanh() => new(Activations.Tanh, Activations.TanhPrime);

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
