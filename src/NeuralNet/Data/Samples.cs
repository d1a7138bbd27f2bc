using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Data;

/// <summary>Makes samples, which a network takes one by one, of tables, and tables of samples.</summary>
public static class Samples
{
    /// <summary>Returns each row of a matrix as a sample of its own.</summary>
    /// <param name="rows">One sample a row, N x n.</param>
    /// <returns>N dense 1 x n matrices, which share nothing with <paramref name="rows"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="rows"/> has no columns, or more than fit into a matrix.</exception>
    public static IReadOnlyList<Matrix<double>> FromRows(Matrix<double> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RequireColumns(rows.ColumnCount, nameof(rows));
        return [.. Enumerable.Range(0, rows.RowCount).Select(row => Row(rows.Row(row).ToArray()))];
    }

    /// <summary>Returns each row of a table as a sample of its own.</summary>
    /// <param name="rows">One sample a row, N x n.</param>
    /// <returns>N dense 1 x n matrices, which share nothing with <paramref name="rows"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="rows"/> has no columns.</exception>
    public static IReadOnlyList<Matrix<double>> FromRows(double[,] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int columns = rows.GetLength(1);
        RequireColumns(columns, nameof(rows));
        var count = Enumerable.Range(0, rows.GetLength(0));
        return [.. count.Select(row => Matrix<double>.Build.Dense(1, columns, (_, column) => rows[row, column]))];
    }

    /// <summary>Returns each array as a sample of its own.</summary>
    /// <param name="rows">One sample an array, all of one length n.</param>
    /// <returns>A dense 1 x n matrix for each, which shares nothing with <paramref name="rows"/>.</returns>
    /// <exception cref="ArgumentException">A row is null or empty, or has another length than the first.</exception>
    public static IReadOnlyList<Matrix<double>> FromRows(double[][] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return FromRows(rows, row => (double[]?)row?.Clone());
    }

    /// <summary>Returns each array as a sample of its own.</summary>
    /// <param name="rows">One sample an array, all of one length n.</param>
    /// <returns>A dense 1 x n matrix for each, of the same numbers as doubles.</returns>
    /// <exception cref="ArgumentException">A row is null or empty, or has another length than the first.</exception>
    [OverloadResolutionPriority(-1)] // [[1, 2], [3, 4]] means doubles: floats would round great whole numbers.
    public static IReadOnlyList<Matrix<double>> FromRows(float[][] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return FromRows(rows, row => row is null ? null : Array.ConvertAll(row, value => (double)value));
    }

    /// <summary>Returns what a function makes of each item, such as a row of a database, as a sample of its own.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="rows">The items, read once, in their order.</param>
    /// <param name="selector">Gives the numbers of an item, as many for each; the array is kept.</param>
    /// <returns>A dense 1 x n matrix for each item.</returns>
    /// <remarks>
    /// Inputs and targets are one call each:
    /// <c>x = Samples.FromRows(houses, h => [h.Area, h.Rooms]); y = Samples.FromRows(houses, h => [h.Price]);</c>
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// <paramref name="selector"/> gave null or no numbers for an item, or another number of them than for the first.
    /// </exception>
    public static IReadOnlyList<Matrix<double>> FromRows<T>(IEnumerable<T> rows, Func<T, double[]?> selector)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(selector);
        var samples = new List<Matrix<double>>();
        foreach (var row in rows)
        {
            double[] values = selector(row) ?? throw new ArgumentException(
                FormattableString.Invariant($"rows[{samples.Count}] is null; each row must be an array of numbers."), nameof(rows));
            RequireColumns(values.Length, nameof(rows));
            if (samples.Count > 0 && samples[0].ColumnCount is var columns && values.Length != columns)
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"FromRows expects rows of one length, but rows[0] has {columns} values, rows[{samples.Count}] {values.Length}."),
                    nameof(rows));
            }

            samples.Add(Row(values));
        }

        return samples;
    }

    /// <summary>Returns the samples as rows of numbers: <see cref="FromRows(double[][])"/> back.</summary>
    /// <param name="samples">1 x n matrices, such as predictions; n may differ.</param>
    /// <returns>An array for each, which shares nothing with <paramref name="samples"/>.</returns>
    /// <exception cref="ArgumentException">A sample is null or has more than one row.</exception>
    public static double[][] ToRows(IReadOnlyList<Matrix<double>> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return [.. Enumerable.Range(0, samples.Count).Select(i => Checked(samples, i).ToRowMajorArray())];
    }

    /// <summary>Returns the samples as the rows of one matrix: <see cref="FromRows(Matrix{double})"/> back.</summary>
    /// <param name="samples">1 x n matrices, such as predictions, one at least.</param>
    /// <returns>A dense N x n matrix, which shares nothing with <paramref name="samples"/>.</returns>
    /// <exception cref="ArgumentException">
    /// There are no samples; or one is null, has more than one row, or another number of columns than the first.
    /// </exception>
    public static Matrix<double> ToMatrix(IReadOnlyList<Matrix<double>> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
        {
            throw new ArgumentException("ToMatrix expects at least one sample, but got none.", nameof(samples));
        }

        double[][] rows = ToRows(samples);
        int other = Array.FindIndex(rows, row => row.Length != rows[0].Length);
        if (other > 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"ToMatrix expects samples of one length, but samples[0] has {rows[0].Length} values, samples[{other}] ")
                + FormattableString.Invariant($"{rows[other].Length}."),
                nameof(samples));
        }

        return Matrix<double>.Build.DenseOfRowArrays(rows);
    }

    private static Matrix<double> Checked(IReadOnlyList<Matrix<double>> samples, int i) => samples[i] is { RowCount: 1 } sample
        ? sample
        : throw new ArgumentException(
            FormattableString.Invariant($"A table has a row for each sample of one row, but samples[{i}] is ")
            + $"{(samples[i] is null ? "null" : Shape.Of(samples[i]))}.",
            nameof(samples));

    private static Matrix<double> Row(double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);

    private static void RequireColumns(int columns, string parameter)
    {
        if (columns == 0)
        {
            throw new ArgumentException("FromRows expects at least one value in each row, but got none.", parameter);
        }

        Check.SizeFits(columns, "A row", parameter);
    }
}
