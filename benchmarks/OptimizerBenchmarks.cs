using BenchmarkDotNet.Attributes;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Benchmarks;

/// <summary>One update of the largest parameter of the article's MNIST network, 784 x 100, on one thread.</summary>
/// <remarks>
/// Without gradients, as behind inputs that are always 0, what an optimizer keeps comes down to the smallest numbers: those rows begin
/// after enough steps for that, and should take no longer than the others.
/// </remarks>
[MemoryDiagnoser]
public class OptimizerBenchmarks
{
    private const int StepsToTheSmallestNumbers = 7200;

    private readonly Optimizer _sgd = new Sgd(1e-9);
    private readonly Optimizer _momentum = new Sgd(1e-9, momentum: 0.9);
    private readonly Optimizer _rmsProp = new RmsProp(1e-9, decay: 0.9, momentum: 0.9, centered: true);
    private readonly Optimizer _adam = new Adam(1e-9);
    private readonly Parameter _parameter = new FCLayer(784, 100, random: new Random(1)).Parameters[0];

    [GlobalSetup]
    public void Fill() => Matrix<double>.Build.Random(784, 100, 1).CopyTo(_parameter.Gradient);

    [GlobalSetup(Target = nameof(MomentumWithoutGradients))]
    public void StepMomentum() => StepWithoutGradients(_momentum);

    [GlobalSetup(Target = nameof(RmsPropWithoutGradients))]
    public void StepRmsProp() => StepWithoutGradients(_rmsProp);

    [GlobalSetup(Target = nameof(AdamWithoutGradients))]
    public void StepAdam() => StepWithoutGradients(_adam);

    [Benchmark(Baseline = true)]
    public void Sgd() => _sgd.Update(_parameter);

    [Benchmark]
    public void Momentum() => _momentum.Update(_parameter);

    [Benchmark]
    public void MomentumWithoutGradients() => _momentum.Update(_parameter);

    [Benchmark]
    public void RmsProp() => _rmsProp.Update(_parameter);

    [Benchmark]
    public void RmsPropWithoutGradients() => _rmsProp.Update(_parameter);

    [Benchmark]
    public void Adam() => _adam.Update(_parameter);

    [Benchmark]
    public void AdamWithoutGradients() => _adam.Update(_parameter);

    private void StepWithoutGradients(Optimizer optimizer)
    {
        Fill();
        optimizer.Update(_parameter);
        _parameter.Gradient.Clear();
        for (int step = 0; step < StepsToTheSmallestNumbers; step++)
        {
            optimizer.Update(_parameter);
        }
    }
}
