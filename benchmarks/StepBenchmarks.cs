using BenchmarkDotNet.Attributes;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Benchmarks;

/// <summary>One update by a mini-batch of 32 digits, from the samples to the new parameters.</summary>
[MemoryDiagnoser]
public class StepBenchmarks : IDisposable
{
    private const int BatchSize = 32;

    private readonly double[] _losses = new double[BatchSize];
    private readonly Random _random = new(1);
    private IReadOnlyList<Matrix<double>> _x = [];
    private IReadOnlyList<Matrix<double>> _y = [];
    private Team _team = null!;
    private BatchRunner _runner = null!;
    private ParameterUpdate _update = null!;
    private Criterion _criterion = null!;

    [Params("fc", "lenet")]
    public string Kind { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Begin()
    {
        var digits = Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits")).Train.Take(BatchSize);
        _y = Labels.OneHot(digits.Labels, 10);
        (_x, var net, _criterion) = Kind == "fc"
            ? (digits.Rows, Networks.Fc(), new Criterion(Losses.Mse, Losses.MsePrime))
            : (digits.Images, Networks.Lenet(), new Criterion(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime));
        _team = new Team(Threads);
        _runner = new BatchRunner(net.Layers, Shape.Of(_x[0]), BatchSize, _criterion, _team);

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
        _runner.BeginBatch(_random, 1e-9 / BatchSize);
        _runner.ForwardBackward(_x, _y, first: 0, _losses);
        _update.Apply(BatchSize);
    }
}
