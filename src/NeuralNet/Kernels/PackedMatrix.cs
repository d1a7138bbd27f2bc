using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// A matrix A of n x depth, packed once for many products C += AB: the weights that a recurrent layer multiplies with at every step.
/// </summary>
/// <remarks>
/// The tiles are <see cref="PackedProduct"/>'s, and so are the bits: every value of C takes its products one after another in the order of
/// the depth, starting from what C held.
/// </remarks>
internal readonly ref struct PackedMatrix
{
    private const int Lanes = 4;

    /// <summary>Where the rows of a panel of B start.</summary>
    private static readonly int[] s_rows =
        [.. Enumerable.Range(0, PackedProduct.BlockDepth).Select(row => row * PackedProduct.TileColumns)];

    /// <summary>Blocks of the depth, of each its panels of 8 rows, of each column by column; the last panel's lacking rows are 0.</summary>
    private readonly Span<double> _panels;
    private readonly int _n;
    private readonly int _depth;

    /// <summary>Packs A, whose value [i, k] is <c>a[(i * rowStride) + (k * depthStride)]</c>.</summary>
    /// <param name="a">A's values.</param>
    /// <param name="n">The number of rows.</param>
    /// <param name="depth">The number of columns.</param>
    /// <param name="rowStride">How far a row is from the one before.</param>
    /// <param name="depthStride">How far a column is from the one before.</param>
    /// <param name="space">Room for <see cref="Size"/> values, which the matrix then lies in.</param>
    public PackedMatrix(ReadOnlySpan<double> a, int n, int depth, int rowStride, int depthStride, Span<double> space)
    {
        _panels = space[..Size(n, depth)];
        (_n, _depth) = (n, depth);
        int at = 0;
        for (int k = 0; k < depth; k += PackedProduct.BlockDepth)
        {
            int end = Math.Min(k + PackedProduct.BlockDepth, depth);
            for (int i = 0; i < n; i += PackedProduct.TileRows)
            {
                int height = Math.Min(PackedProduct.TileRows, n - i);
                for (int column = k; column < end; column++)
                {
                    var panel = _panels.Slice(at, PackedProduct.TileRows);
                    at += PackedProduct.TileRows;
                    panel[height..].Clear();
                    int from = (column * depthStride) + (i * rowStride);
                    for (int row = 0; row < height; row++)
                    {
                        panel[row] = a[from + (row * rowStride)];
                    }
                }
            }
        }
    }

    /// <summary>How many values a packed matrix of n x depth takes.</summary>
    public static int Size(int n, int depth) => checked(RoundUp(n) * depth);

    /// <summary>C += AB. B[k, j] is <c>b[(k * depthStride) + (j * columnStride)]</c>, C[i, j] is <c>c[i + (j * cStride)]</c>.</summary>
    public void AddProduct(ReadOnlySpan<double> b, int depthStride, int columnStride, int columns, Span<double> c, int cStride)
    {
        if (columns == 1)
        {
            AddColumn(b, depthStride, c);
            return;
        }

        int most = Math.Min(columns, PackedProduct.BlockColumns);
        double[] rented = ArrayPool<double>.Shared.Rent(
            Lanes + (Math.Min(_depth, PackedProduct.BlockDepth) * PackedProduct.RoundUp(most)));
        var space = rented.AsSpan(Products.ValuesBeforeAlignment(rented));
        for (int k = 0; k < _depth; k += PackedProduct.BlockDepth)
        {
            int blockDepth = Math.Min(PackedProduct.BlockDepth, _depth - k);
            for (int j = 0; j < columns; j += most)
            {
                int blockColumns = Math.Min(most, columns - j);
                var packed = space[..(blockDepth * PackedProduct.RoundUp(blockColumns))];
                PackedProduct.Pack(
                    b[((k * depthStride) + (j * columnStride))..], depthStride, columnStride, blockDepth, blockColumns, packed);
                AddBlock(k, blockDepth, packed, blockColumns, c[(j * cStride)..], cStride);
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    private static int RoundUp(int rows) => (rows + PackedProduct.TileRows - 1) / PackedProduct.TileRows * PackedProduct.TileRows;

    private void AddBlock(int k, int depth, ReadOnlySpan<double> packed, int columns, Span<double> c, int cStride)
    {
        var rows = s_rows.AsSpan(0, depth);
        for (int i = 0; i < _n; i += PackedProduct.TileRows)
        {
            int height = Math.Min(PackedProduct.TileRows, _n - i);
            var panel = Panel(k, i, depth);
            for (int j = 0; j < columns; j += PackedProduct.TileColumns)
            {
                int width = Math.Min(PackedProduct.TileColumns, columns - j);
                var part = packed.Slice(j * depth, PackedProduct.TileColumns * depth);
                int at = (j * cStride) + i;
                if (height == PackedProduct.TileRows && width == PackedProduct.TileColumns)
                {
                    PackedProduct.AddTile(
                        panel, part, rows, c.Slice(at, ((PackedProduct.TileColumns - 1) * cStride) + PackedProduct.TileRows), cStride);
                }
                else
                {
                    PackedProduct.AddEdge(panel, part, rows, c[at..], cStride, height, width);
                }
            }
        }
    }

    /// <summary>C += AB for one column.</summary>
    private void AddColumn(ReadOnlySpan<double> b, int depthStride, Span<double> c)
    {
        Span<double> rest = stackalloc double[2 * PackedProduct.TileRows];
        for (int k = 0; k < _depth; k += PackedProduct.BlockDepth)
        {
            int depth = Math.Min(PackedProduct.BlockDepth, _depth - k);
            var column = b[(k * depthStride)..];
            int i = 0;
            for (; i + (2 * PackedProduct.TileRows) <= _n; i += 2 * PackedProduct.TileRows)
            {
                AddTwoPanels(
                    Panel(k, i, depth), Panel(k, i + PackedProduct.TileRows, depth), column, depthStride, c.Slice(i, rest.Length));
            }

            if (i < _n)
            {
                int second = Math.Min(i + PackedProduct.TileRows, RoundUp(_n) - PackedProduct.TileRows);
                c[i.._n].CopyTo(rest);
                AddTwoPanels(Panel(k, i, depth), Panel(k, second, depth), column, depthStride, rest);
                rest[..(_n - i)].CopyTo(c[i..]);
            }
        }
    }

    private ReadOnlySpan<double> Panel(int k, int i, int depth) =>
        _panels.Slice((k * RoundUp(_n)) + (i * depth), depth * PackedProduct.TileRows);

    private static void AddTwoPanels(
        ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<double> b, int depthStride, Span<double> c)
    {
        ref readonly double firsts = ref MemoryMarshal.GetReference(first);
        ref readonly double seconds = ref MemoryMarshal.GetReference(second);
        ref double cs = ref MemoryMarshal.GetReference(c);
        var c0 = Vector256.LoadUnsafe(ref cs);
        var c1 = Vector256.LoadUnsafe(ref cs, Lanes);
        var c2 = Vector256.LoadUnsafe(ref cs, 2 * Lanes);
        var c3 = Vector256.LoadUnsafe(ref cs, 3 * Lanes);
        for (int at = 0, from = 0; at < first.Length; at += PackedProduct.TileRows, from += depthStride)
        {
            var factor = Vector256.Create(b[from]);
            c0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in firsts, (uint)at), factor, c0);
            c1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in firsts, (uint)at + Lanes), factor, c1);
            c2 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in seconds, (uint)at), factor, c2);
            c3 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in seconds, (uint)at + Lanes), factor, c3);
        }

        c0.StoreUnsafe(ref cs);
        c1.StoreUnsafe(ref cs, Lanes);
        c2.StoreUnsafe(ref cs, 2 * Lanes);
        c3.StoreUnsafe(ref cs, 3 * Lanes);
    }
}
