using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>The convolutions against their naive twins, on 10,000 random shapes each.</summary>
public class ConvolutionTests
{
    private const int Shapes = 10_000;

    private static readonly Gen<int> s_depth = Gen.Frequency((1, Gen.Const(0)), (20, Gen.Int[1, 3]));

    private static readonly Gen<int> s_outputDepth = Gen.Frequency((1, Gen.Const(0)), (20, Gen.Int[1, 9]));

    /// <summary>
    /// Stride 1, no padding, kernels up to 5 x 5; outputs of 1 to 19 rows and 1 to 7 columns, so that every tail of a vector occurs; now
    /// and then no planes at all.
    /// </summary>
    private static readonly Gen<ConvolutionShape> s_plain =
        from kernelRows in Gen.Int[1, 5]
        from kernelColumns in Gen.Int[1, 5]
        from outputHeight in Gen.Int[1, 19]
        from outputWidth in Gen.Int[1, 7]
        from depth in s_depth
        from outputDepth in s_outputDepth
        select new ConvolutionShape(
            outputHeight + kernelRows - 1, outputWidth + kernelColumns - 1, depth, kernelRows, kernelColumns, outputDepth);

    /// <summary>
    /// Strides up to 6, some beyond the kernel, padding up to 1 less than the kernel on each side, and rows and columns at the end that no
    /// kernel reaches.
    /// </summary>
    private static readonly Gen<ConvolutionShape> s_strided =
        from kernelRows in Gen.Int[1, 5]
        from kernelColumns in Gen.Int[1, 5]
        from strideRows in Gen.Int[1, 6]
        from strideColumns in Gen.Int[1, 6]
        from top in Gen.Int[0, kernelRows - 1]
        from bottom in Gen.Int[0, kernelRows - 1]
        from left in Gen.Int[0, kernelColumns - 1]
        from right in Gen.Int[0, kernelColumns - 1]
        from height in Gen.Int[Math.Max(1, kernelRows - top - bottom), kernelRows + 24]
        from width in Gen.Int[Math.Max(1, kernelColumns - left - right), kernelColumns + 9]
        from depth in s_depth
        from outputDepth in s_outputDepth
        select new ConvolutionShape(
            height, width, depth, kernelRows, kernelColumns, outputDepth, (strideRows, strideColumns), (top, bottom, left, right));

    private static readonly Gen<(ConvolutionShape Shape, int Count, int Seed)> s_samples =
        Gen.Select(Gen.OneOf(s_plain, s_strided), Gen.Frequency((10, Gen.Const(1)), (3, Gen.Int[0, 3])), Gen.Int);

    [Fact]
    public void Correlate() => s_samples.Sample((shape, count, seed) => CheckCorrelate(shape, count, seed), iter: Shapes);

    [Fact]
    public void InputErrors() => s_samples.Sample((shape, count, seed) => CheckInputErrors(shape, count, seed), iter: Shapes);

    [Fact]
    public void AddGradients() => s_samples.Sample((shape, count, seed) => CheckAddGradients(shape, count, seed), iter: Shapes);

    [Fact]
    public void ASampleHasTheSameBitsAloneAndAmongOthers() => s_samples.Sample(
        (shape, count, seed) =>
        {
            var naive = new NaiveConvolution(shape);
            var values = new KernelValues(seed);
            var (x, y) = (values.Row(count * naive.InputSize), values.Row(count * naive.OutputSize));
            var (w, b) = (values.Dense(naive.WeightsSize), values.Dense(shape.OutputDepth));
            var (outputs, inputErrors) = (values.Border(Unset(y.Length)), values.Border(Unset(x.Length)));
            var (output, inputError) = (values.Border(Unset(naive.OutputSize)), values.Border(Unset(naive.InputSize)));

            Convolution.Correlate(shape, count, x, w, b, outputs.Values);
            Convolution.InputErrors(shape, count, y, w, inputErrors.Values);

            for (int sample = 0; sample < count; sample++)
            {
                Convolution.Correlate(shape, 1, x.AsSpan(sample * naive.InputSize, naive.InputSize), w, b, output.Values);
                Convolution.InputErrors(shape, 1, y.AsSpan(sample * naive.OutputSize, naive.OutputSize), w, inputError.Values);
                output.ShouldBeExactly(outputs.Values.Slice(sample * naive.OutputSize, naive.OutputSize).ToArray(), "y");
                inputError.ShouldBeExactly(inputErrors.Values.Slice(sample * naive.InputSize, naive.InputSize).ToArray(), "x");
            }
        },
        iter: Shapes);

