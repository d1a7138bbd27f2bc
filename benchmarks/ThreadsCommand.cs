using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Benchmarks;

/// <summary>
/// Prints what a sample costs in training and prediction on one thread, on two, and on as many as the library takes by default, while
/// some other processes are busy.
/// </summary>
internal sealed record ThreadsCommand(int BatchSize, int Busy, double Seconds, int Rounds, IReadOnlyList<string> Kinds)
{
    private const int Samples = 2048;

    public static readonly string[] AllKinds = ["13-16-16-1", "13-64-64-1", "13-128-128-1", "fc", "mlp256", "mlp512", "conv1", "lenet"];

    /// <summary>A busy process: this program, which ends when its standard input does.</summary>
    public static void BeBusy()
    {
        var end = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
            }

            Environment.Exit(0);
        });
        end.Start();
        for (ulong i = 1; i != 0; i += 2)
        {
        }
    }

    public void Run()
    {
        // The program itself, or dotnet with the program as its first argument.
        bool byHost = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";
        string[] command = byHost ? [Environment.GetCommandLineArgs()[0], "busy"] : ["busy"];
        var start = new ProcessStartInfo(Environment.ProcessPath!, command) { RedirectStandardInput = true };
        Process[] busy = [.. Enumerable.Range(0, Busy).Select(_ => Process.Start(start)!)];
        try
        {
            Print($"{Environment.ProcessorCount} processors, {Busy} busy, batch {BatchSize}; medians of {Rounds} rounds of {Seconds} s");
            Print($"microseconds a sample: 1 thread | 2 threads | default, and the default's time over one thread's and over the better's");
            foreach (string kind in Kinds)
            {
                Measure(kind);
            }
        }
        finally
        {
            foreach (var process in busy)
            {
                process.Kill();
                process.Dispose();
            }
        }
    }

    private void Measure(string kind)
    {
        var net = Make(kind);
        var random = new Xoshiro256StarStar(2);
        bool image = kind is "conv1" or "lenet";
        int inputs = kind.StartsWith("13", StringComparison.Ordinal) ? 13 : 784;
        Matrix<double>[] x = [.. Enumerable.Range(0, Samples).Select(_ => image ? Draw(28, 28) : Draw(1, inputs))];
        int outputs = net.Predict(x[0]).ColumnCount;
        Matrix<double> Class(int i) => Matrix<double>.Build.Dense(1, outputs, (_, column) => column == i % outputs ? 1 : 0);
        Matrix<double>[] y = [.. Enumerable.Range(0, Samples).Select(Class)];
        var predictor = new Predictor(net.Layers);

        double Fit(int most, int? threads)
        {
            long start = Stopwatch.GetTimestamp();
            using var source = new CancellationTokenSource();
            int epochs = 0;
            var progress = new SynchronousProgress<EpochReport>(_ =>
            {
                epochs++;
                if (Stopwatch.GetElapsedTime(start).TotalSeconds >= Seconds)
                {
                    source.Cancel();
                }
            });

            // A rate so small that the network stays as it is.
            net.Fit(x, y, new FitOptions
            {
                Epochs = int.MaxValue,
                BatchSize = BatchSize,
                Optimizer = new Sgd(1e-9),
                MaxDegreeOfParallelism = most,
                ThreadsOfStep = threads is { } forced ? () => forced : null,
                Progress = progress,
            }, source.Token);
            return Stopwatch.GetElapsedTime(start).TotalSeconds / epochs / Samples;
        }

        double Predict(int most, int? threads)
        {
            long start = Stopwatch.GetTimestamp();
            int times = 0;
            for (; Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds; times++)
            {
                predictor.Predict(x, most, threads is { } forced ? () => forced : null);
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds / times / Samples;
        }

        Compare($"{kind} fit", () => Fit(1, null), () => Fit(2, 2), () => Fit(-1, null));
        Compare($"{kind} predict", () => Predict(1, null), () => Predict(2, 2), () => Predict(Environment.ProcessorCount, null));

        Matrix<double> Draw(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns, (_, _) => random.NextDouble());
    }

    private void Compare(string name, params Func<double>[] ways)
    {
        // The first round warms up.
        double[][] times = [.. ways.Select(_ => new double[Rounds])];
        for (int round = -1; round < Rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                double time = ways[way]();
                if (round >= 0)
                {
                    times[way][round] = time;
                }
            }
        }

        double[] medians = [.. times.Select(all => all.Order().ElementAt(Rounds / 2) * 1e6)];
        double better = Math.Min(medians[0], medians[1]);
        string ratios = FormattableString.Invariant($"{medians[2] / medians[0]:F2} x one, {medians[2] / better:F2} x the better");
        Print($"{name,-24} {medians[0],9:F3} | {medians[1],9:F3} | {medians[2],9:F3}   {ratios}");
    }

    private static Network Make(string kind)
    {
        if (kind is "fc" or "conv1" or "lenet")
        {
            return kind == "fc" ? Networks.Fc() : kind == "conv1" ? Networks.Conv1() : Networks.Lenet();
        }

        int[] sizes = kind.StartsWith("mlp", StringComparison.Ordinal)
            ? [784, Number(kind[3..]), Number(kind[3..]), 10]
            : [.. kind.Split('-').Select(Number)];
        return Networks.Relu(sizes);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
