using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>The convolutions against their naive twins, on 10,000 random shapes each.</summary>
public class ConvolutionTests
{
    private const int Shapes = 10_000;

    /// <summary>Kernels up to 5 x 5; outputs of 1 to 19 rows and 1 to 7 columns, so that every tail of a vector occurs; now and then no planes at all.</summary>
    private static readonly Gen<(ConvolutionShape Shape, int Seed)> s_shapes =
        from kernelRows in Gen.Int[1, 5]
        from kernelColumns in Gen.Int[1, 5]
        from outputHeight in Gen.Int[1, 19]
        from outputWidth in Gen.Int[1, 7]
        from depth in Gen.Frequency((1, Gen.Const(0)), (20, Gen.Int[1, 3]))
        from outputDepth in Gen.Frequency((1, Gen.Const(0)), (20, Gen.Int[1, 3]))
        from seed in Gen.Int
        select (new ConvolutionShape(outputHeight + kernelRows - 1, outputWidth + kernelColumns - 1, depth, kernelRows, kernelColumns, outputDepth), seed);

    [Fact]
    public void Correlate() => s_shapes.Sample((shape, seed) => CheckCorrelate(shape, seed), iter: Shapes);

    [Fact]
    public void InputError() => s_shapes.Sample((shape, seed) => CheckInputError(shape, seed), iter: Shapes);

    [Fact]
    public void AddGradient() => s_shapes.Sample((shape, seed) => CheckAddGradient(shape, seed), iter: Shapes);

    [Theory]
    [InlineData(28, 28, 1, 3, 3, 1)]
    [InlineData(28, 28, 1, 5, 5, 6)]
    [InlineData(14, 14, 6, 5, 5, 4)]
    [InlineData(97, 31, 1, 2, 7, 2)]
    [InlineData(1, 61, 2, 1, 3, 2)]
    [InlineData(61, 1, 2, 3, 1, 2)]
    [InlineData(7, 11, 2, 7, 11, 5)]
    public void ImagesOfRealSizes(int height, int width, int depth, int kernelRows, int kernelColumns, int outputDepth)
    {
        var shape = new ConvolutionShape(height, width, depth, kernelRows, kernelColumns, outputDepth);
        for (int seed = 1; seed <= 8; seed++)
        {
            CheckCorrelate(shape, seed);
            CheckInputError(shape, seed);
            CheckAddGradient(shape, seed);
        }
    }

    private static void CheckCorrelate(ConvolutionShape shape, int seed)
    {
        var naive = new NaiveConvolution(shape);
        var values = new KernelValues(seed);
        var (x, w, b) = (values.Row(naive.InputSize), values.Dense(naive.WeightsSize), values.Dense(shape.OutputDepth));
        var (xs, ws, bs, ys) = (values.Border(x), values.Border(w), values.Border(b), values.Border(Unset(naive.OutputSize)));

        Convolution.Correlate(shape, xs.Values, ws.Values, bs.Values, ys.Values);

        int terms = (shape.Depth * shape.KernelRows * shape.KernelColumns) + 1;
        ys.ShouldBe(naive.Correlate(x, w, b), naive.Correlate(Absolute(x), Absolute(w), Absolute(b)), terms, "y");
        xs.ShouldBeExactly(x, "x");
        ws.ShouldBeExactly(w, "w");
        bs.ShouldBeExactly(b, "b");
    }

    private static void CheckInputError(ConvolutionShape shape, int seed)
    {
        var naive = new NaiveConvolution(shape);
        var values = new KernelValues(seed);
        var (y, w) = (values.Row(naive.OutputSize), values.Dense(naive.WeightsSize));
        var (ys, ws, xs) = (values.Border(y), values.Border(w), values.Border(Unset(naive.InputSize)));

        Convolution.InputError(shape, ys.Values, ws.Values, xs.Values);

        xs.ShouldBe(naive.InputError(y, w), naive.InputError(Absolute(y), Absolute(w)), shape.OutputDepth * shape.KernelRows * shape.KernelColumns, "x");
        ys.ShouldBeExactly(y, "y");
        ws.ShouldBeExactly(w, "w");
    }

    private static void CheckAddGradient(ConvolutionShape shape, int seed)
    {
        var naive = new NaiveConvolution(shape);
        var values = new KernelValues(seed);
        var (x, y, w, b, scale) = (values.Row(naive.InputSize), values.Row(naive.OutputSize), values.Dense(naive.WeightsSize), values.Dense(shape.OutputDepth), values.Scale());
        var (xs, ys, ws, bs) = (values.Border(x), values.Border(y), values.Border(w), values.Border(b));

        Convolution.AddGradient(shape, scale, xs.Values, ys.Values, ws.Values, bs.Values);

        var expected = naive.AddGradient(scale, x, y, w, b);
        var absolute = naive.AddGradient(Math.Abs(scale), Absolute(x), Absolute(y), Absolute(w), Absolute(b));
        int terms = (shape.OutputHeight * shape.OutputWidth) + 2;
        ws.ShouldBe(expected.Weights, absolute.Weights, terms, "w");
        bs.ShouldBe(expected.Bias, absolute.Bias, terms, "b");
        xs.ShouldBeExactly(x, "x");
        ys.ShouldBeExactly(y, "y");
    }
}
