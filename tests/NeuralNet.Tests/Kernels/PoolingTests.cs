using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>The poolings against their naive twins, on 10,000 random shapes each.</summary>
public class PoolingTests
{
    private const int Shapes = 10_000;

    /// <summary>
    /// Windows up to 4 x 4 with strides up to 5, overlapping and with gaps, half of them 2 x 2 side by side; rows and columns at the end
    /// that fill no window; now and then no planes at all.
    /// </summary>
    private static readonly Gen<(WindowShape Shape, int Seed)> s_shapes =
        from window in Gen.OneOf(Gen.Const((2, 2, 2, 2)), Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[1, 5]))
        from height in Gen.Int[window.Item1, window.Item1 + 19]
        from width in Gen.Int[window.Item2, window.Item2 + 7]
        from depth in Gen.Frequency((1, Gen.Const(0)), (20, Gen.Int[1, 3]))
        from seed in Gen.Int
        select (new WindowShape(height, width, depth, (window.Item1, window.Item2), (window.Item3, window.Item4)), seed);

    [Fact]
    public void Max() => s_shapes.Sample(
        (shape, seed) =>
        {
            var naive = new NaivePooling(shape);
            var values = new KernelValues(seed);
            double[] x = Ties(values.Row(naive.InputSize));
            var (xs, ys) = (values.Border(x), values.Border(Unset(naive.OutputSize)));

            Pooling.Max(shape, xs.Values, ys.Values);

            ys.ShouldBeExactly(naive.Max(x), "y");
            xs.ShouldBeExactly(x, "x");
        },
        iter: Shapes);

    [Fact]
    public void MaxInputError() => s_shapes.Sample(
        (shape, seed) =>
        {
            var naive = new NaivePooling(shape);
            var values = new KernelValues(seed);
            var (x, y) = (Ties(values.Row(naive.InputSize)), values.Row(naive.OutputSize));
            var (xs, ys, errors) = (values.Border(x), values.Border(y), values.Border(Unset(naive.InputSize)));

            Pooling.MaxInputError(shape, xs.Values, ys.Values, errors.Values);

            int window = shape.KernelRows * shape.KernelColumns;
            errors.ShouldBe(naive.MaxInputError(x, y), naive.MaxInputError(x, Absolute(y)), window, "xError");
            xs.ShouldBeExactly(x, "x");
            ys.ShouldBeExactly(y, "yError");
        },
        iter: Shapes);

    [Fact]
    public void Average() => s_shapes.Sample(
        (shape, seed) =>
        {
            var naive = new NaivePooling(shape);
            var values = new KernelValues(seed);
            double[] x = values.Row(naive.InputSize);
            var (xs, ys) = (values.Border(x), values.Border(Unset(naive.OutputSize)));

            Pooling.Average(shape, xs.Values, ys.Values);

            ys.ShouldBe(naive.Average(x), naive.Average(Absolute(x)), (shape.KernelRows * shape.KernelColumns) + 1, "y");
            xs.ShouldBeExactly(x, "x");
        },
        iter: Shapes);

    [Fact]
    public void AverageInputError() => s_shapes.Sample(
        (shape, seed) =>
        {
            var naive = new NaivePooling(shape);
            var values = new KernelValues(seed);
            double[] y = values.Row(naive.OutputSize);
            var (ys, errors) = (values.Border(y), values.Border(Unset(naive.InputSize)));

            Pooling.AverageInputError(shape, ys.Values, errors.Values);

            errors.ShouldBe(
                naive.AverageInputError(y), naive.AverageInputError(Absolute(y)), (shape.KernelRows * shape.KernelColumns) + 1, "xError");
            ys.ShouldBeExactly(y, "yError");
        },
        iter: Shapes);

    [Fact]
    public void ANaNInAWindowIsItsMaximumAndTakesItsError() => s_shapes.Sample(
        (shape, seed) =>
        {
            var naive = new NaivePooling(shape);
            var values = new KernelValues(seed);
            var (x, y) = (values.Row(naive.InputSize), values.Dense(naive.OutputSize));
            var random = new Random(seed);
            for (int i = 0; i < x.Length; i++)
            {
                x[i] = random.Next(5) == 0 ? double.NaN : x[i];
            }

            var (outputs, errors) = (values.Border(Unset(naive.OutputSize)), values.Border(Unset(naive.InputSize)));

            Pooling.Max(shape, x, outputs.Values);
            Pooling.MaxInputError(shape, x, y, errors.Values);

            outputs.Values.ToArray().Should().Equal(naive.Max(x));
            int window = shape.KernelRows * shape.KernelColumns;
            errors.ShouldBe(naive.MaxInputError(x, y), naive.MaxInputError(x, Absolute(y)), window, "xError");
        },
        iter: 1000);

    [Fact]
    public void OfEqualValuesTheFirstInTheWindowsRowsGetsTheError()
    {
        // Column by column: the window's rows are (1, 3), (3, 3).
        double[] xError = new double[4];
        Pooling.MaxInputError(new WindowShape(2, 2, 1, (2, 2), (2, 2)), [1, 3, 3, 3], [7], xError);
        xError.Should().Equal(0, 0, 7, 0);
    }

    [Fact]
    public void ArraysOfOtherSizesThanTheShapesAreRefused()
    {
        var shape = new WindowShape(4, 5, 2, (2, 2), (2, 2));
        double[] x = new double[40], y = new double[8], shorter = new double[7];

        FluentActions.Invoking(() => Pooling.Max(shape, x, shorter)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Pooling.MaxInputError(shape, y, y, x)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Pooling.Average(shape, y, y)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Pooling.AverageInputError(shape, shorter, x)).Should().Throw<ArgumentException>();
    }

    /// <summary>Rounded to quarters, so that windows have several maxima.</summary>
    private static double[] Ties(double[] values) => [.. values.Select(value => Math.Round(4 * value) / 4)];
}
