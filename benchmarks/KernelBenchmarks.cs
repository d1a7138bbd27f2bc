using BenchmarkDotNet.Attributes;
using NeuralNet.Kernels;

namespace NeuralNet.Benchmarks;

/// <summary>Each kernel at the sizes of the article's networks.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private readonly ConvolutionShape _shape = new(28, 28, 1, 3, 3, 1);
    private readonly double[] _x = new double[784];
    private readonly double[] _w = new double[784 * 100];
    private readonly double[] _b = new double[100];
    private readonly double[] _y = new double[100];
    private readonly double[] _e = new double[784];
    private readonly double[] _plane = new double[676];
    private readonly double[] _kernel = new double[9];
    private readonly double[] _oneBias = new double[1];

    /// <summary>How many of a row's values are not 0: a digit has about 0.19, in runs.</summary>
    [Params(0.19, 1.0)]
    public double Filled { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        foreach (var values in new[] { _w, _b, _y, _plane, _kernel })
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.NextDouble() - 0.5;
            }
        }

        for (int i = 0; i < _x.Length; i++)
        {
            _x[i] = i % 28 < 28 * Filled ? random.NextDouble() : 0;
        }
    }

    [Benchmark]
    public void RowTimesMatrix() => Products.RowTimesMatrix(_x, _w, _b, _y);

    [Benchmark]
    public void RowTimesTransposed() => Products.RowTimesTransposed(_y, _w, _e);

    [Benchmark]
    public void AddOuter() => Products.AddOuter(1e-9, _x, _b, _w);

    [Benchmark]
    public void RowTimesTransposedThenAddOuter() => Products.RowTimesTransposedThenAddOuter(1e-9, _x, _b, _w, _e);

    [Benchmark]
    public void Correlate() => Convolution.Correlate(_shape, 1, _x, _kernel, _oneBias, _plane);

    [Benchmark]
    public void AddGradients() => Convolution.AddGradients(_shape, 1, 1e-9, _x, _plane, 0, 1, _kernel, _oneBias);

    [Benchmark]
    public void InputErrors() => Convolution.InputErrors(_shape, 1, _plane, _kernel, _e);

    [Benchmark]
    public void TransposePlanes() => Transposition.ToRows(_x, 28, 28, _e);

    [Benchmark]
    public void AddScaled() => Products.AddScaled(1e-9, _x, _e);

    [Benchmark]
    public void Sigmoid() => Functions.Sigmoid.Function(_b, _y);

    [Benchmark]
    public void Gelu() => Functions.Gelu.Function(_b, _y);

    [Benchmark]
    public double Mse() => LossFunctions.Mse.Function(_b, _y);

    [Benchmark]
    public void MsePrime() => LossFunctions.Mse.Derivative(_b, _y, _e.AsSpan(0, 100));

    [Benchmark]
    public void Tanh() => Functions.Tanh.Function(_b, _y);
}
