using BenchmarkDotNet.Attributes;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Benchmarks;

/// <summary>One update by a mini-batch of 32 digits, from the samples to the new parameters.</summary>
[MemoryDiagnoser]
public class StepBenchmarks : IDisposable
{
    private const int BatchSize = 32;

    private readonly int[] _batch = [.. Enumerable.Range(0, BatchSize)];
    private readonly double[] _weights = new double[BatchSize];
    private readonly double[] _losses = new double[BatchSize];
    private readonly Random _random = new(1);
    private IReadOnlyList<Matrix<double>> _x = [];
    private IReadOnlyList<Matrix<double>> _y = [];
    private Team _team = null!;
    private RunnerSet _runners = null!;
    private ParameterUpdate _update = null!;

    [Params("fc", "lenet")]
    public string Kind { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Begin()
    {
        var digits = Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits")).Train.Take(BatchSize);
        _y = Labels.OneHot(digits.Labels, 10);
        (_x, var net, var criterion) = Kind == "fc"
            ? (digits.Rows, Networks.Fc(), new Criterion(Losses.Mse, Losses.MsePrime))
            : (digits.Images, Networks.Lenet(), new Criterion(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime));
        _team = new Team(Threads);
        _runners = new RunnerSet(net.Layers, criterion, _ => BatchSize, _team, stored: false);

        // A rate so small that the network stays as it is, however many steps are measured.
        _update = new ParameterUpdate(net.Layers, new Sgd(1e-9), _team);
        _update.ClearGradients();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _team.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Step()
    {
        _runners.ForwardBackward(_x, _y, _batch, null, _losses, _weights, 1e-9 / BatchSize, _random);
        _update.Apply(BatchSize);
    }
}
