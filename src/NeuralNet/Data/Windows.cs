using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Data;

/// <summary>Cuts series into samples for forecasts.</summary>
public static class Windows
{
    /// <summary>Returns windows that slide over a series, each with what follows it as its target.</summary>
    /// <param name="series">The series, T x n: one step a row, the oldest first.</param>
    /// <param name="length">The number of steps of a window, 1 or more.</param>
    /// <param name="horizon">The number of steps after a window that are its target, 1 or more.</param>
    /// <param name="stride">The number of steps from the start of a window to the start of the next, 1 or more.</param>
    /// <param name="targets">The columns that are to be forecast, in this order; all n where none are given.</param>
    /// <returns>
    /// X, the windows as dense length x n matrices, the oldest first, and Y, a 1 x (horizon * targets) row for each: the targets of the
    /// first step after the window, then those of the second, and so on. There are ⌊(T - length - horizon) / stride⌋ + 1 of them.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The series is shorter than a window and its target, or <paramref name="targets"/> is empty or has a column that is not there.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    public static (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Of(
        Matrix<double> series, int length, int horizon = 1, int stride = 1, IReadOnlyList<int>? targets = null)
    {
        ArgumentNullException.ThrowIfNull(series);
        Check.Positive(length, "Windows' length", nameof(length));
        Check.Positive(horizon, "Windows' horizon", nameof(horizon));
        Check.Positive(stride, "Windows' stride", nameof(stride));
        Check.Countable(series, "The series", nameof(series));
        if (series.RowCount < (long)length + horizon)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Windows expects a series of {(long)length + horizon} steps or more, {length} of a window ")
                + FormattableString.Invariant($"and {horizon} after it, one step a row, but got {Shape.Of(series)}."),
                nameof(series));
        }

        int[] columns = [.. targets ?? [.. Enumerable.Range(0, series.ColumnCount)]];
        if (columns.Length == 0 || Array.Exists(columns, column => column < 0 || column >= series.ColumnCount))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Windows expects targets from 0 to {series.ColumnCount - 1}, the columns of the series, ")
                + $"but got {(columns.Length == 0 ? "none" : string.Join(", ", columns.Take(9)))}.",
                nameof(targets));
        }

        var values = series.ToDense();
        int count = Kernels.WindowShape.Count(series.RowCount, length + horizon, stride);
        int[] starts = [.. Enumerable.Range(0, count).Select(i => i * stride)];
        return (
            [.. starts.Select(start => values.SubMatrix(start, length, 0, values.ColumnCount))],
            [
                .. starts.Select(start => Matrix<double>.Build.Dense(
                    1,
                    horizon * columns.Length,
                    (_, i) => values[start + length + (i / columns.Length), columns[i % columns.Length]])),
            ]);
    }

    /// <summary>Returns windows that slide over a series of single numbers, each with what follows it as its target.</summary>
    /// <param name="series">The series, the oldest number first.</param>
    /// <param name="length">The number of steps of a window, 1 or more.</param>
    /// <param name="horizon">The number of steps after a window that are its target, 1 or more.</param>
    /// <param name="stride">The number of steps from the start of a window to the start of the next, 1 or more.</param>
    /// <returns>
    /// X, the windows as dense length x 1 matrices, the oldest first, and Y, a 1 x horizon row for each: the numbers that follow it.
    /// </returns>
    /// <exception cref="ArgumentException">The series is shorter than a window and its target.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    public static (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Of(
        IReadOnlyList<double> series, int length, int horizon = 1, int stride = 1)
    {
        ArgumentNullException.ThrowIfNull(series);
        return series.Count == 0
            ? throw new ArgumentException("Windows expects a series, but got one of no steps.", nameof(series))
            : Of(Matrix<double>.Build.Dense(series.Count, 1, [.. series]), length, horizon, stride);
    }
}
