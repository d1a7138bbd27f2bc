using BenchmarkDotNet.Attributes;
using NeuralNet.Kernels;

namespace NeuralNet.Benchmarks;

/// <summary>The products of a batch on one thread: the first two layers of the article's MNIST network, and a square one.</summary>
[MemoryDiagnoser]
public class BatchProductBenchmarks
{
    private double[] _x = [];
    private double[] _w = [];
    private double[] _b = [];
    private double[] _y = [];
    private double[] _e = [];

    /// <summary>Samples, inputs, outputs, and how many of the inputs are not 0: a digit has about 0.19, in runs.</summary>
    [ParamsSource(nameof(Shapes))]
    public (int Count, int N, int M, double Filled) Shape { get; set; }

    public static IEnumerable<(int Count, int N, int M, double Filled)> Shapes =>
        [(32, 784, 100, 0.19), (32, 784, 100, 1), (32, 100, 50, 1), (768, 768, 768, 1)];

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        _x = [.. Enumerable.Range(0, Shape.Count * Shape.N).Select(i => i % 28 < 28 * Shape.Filled ? random.NextDouble() : 0)];
        _w = [.. Enumerable.Range(0, Shape.N * Shape.M).Select(_ => random.NextDouble() - 0.5)];
        _b = [.. Enumerable.Range(0, Shape.M).Select(_ => random.NextDouble() - 0.5)];
        _y = [.. Enumerable.Range(0, Shape.Count * Shape.M).Select(_ => random.NextDouble() - 0.5)];
        _e = new double[Shape.Count * Shape.N];
    }

    [Benchmark]
    public void RowsTimesMatrix() => BatchProducts.RowsTimesMatrix(_x, Shape.Count, _w, _b, _y);

    [Benchmark]
    public void InputErrors() => BatchProducts.InputErrors(_y, Shape.Count, _w, _e);

    [Benchmark]
    public void AddOuters() => BatchProducts.AddOuters(_x, _y, Shape.Count, Shape.N, Shape.M, 0, Shape.M, _w);

    [Benchmark]
    public void AddColumnSums() => BatchProducts.AddColumnSums(_y, Shape.Count, Shape.M, 0, Shape.M, _b);
}
