using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Benchmarks;

/// <summary>Trains one layer for sequences, with one row of weights behind it, and prints the time per sample.</summary>
/// <remarks>The peers do the same with PyTorch's layers in peers/torch_sequences.py: 64 steps, mean squared error, SGD.</remarks>
internal sealed record SequenceCommand(string Kind, int Epochs, int Threads)
{
    public static readonly string[] AllKinds = ["rnn", "gru", "lstm", "conv1d", "embedding", "attention"];

    private const int Steps = 64, Samples = 512, BatchSize = 32, Hidden = 64, Vocabulary = 1000;

    /// <summary>Values of a step: recurrent layers go from 32 to 64, the others from 64 to 64.</summary>
    private int Inputs => Kind switch
    {
        "embedding" => 1,
        "rnn" or "gru" or "lstm" => 32,
        _ => 64,
    };

    public void Run()
    {
        var random = new Xoshiro256StarStar(1);
        Matrix<double>[] x = [.. Enumerable.Range(0, Samples).Select(_ => Sequence(random))];
        Matrix<double>[] y = [.. Enumerable.Range(0, Samples).Select(_ => Matrix<double>.Build.Dense(1, 1, random.NextDouble()))];
        var net = Make(random);
        long start = Stopwatch.GetTimestamp();
        Fit(net, x, y, Epochs, new SynchronousProgress<EpochReport>(report =>
        {
            double microseconds = Stopwatch.GetElapsedTime(start).TotalSeconds / Samples * 1e6;
            Print($"neuralnet {Kind} threads {Threads} epoch {report.Epoch}: {microseconds:F3} us/sample, loss {report.Loss:F5}");
            start = Stopwatch.GetTimestamp();
        }));
        var probe = new AllocationProbe(x, BatchSize);
        Fit(net, probe, y, 2, null);
        Print($"neuralnet {Kind} threads {Threads} allocated: {probe.BytesPerStep} bytes/step");
    }

    private void Fit(
        Network net, IReadOnlyList<Matrix<double>> x, Matrix<double>[] y, int epochs, IProgress<EpochReport>? progress) =>
        net.Fit(x, y, new FitOptions
        {
            Epochs = epochs,
            BatchSize = BatchSize,
            Shuffle = false,
            Optimizer = new Sgd(0.01),
            Progress = progress,
            MaxDegreeOfParallelism = Threads,
        });

    private Network Make(Random random)
    {
        var net = new Network();
        switch (Kind)
        {
            case "rnn":
                net.Add(new RnnLayer(Inputs, Hidden, random: random));
                break;
            case "gru":
                net.Add(new GruLayer(Inputs, Hidden, random: random));
                break;
            case "lstm":
                net.Add(new LstmLayer(Inputs, Hidden, random: random));
                break;
            case "conv1d":
                net.Add(new Conv1DLayer(Inputs, Hidden, 3, padding: Padding.Same, random: random)).Add(new GlobalAveragePoolLayer());
                break;
            case "attention":
                net.Add(new SelfAttentionLayer(Inputs, heads: 4, random: random)).Add(new GlobalAveragePoolLayer());
                break;
            default:
                net.Add(new EmbeddingLayer(Vocabulary, Hidden, random: random)).Add(new GlobalAveragePoolLayer());
                break;
        }

        return net.Add(new FCLayer(Hidden, 1, random: random)).Use(Losses.Mse, Losses.MsePrime);
    }

    private Matrix<double> Sequence(Random random) => Kind == "embedding"
        ? Matrix<double>.Build.Dense(Steps, 1, (_, _) => random.Next(Vocabulary))
        : Matrix<double>.Build.Dense(Steps, Inputs, (_, _) => (2 * random.NextDouble()) - 1);

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
