using BenchmarkDotNet.Attributes;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Benchmarks;

/// <summary>The article's two methods of each layer, at the sizes of its networks.</summary>
[MemoryDiagnoser]
public class LayerBenchmarks
{
    private readonly Matrix<double> _row = Matrix<double>.Build.Random(1, 784, 1);
    private readonly Matrix<double> _image = Matrix<double>.Build.Random(28, 28, 1);
    private readonly Matrix<double> _rowError = Matrix<double>.Build.Random(1, 100, 2);
    private readonly Matrix<double> _imageError = Matrix<double>.Build.Random(26, 26, 2);
    private readonly Matrix<double> _flatError = Matrix<double>.Build.Random(1, 784, 2);
    private readonly FCLayer _fc = new(784, 100, random: new Random(1));
    private readonly ConvLayer _conv = new((28, 28, 1), (3, 3), 1, random: new Random(1));
    private readonly ActivationLayer _tanh = new(Activations.Tanh, Activations.TanhPrime);
    private readonly FlattenLayer _flatten = new();

    [GlobalSetup]
    public void Forward()
    {
        _fc.ForwardPropagation(_row);
        _conv.ForwardPropagation(_image);
        _tanh.ForwardPropagation(_flatError);
        _flatten.ForwardPropagation(_image);
    }

    [Benchmark]
    public object FCForward() => _fc.ForwardPropagation(_row);

    [Benchmark]
    public object FCBackward() => _fc.BackwardPropagation(_rowError, 1e-9);

    [Benchmark]
    public object ConvForward() => _conv.ForwardPropagation(_image);

    [Benchmark]
    public object ConvBackward() => _conv.BackwardPropagation(_imageError, 1e-9);

    [Benchmark]
    public object TanhForward() => _tanh.ForwardPropagation(_flatError);

    [Benchmark]
    public object TanhBackward() => _tanh.BackwardPropagation(_flatError, 0.1);

    [Benchmark]
    public object FlattenForward() => _flatten.ForwardPropagation(_image);

    [Benchmark]
    public object FlattenBackward() => _flatten.BackwardPropagation(_flatError, 0.1);
}
