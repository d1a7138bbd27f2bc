using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// Pooling of planes: each output is the maximum or the mean of a window of its input plane. Planes lie as in <see cref="Convolution"/>.
/// </summary>
/// <remarks>
/// The maximum is the first in the window's rows, one after another, that no later value is greater than; a NaN counts as greater than all,
/// so that it propagates. Windows of 2 x 2 side by side are done two at a time, in vectors of four rows: what holds for a window's upper
/// row is in the even lanes, for its lower row in the odd ones.
/// </remarks>
internal static class Pooling
{
    private const int Lanes = 4;

    /// <summary>Y[r, c] = max X[r * strideRows + i, c * strideColumns + j] over a window's i and j.</summary>
    public static void Max(WindowShape s, ReadOnlySpan<double> x, Span<double> y)
    {
        RequireLengths(s, x.Length, y.Length);
        for (int column = 0; column < s.OutputWidth * s.Depth; column++)
        {
            int from = InputColumn(s, column);
            var output = y.Slice(column * s.OutputHeight, s.OutputHeight);
            int row = 0;
            if (IsTwoByTwo(s))
            {
                var left = x.Slice(from, s.Height);
                var right = x.Slice(from + s.Height, s.Height);
                for (; row + 2 <= output.Length; row += 2)
                {
                    var upper = Greater(Load(left, row), Load(right, row));
                    var greatest = Greater(upper, Swap(upper));
                    output[row] = greatest.GetElement(0);
                    output[row + 1] = greatest.GetElement(2);
                }
            }

            for (; row < output.Length; row++)
            {
                output[row] = x[PlaceOfMax(s, x, from + (row * s.Stride.Rows))];
            }
        }
    }

    /// <summary>dE/dX is dE/dY where X is the maximum of a window, summed over the windows it is the maximum of, and 0 elsewhere.</summary>
    public static void MaxInputError(WindowShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> yError, Span<double> xError)
    {
        RequireLengths(s, x.Length, yError.Length);
        RequireLengths(s, xError.Length, yError.Length);
        xError.Clear();
        for (int column = 0; column < s.OutputWidth * s.Depth; column++)
        {
            int from = InputColumn(s, column);
            var errors = yError.Slice(column * s.OutputHeight, s.OutputHeight);
            int row = 0;
            if (IsTwoByTwo(s))
            {
                var left = x.Slice(from, s.Height);
                var right = x.Slice(from + s.Height, s.Height);
                var leftError = xError.Slice(from, s.Height);
                var rightError = xError.Slice(from + s.Height, s.Height);
                var odd = Vector256.Create(0L, -1, 0, -1).AsDouble();
                for (; row + 2 <= errors.Length; row += 2)
                {
                    var (a, b) = (Load(left, row), Load(right, row));
                    var isRight = IsGreater(b, a);
                    var greatest = Vector256.ConditionalSelect(isRight, b, a);

                    // The even lanes know whether the lower row has the maximum; the odd lanes are told, and turn it around.
                    var isLower = Vector256.Shuffle(IsGreater(Swap(greatest), greatest), Vector256.Create(0L, 0, 2, 2));
                    var error = Vector256.AndNot(Twice(errors, row), isLower ^ odd);
                    Vector256.AndNot(error, isRight).CopyTo(leftError[(2 * row)..]);
                    (error & isRight).CopyTo(rightError[(2 * row)..]);
                }
            }

            for (; row < errors.Length; row++)
            {
                xError[PlaceOfMax(s, x, from + (row * s.Stride.Rows))] += errors[row];
            }
        }
    }

    /// <summary>Y[r, c] = the mean of X[r * strideRows + i, c * strideColumns + j] over a window's i and j.</summary>
    public static void Average(WindowShape s, ReadOnlySpan<double> x, Span<double> y)
    {
        RequireLengths(s, x.Length, y.Length);
        double size = (double)s.KernelRows * s.KernelColumns;
        for (int column = 0; column < s.OutputWidth * s.Depth; column++)
        {
            int from = InputColumn(s, column);
            var output = y.Slice(column * s.OutputHeight, s.OutputHeight);
            int row = 0;
            if (IsTwoByTwo(s))
            {
                var left = x.Slice(from, s.Height);
                var right = x.Slice(from + s.Height, s.Height);
                for (; row + 2 <= output.Length; row += 2)
                {
                    var sums = Load(left, row) + Load(right, row);
                    sums = (sums + Swap(sums)) / size;
                    output[row] = sums.GetElement(0);
                    output[row + 1] = sums.GetElement(2);
                }
            }

            for (; row < output.Length; row++)
            {
                output[row] = Sum(s, x, from + (row * s.Stride.Rows)) / size;
            }
        }
    }

