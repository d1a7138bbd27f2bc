using BenchmarkDotNet.Attributes;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Benchmarks;

/// <summary>One update of the largest parameter of the article's MNIST network, 784 x 100, on one thread.</summary>
[MemoryDiagnoser]
public class OptimizerBenchmarks
{
    private readonly Optimizer _sgd = new Sgd(1e-9);
    private readonly Optimizer _momentum = new Sgd(1e-9, momentum: 0.9);
    private readonly Optimizer _adam = new Adam(1e-9);
    private readonly Parameter _parameter = new FCLayer(784, 100, random: new Random(1)).Parameters[0];

    [GlobalSetup]
    public void Fill() => Matrix<double>.Build.Random(784, 100, 1).CopyTo(_parameter.Gradient);

    [Benchmark(Baseline = true)]
    public void Sgd() => _sgd.Update(_parameter);

    [Benchmark]
    public void Momentum() => _momentum.Update(_parameter);

    [Benchmark]
    public void Adam() => _adam.Update(_parameter);
}
