using System.Buffers;

namespace NeuralNet.Kernels;

/// <summary>
/// The products of <see cref="BatchProducts"/> for samples of several rows, T x n column by column: every row as a sample of its own.
/// </summary>
/// <remarks>Each row of Y, and of dE/dX, has the bits that it has as a sample of one row.</remarks>
internal static class RowwiseProducts
{
    /// <summary>Y = XW + b, row by row.</summary>
    /// <param name="x">Samples of T x n.</param>
    /// <param name="rows">The number of rows of a sample, T.</param>
    /// <param name="w">W, n x m.</param>
    /// <param name="b">b, m values, which is added to every row.</param>
    /// <param name="xByRows">Where X goes, row by row, for <see cref="AddGradients"/>; as many values as X.</param>
    /// <param name="y">Where Y goes, samples of T x m.</param>
    public static void RowsTimesMatrix(
        ReadOnlySpan<double> x, int rows, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> xByRows, Span<double> y)
    {
        int m = b.Length;
        double[] rented = ArrayPool<double>.Shared.Rent(y.Length);
        var yByRows = rented.AsSpan(0, y.Length);
        Transposition.ToRows(x, rows, w.Length / m, xByRows);
        BatchProducts.RowsTimesMatrix(xByRows, y.Length / m, w, b, yByRows);
        Transposition.ToColumns(yByRows, rows, m, y);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>dE/dX = dE/dY Wᵀ, row by row.</summary>
    /// <param name="error">dE/dY, samples of T x m.</param>
    /// <param name="rows">The number of rows of a sample, T.</param>
    /// <param name="w">W, n x m.</param>
    /// <param name="m">m.</param>
    /// <param name="inputError">Where dE/dX goes, samples of T x n.</param>
    public static void InputErrors(ReadOnlySpan<double> error, int rows, ReadOnlySpan<double> w, int m, Span<double> inputError)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(error.Length + inputError.Length);
        var errorByRows = rented.AsSpan(0, error.Length);
        var inputErrorByRows = rented.AsSpan(error.Length, inputError.Length);
        Transposition.ToRows(error, rows, m, errorByRows);
        BatchProducts.InputErrors(errorByRows, error.Length / m, w, inputErrorByRows);
        Transposition.ToColumns(inputErrorByRows, rows, w.Length / m, inputError);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>W += XᵀE and b += ΣE, the sums over all rows of all samples, for the columns [from, to) of both.</summary>
    /// <param name="xByRows">X, row by row, as <see cref="RowsTimesMatrix"/> left it.</param>
    /// <param name="error">E, samples of T x m.</param>
    /// <param name="rows">The number of rows of a sample, T.</param>
    /// <param name="n">n.</param>
    /// <param name="m">m.</param>
    /// <param name="from">The first column.</param>
    /// <param name="to">The end of the columns.</param>
    /// <param name="w">Those columns of W, n x (to - from).</param>
    /// <param name="b">Those values of b.</param>
    public static void AddGradients(
        ReadOnlySpan<double> xByRows,
        ReadOnlySpan<double> error,
        int rows,
        int n,
        int m,
        int from,
        int to,
        Span<double> w,
        Span<double> b)
    {
        int columns = to - from;
        int count = error.Length / m;
        double[] rented = ArrayPool<double>.Shared.Rent(count * columns);
        var errorByRows = rented.AsSpan(0, count * columns);
        for (int row = 0; row < count; row += rows)
        {
            var its = error.Slice((row * m) + (from * rows), rows * columns);
            Transposition.ToRows(its, rows, columns, errorByRows.Slice(row * columns, rows * columns));
        }

        BatchProducts.AddOuters(xByRows, errorByRows, count, n, columns, 0, columns, w);
        BatchProducts.AddColumnSums(errorByRows, count, columns, 0, columns, b);
        ArrayPool<double>.Shared.Return(rented);
    }
}