    [Fact]
    public void AKernelsGradientHasTheSameBitsWhateverKernelsItIsTogetherWith() => s_samples.Sample(
        (shape, count, seed) =>
        {
            var naive = new NaiveConvolution(shape);
            var values = new KernelValues(seed);
            var (x, y) = (values.Row(count * naive.InputSize), values.Row(count * naive.OutputSize));
            var (w, b) = (values.Dense(naive.WeightsSize), values.Dense(shape.OutputDepth));
            var (all, allBias, parts, partsBias) = (values.Border(w), values.Border(b), values.Border(w), values.Border(b));
            int split = new Random(seed).Next(shape.OutputDepth + 1);

            Convolution.AddGradients(shape, count, 1, x, y, 0, shape.OutputDepth, all.Values, allBias.Values);
            int cut = split * shape.KernelSize;
            Convolution.AddGradients(shape, count, 1, x, y, split, shape.OutputDepth, parts.Values[cut..], partsBias.Values[split..]);
            Convolution.AddGradients(shape, count, 1, x, y, 0, split, parts.Values[..cut], partsBias.Values[..split]);

            parts.ShouldBeExactly(all.Values.ToArray(), "w");
            partsBias.ShouldBeExactly(allBias.Values.ToArray(), "b");
        },
        iter: Shapes);

    [Theory]
    [InlineData(28, 28, 1, 3, 3, 1)]
    [InlineData(28, 28, 1, 5, 5, 8)]
    [InlineData(12, 12, 8, 5, 5, 16)]
    [InlineData(14, 14, 6, 5, 5, 4)]
    [InlineData(97, 31, 1, 2, 7, 2)]
    [InlineData(1, 61, 2, 1, 3, 2)]
    [InlineData(61, 1, 2, 3, 1, 2)]
    [InlineData(7, 11, 2, 7, 11, 5)]
    public void ImagesOfRealSizes(int height, int width, int depth, int kernelRows, int kernelColumns, int outputDepth)
    {
        var shape = new ConvolutionShape(height, width, depth, kernelRows, kernelColumns, outputDepth);
        var strided = new ConvolutionShape(
            height, width, depth, kernelRows, kernelColumns, outputDepth, (2, 2),
            (kernelRows / 2, kernelRows / 2, kernelColumns / 2, kernelColumns / 2));
        for (int seed = 1; seed <= 4; seed++)
        {
            foreach (var each in new[] { shape, strided })
            {
                CheckCorrelate(each, 2, seed);
                CheckInputErrors(each, 2, seed);
                CheckAddGradients(each, 2, seed);
            }
        }
    }

    [Fact]
    public void ArraysOfOtherSizesThanTheShapesAreRefused()
    {
        var shape = new ConvolutionShape(4, 5, 2, 3, 2, 3);
        double[] x = new double[80], y = new double[48], w = new double[36], b = new double[3];

        FluentActions.Invoking(() => Convolution.Correlate(shape, 2, x, w, b, y)).Should().NotThrow();
        FluentActions.Invoking(() => Convolution.Correlate(shape, 1, x, w, b, y)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Convolution.Correlate(shape, 2, x, w.AsSpan(1), b, y)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Convolution.InputErrors(shape, 2, y.AsSpan(1), w, x)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Convolution.AddGradients(shape, 2, 1, x, y, 0, 3, w, b.AsSpan(1))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Convolution.AddGradients(shape, 2, 1, x, y, 0, 4, w, b)).Should().Throw<ArgumentException>();
    }

