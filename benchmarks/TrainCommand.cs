using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Benchmarks;

/// <summary>Trains one of the networks that the peers train, and prints the time per sample.</summary>
internal sealed record TrainCommand(string Kind, int BatchSize, int Samples, int Epochs, int Threads, string Folder)
{
    /// <summary>The peers' settings.</summary>
    private double LearningRate => BatchSize == 1 || Kind == "lenet" ? 0.1 : 0.5;

    public void Run()
    {
        var (train, test) = Kind == "xor" ? Xor() : Digits();
        var net = Kind switch
        {
            "xor" => Networks.Xor(),
            "conv1" => Networks.Conv1(),
            "lenet" => Networks.Lenet(),
            _ => Networks.Fc(),
        };
        long start = Stopwatch.GetTimestamp();
        var progress = new SynchronousProgress<EpochReport>(report =>
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double microseconds = seconds / train.X.Count * 1e6;
            string run = $"neuralnet {Kind} batch {BatchSize} threads {Threads}";
            Print($"{run} epoch {report.Epoch}: {microseconds:F3} us/sample, test accuracy {Accuracy(net, test):F4}");
            start = Stopwatch.GetTimestamp();
        });
        var history = Fit(net, train.X, train.Y, Epochs, progress);
        if (history.StopReason != StopReason.EpochsCompleted)
        {
            throw new InvalidDataException(history.StopMessage);
        }

        Print($"neuralnet {Kind} predict one sample: {PredictSeconds(net, test.X) * 1e6:F3} us");
        var x = new AllocationProbe(train.X, BatchSize);
        Fit(net, x, train.Y, 2, null);
        Print($"neuralnet {Kind} allocated: {x.BytesPerStep} bytes/step");
    }

    private TrainingHistory Fit(
        Network net, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, int epochs, IProgress<EpochReport>? progress) =>
        BatchSize == 1 && Threads == 1
            ? net.Fit(x, y, epochs, LearningRate, progress)
            : net.Fit(x, y, new FitOptions
            {
                Epochs = epochs,
                BatchSize = BatchSize,
                Optimizer = new Sgd(LearningRate),
                Progress = progress,
                MaxDegreeOfParallelism = Threads,
            });

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

    private (
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test) Xor()
    {
        Matrix<double> Row(params double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
        Matrix<double>[] x = [Row(0, 0), Row(0, 1), Row(1, 0), Row(1, 1)];
        Matrix<double>[] y = [Row(0), Row(1), Row(1), Row(0)];
        return (([.. Enumerable.Range(0, Samples).Select(i => x[i % 4])], [.. Enumerable.Range(0, Samples).Select(i => y[i % 4])]), (x, y));
    }

    private (
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test) Digits()
    {
        var (train, test) = Mnist.Load(Folder);
        train = train.Take(Samples);
        IReadOnlyList<Matrix<double>> X(MnistSet set) => Kind switch
        {
            "conv1" or "lenet" => set.Images,
            "dense" => [.. set.Rows.Select(row => (row * 255 + 1) / 256)],
            _ => set.Rows,
        };
        return ((X(train), Labels.OneHot(train.Labels, 10)), (X(test), Labels.OneHot(test.Labels, 10)));
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
