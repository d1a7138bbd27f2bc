using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// Products of the rows of one table, column by column as MathNet stores a matrix, with a matrix W of n x m: what
/// <see cref="BatchProducts"/> does with samples of one row.
/// </summary>
/// <remarks>
/// A value of Y or E takes its products one after another, by multiply-adds, and depends on its own row alone, whatever other rows there
/// are.
/// </remarks>
internal static class TableProducts
{
    private const int Lanes = 4;

    /// <summary>Y = XW + b on every row, with X of height x n, b of m values and Y of height x m.</summary>
    public static void RowsTimesMatrix(ReadOnlySpan<double> x, int height, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        int n = x.Length / height;
        for (int column = 0; column < b.Length; column++)
        {
            y.Slice(column * height, height).Fill(b[column]);
        }

        PackedProduct.Add(x, height, n, w, 1, n, 0, b.Length, y);
    }

    /// <summary>E = YWᵀ on every row, with Y of height x m and E of height x n: dE/dX from dE/dY.</summary>
    public static void InputErrors(ReadOnlySpan<double> y, int height, ReadOnlySpan<double> w, Span<double> e)
    {
        int n = e.Length / height;
        e.Clear();
        PackedProduct.Add(y, height, y.Length / height, w, n, 1, 0, n, e);
    }

    /// <summary>W += XᵀE for some of W's columns: dE/dW from X and dE/dY.</summary>
    /// <param name="rows">X of height x n, row by row.</param>
    /// <param name="height">The number of rows.</param>
    /// <param name="e">Those columns alone of E, each of height values.</param>
    /// <param name="w">Those columns alone of W, to be added to.</param>
    public static void AddOuters(ReadOnlySpan<double> rows, int height, ReadOnlySpan<double> e, Span<double> w) =>
        PackedProduct.Add(rows, rows.Length / height, height, e, 1, height, 0, e.Length / height, w);

    /// <summary>Adds the sum of each column of E, of height values, to b: dE/db from dE/dY.</summary>
    public static void AddColumnSums(ReadOnlySpan<double> e, int height, Span<double> b)
    {
        for (int column = 0; column < b.Length; column++)
        {
            b[column] += Sum(e.Slice(column * height, height));
        }
    }

    /// <summary>The sum in four lanes, which are added up at last, and then what is left over.</summary>
    private static double Sum(ReadOnlySpan<double> values)
    {
        var lanes = Vector256<double>.Zero;
        int i = 0;
        for (; i + Lanes <= values.Length; i += Lanes)
        {
            lanes += Vector256.Create(values.Slice(i, Lanes));
        }

        double sum = lanes[0] + lanes[1] + (lanes[2] + lanes[3]);
        for (; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }
}
