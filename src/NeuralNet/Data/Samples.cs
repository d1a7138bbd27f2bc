using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Data;

/// <summary>Makes samples, which a network takes one by one, of tables.</summary>
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
        for (int row = 0; row < rows.Length; row++)
        {
            if (rows[row] is null)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"rows[{row}] is null; each row must be an array of numbers."), nameof(rows));
            }

            RequireColumns(rows[row].Length, nameof(rows));
            if (rows[row].Length != rows[0].Length)
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"FromRows expects rows of one length, but rows[0] has {rows[0].Length} values, rows[{row}] {rows[row].Length}."),
                    nameof(rows));
            }
        }

        return [.. rows.Select(row => Row((double[])row.Clone()))];
    }

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
