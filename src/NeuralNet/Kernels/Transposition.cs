using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NeuralNet.Kernels;

/// <summary>
/// Matrices one after another, such as the samples of a mini-batch or the planes of an image, from column by column, as MathNet stores a
/// matrix, to row by row, and back.
/// </summary>
/// <remarks>
/// Row by row, samples of the same T x n are one table of all their steps: step t of sample s is row sT + t, which the products of
/// <see cref="BatchProducts"/> take as count * T samples.
/// </remarks>
internal static class Transposition
{
    private const int Tile = 4;

    /// <summary>Matrices of rows x columns values, column by column, row by row.</summary>
    /// <param name="columnMajor">Any number of matrices, value [r, c] of each at c * rows + r.</param>
    /// <param name="rows">The number of rows of a matrix.</param>
    /// <param name="columns">The number of columns of a matrix.</param>
    /// <param name="rowMajor">Where they go, value [r, c] of each at r * columns + c; other memory.</param>
    public static void ToRows(ReadOnlySpan<double> columnMajor, int rows, int columns, Span<double> rowMajor)
    {
        if (rows == 1 || columns == 1)
        {
            columnMajor.CopyTo(rowMajor);
            return;
        }

        int size = rows * columns;
        for (int at = 0; at < columnMajor.Length; at += size)
        {
            One(columnMajor.Slice(at, size), rows, columns, rowMajor.Slice(at, size));
        }
    }

    /// <summary>Matrices of rows x columns values, row by row, column by column: the way back of <see cref="ToRows"/>.</summary>
    /// <param name="rowMajor">Any number of matrices, value [r, c] of each at r * columns + c.</param>
    /// <param name="rows">The number of rows of a matrix.</param>
    /// <param name="columns">The number of columns of a matrix.</param>
    /// <param name="columnMajor">Where they go, value [r, c] of each at c * rows + r; other memory.</param>
    public static void ToColumns(ReadOnlySpan<double> rowMajor, int rows, int columns, Span<double> columnMajor) =>
        ToRows(rowMajor, columns, rows, columnMajor);

    private static void One(ReadOnlySpan<double> source, int rows, int columns, Span<double> target)
    {
        int tiledRows = rows - (rows % Tile);
        int tiledColumns = columns - (columns % Tile);
        ref readonly double from = ref MemoryMarshal.GetReference(source);
        ref double to = ref MemoryMarshal.GetReference(target);
        for (int column = 0; column < tiledColumns; column += Tile)
        {
            for (int row = 0; row < tiledRows; row += Tile)
            {
                nuint read = (uint)((column * rows) + row);
                nuint written = (uint)((row * columns) + column);
                if (Avx.IsSupported)
                {
                    TileOf256(in from, read, (uint)rows, ref to, written, (uint)columns);
                }
                else
                {
                    TileOf128(in from, read, (uint)rows, ref to, written, (uint)columns);
                    TileOf128(in from, read + 2, (uint)rows, ref to, written + (2 * (uint)columns), (uint)columns);
                    TileOf128(in from, read + (2 * (uint)rows), (uint)rows, ref to, written + 2, (uint)columns);
                    TileOf128(in from, read + (2 * (uint)rows) + 2, (uint)rows, ref to, written + (2 * (uint)columns) + 2, (uint)columns);
                }
            }

            Rest(source, rows, columns, tiledRows, rows, column, column + Tile, target);
        }

        Rest(source, rows, columns, 0, rows, tiledColumns, columns, target);
    }

    /// <summary>4 x 4 values.</summary>
    private static void TileOf256(ref readonly double source, nuint read, nuint rows, ref double target, nuint written, nuint columns)
    {
        var column0 = Vector256.LoadUnsafe(in source, read);
        var column1 = Vector256.LoadUnsafe(in source, read + rows);
        var column2 = Vector256.LoadUnsafe(in source, read + (2 * rows));
        var column3 = Vector256.LoadUnsafe(in source, read + (3 * rows));
        var even01 = Avx.UnpackLow(column0, column1);
        var even23 = Avx.UnpackLow(column2, column3);
        var odd01 = Avx.UnpackHigh(column0, column1);
        var odd23 = Avx.UnpackHigh(column2, column3);
        Avx.Permute2x128(even01, even23, 0x20).StoreUnsafe(ref target, written);
        Avx.Permute2x128(odd01, odd23, 0x20).StoreUnsafe(ref target, written + columns);
        Avx.Permute2x128(even01, even23, 0x31).StoreUnsafe(ref target, written + (2 * columns));
        Avx.Permute2x128(odd01, odd23, 0x31).StoreUnsafe(ref target, written + (3 * columns));
    }

    /// <summary>2 x 2 values.</summary>
    private static void TileOf128(ref readonly double source, nuint read, nuint rows, ref double target, nuint written, nuint columns)
    {
        var column0 = Vector128.LoadUnsafe(in source, read);
        var column1 = Vector128.LoadUnsafe(in source, read + rows);
        Vector128.Create(column0.GetLower(), column1.GetLower()).StoreUnsafe(ref target, written);
        Vector128.Create(column0.GetUpper(), column1.GetUpper()).StoreUnsafe(ref target, written + columns);
    }

    private static void Rest(
        ReadOnlySpan<double> source, int rows, int columns, int fromRow, int toRow, int fromColumn, int toColumn, Span<double> target)
    {
        for (int row = fromRow; row < toRow; row++)
        {
            for (int column = fromColumn; column < toColumn; column++)
            {
                target[(row * columns) + column] = source[(column * rows) + row];
            }
        }
    }
}
