using BenchmarkDotNet.Attributes;
using NeuralNet.Kernels;

namespace NeuralNet.Benchmarks;

/// <summary>
/// The way forward of lenet's two convolutions for a batch of 32 on one thread: directly, and as a matrix of patches times the kernels,
/// without putting the product's columns back into planes.
/// </summary>
public class ConvolutionBenchmarks
{
    private const int Count = 32;

    private ConvolutionShape _shape = new(1, 1, 1, 1, 1, 1);
    private double[] _x = [];
    private double[] _w = [];
    private double[] _b = [];
    private double[] _y = [];
    private double[] _patches = [];

    /// <summary>The input's side, planes and kernels of 5 x 5.</summary>
    [ParamsSource(nameof(Layers))]
    public (int Side, int Depth, int Kernels) Layer { get; set; }

    public static IEnumerable<(int Side, int Depth, int Kernels)> Layers => [(28, 1, 8), (12, 8, 16)];

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        _shape = new(Layer.Side, Layer.Side, Layer.Depth, 5, 5, Layer.Kernels);
        _x = Values(random, Count * _shape.InputSize);
        _w = Values(random, 25 * Layer.Depth * Layer.Kernels);
        _b = Values(random, Layer.Kernels);
        _y = new double[Count * _shape.OutputSize];
        _patches = new double[Count * _shape.OutputHeight * _shape.OutputWidth * 25 * Layer.Depth];
    }

    [Benchmark(Baseline = true)]
    public void Direct() => Convolution.Correlate(_shape, Count, _x, _w, _b, _y);

    [Benchmark]
    public void PatchesTimesKernels()
    {
        CopyPatches();
        BatchProducts.RowsTimesMatrix(_patches, Count * _shape.OutputHeight * _shape.OutputWidth, _w, _b, _y);
    }

    [Benchmark]
    public void CopyPatches()
    {
        int target = 0;
        for (int image = 0; image < _x.Length; image += _shape.InputSize)
        {
            for (int column = 0; column < _shape.OutputWidth; column++)
            {
                for (int row = 0; row < _shape.OutputHeight; row++)
                {
                    for (int plane = 0; plane < _shape.Depth; plane++)
                    {
                        for (int tap = 0; tap < 5; tap++)
                        {
                            _x.AsSpan(image + (((plane * _shape.Width) + column + tap) * _shape.Height) + row, 5)
                                .CopyTo(_patches.AsSpan(target));
                            target += 5;
                        }
                    }
                }
            }
        }
    }

    private static double[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
}