    /// <summary>dE/dX is the sum of dE/dY over the windows that X is in, divided by a window's size.</summary>
    public static void AverageInputError(WindowShape s, ReadOnlySpan<double> yError, Span<double> xError)
    {
        RequireLengths(s, xError.Length, yError.Length);
        xError.Clear();
        double size = (double)s.KernelRows * s.KernelColumns;
        for (int column = 0; column < s.OutputWidth * s.Depth; column++)
        {
            int from = InputColumn(s, column);
            var errors = yError.Slice(column * s.OutputHeight, s.OutputHeight);
            int row = 0;
            if (IsTwoByTwo(s))
            {
                var left = xError.Slice(from, s.Height);
                var right = xError.Slice(from + s.Height, s.Height);
                for (; row + 2 <= errors.Length; row += 2)
                {
                    var error = Twice(errors, row) / size;
                    error.CopyTo(left[(2 * row)..]);
                    error.CopyTo(right[(2 * row)..]);
                }
            }

            for (; row < errors.Length; row++)
            {
                Add(s, errors[row] / size, xError, from + (row * s.Stride.Rows));
            }
        }
    }

    /// <summary>Whether windows are 2 x 2 and lie side by side.</summary>
    private static bool IsTwoByTwo(WindowShape s) => (s.KernelRows, s.KernelColumns) == (2, 2) && s.Stride == (2, 2);

    /// <summary>Where the input's column starts with which the windows of an output column do.</summary>
    private static int InputColumn(WindowShape s, int column)
    {
        var (plane, inPlane) = Math.DivRem(column, s.OutputWidth);
        return ((plane * s.Width) + (inPlane * s.Stride.Columns)) * s.Height;
    }

    private static int PlaceOfMax(WindowShape s, ReadOnlySpan<double> x, int window)
    {
        int best = window;
        double greatest = x[window];
        for (int i = 0; i < s.KernelRows; i++)
        {
            for (int at = window + i, end = at + (s.KernelColumns * s.Height); at < end; at += s.Height)
            {
                double value = x[at];
                if (value > greatest || double.IsNaN(value))
                {
                    (best, greatest) = (at, value);
                }
            }
        }

        return best;
    }

    /// <summary>Row by row from left to right, and the rows by their sums, as the vectors add.</summary>
    private static double Sum(WindowShape s, ReadOnlySpan<double> x, int window)
    {
        double sum = 0;
        for (int i = 0; i < s.KernelRows; i++)
        {
            double row = 0;
            for (int j = 0; j < s.KernelColumns; j++)
            {
                row += x[window + i + (j * s.Height)];
            }

            sum += row;
        }

        return sum;
    }

    private static void Add(WindowShape s, double error, Span<double> xError, int window)
    {
        for (int j = 0; j < s.KernelColumns; j++)
        {
            var column = xError.Slice(window + (j * s.Height), s.KernelRows);
            for (int i = 0; i < column.Length; i++)
            {
                column[i] += error;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load(ReadOnlySpan<double> column, int outputRow) =>
        Vector256.Create(column.Slice(2 * outputRow, Lanes));

    /// <summary>Two values, each in two lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Twice(ReadOnlySpan<double> values, int at) =>
        Vector256.Create(Vector128.Create(values[at]), Vector128.Create(values[at + 1]));

    /// <summary>The other row of the same window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Swap(Vector256<double> rows) => Vector256.Shuffle(rows, Vector256.Create(1L, 0, 3, 2));

    /// <summary>The later value where it is greater or NaN, else the earlier.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Greater(Vector256<double> earlier, Vector256<double> later) =>
        Vector256.ConditionalSelect(IsGreater(later, earlier), later, earlier);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> IsGreater(Vector256<double> later, Vector256<double> earlier) =>
        Vector256.GreaterThan(later, earlier) | ~Vector256.Equals(later, later);

    private static void RequireLengths(WindowShape s, int x, int y)
    {
        if (x != s.InputSize || y != s.OutputHeight * s.OutputWidth * s.Depth)
        {
            throw new ArgumentException(FormattableString.Invariant($"{s} got {x} and {y} values."));
        }
    }
}