    private static void CheckCorrelate(ConvolutionShape shape, int count, int seed)
    {
        var naive = new NaiveConvolution(shape);
        var values = new KernelValues(seed);
        var (x, w, b) = (values.Row(count * naive.InputSize), values.Dense(naive.WeightsSize), values.Dense(shape.OutputDepth));
        var (xs, ws, bs, ys) = (values.Border(x), values.Border(w), values.Border(b), values.Border(Unset(count * naive.OutputSize)));

        Convolution.Correlate(shape, count, xs.Values, ws.Values, bs.Values, ys.Values);

        double[] Expected(Func<double[], double[]> of) =>
            [.. Samples(x, count, naive.InputSize).SelectMany(sample => naive.Correlate(of(sample), of(w), of(b)))];
        int terms = (shape.Depth * shape.KernelRows * shape.KernelColumns) + 1;
        ys.ShouldBe(Expected(v => v), Expected(Absolute), terms, "y");
        xs.ShouldBeExactly(x, "x");
        ws.ShouldBeExactly(w, "w");
        bs.ShouldBeExactly(b, "b");
    }

    private static void CheckInputErrors(ConvolutionShape shape, int count, int seed)
    {
        var naive = new NaiveConvolution(shape);
        var values = new KernelValues(seed);
        var (y, w) = (values.Row(count * naive.OutputSize), values.Dense(naive.WeightsSize));
        var (ys, ws, xs) = (values.Border(y), values.Border(w), values.Border(Unset(count * naive.InputSize)));

        Convolution.InputErrors(shape, count, ys.Values, ws.Values, xs.Values);

        double[] Expected(Func<double[], double[]> of) =>
            [.. Samples(y, count, naive.OutputSize).SelectMany(sample => naive.InputError(of(sample), of(w)))];
        xs.ShouldBe(Expected(v => v), Expected(Absolute), shape.OutputDepth * shape.KernelRows * shape.KernelColumns, "x");
        ys.ShouldBeExactly(y, "y");
        ws.ShouldBeExactly(w, "w");
    }

    private static void CheckAddGradients(ConvolutionShape shape, int count, int seed)
    {
        var naive = new NaiveConvolution(shape);
        var values = new KernelValues(seed);
        var (x, y) = (values.Row(count * naive.InputSize), values.Row(count * naive.OutputSize));
        var (w, b, scale) = (values.Dense(naive.WeightsSize), values.Dense(shape.OutputDepth), values.Scale());
        var (xs, ys, ws, bs) = (values.Border(x), values.Border(y), values.Border(w), values.Border(b));

        Convolution.AddGradients(shape, count, scale, xs.Values, ys.Values, 0, shape.OutputDepth, ws.Values, bs.Values);

        (double[] Weights, double[] Bias) Expected(double s, Func<double[], double[]> of) => Samples(x, count, naive.InputSize)
            .Zip(Samples(y, count, naive.OutputSize))
            .Aggregate(
                (Weights: of(w), Bias: of(b)),
                (sum, sample) => naive.AddGradient(s, of(sample.First), of(sample.Second), sum.Weights, sum.Bias));
        var (expected, absolute) = (Expected(scale, v => v), Expected(Math.Abs(scale), Absolute));
        int terms = count * ((shape.OutputHeight * shape.OutputWidth) + 2);
        ws.ShouldBe(expected.Weights, absolute.Weights, terms, "w");
        bs.ShouldBe(expected.Bias, absolute.Bias, terms, "b");
        xs.ShouldBeExactly(x, "x");
        ys.ShouldBeExactly(y, "y");
    }

    private static IEnumerable<double[]> Samples(double[] values, int count, int size) =>
        Enumerable.Range(0, count).Select(sample => values.AsSpan(sample * size, size).ToArray());
}
