using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// C += AB for matrices of any size: C is n x m and A is n x depth, both column-major; B is depth x m with strides of its own.
/// </summary>
/// <remarks>
/// <para>
/// The work is cut three times: into blocks of A's columns (the depth), those into blocks of C's columns, whose part of B is packed and
/// stays in the second-level cache, and those into panels of 8 rows, whose part of A is packed and stays in the first. What is left is a
/// tile of 8 x 6 values of C: 12 registers that collect, 2 for A and 1 for B, which is all that AVX2 has. Tiles at C's edges are computed
/// on a copy.
/// </para>
/// <para>
/// Every value of C takes its products one after another in the order of the depth, each by a multiply-add that is rounded once, starting
/// from what C held. So its bits depend neither on how the work is cut nor on where other values' products are computed, and are those of
/// <see cref="Products.RowTimesTransposed"/> and <see cref="Products.AddOuter"/>.
/// </para>
/// <para>
/// Eight rows of a column of A that are all zero are left out of the packed panel; for finite B that changes no bit but the sign of a C of
/// -0. In digits of MNIST these are 6 in 10.
/// </para>
/// </remarks>
internal static class PackedProduct
{
    private const int Lanes = 4;
    public const int TileRows = 2 * Lanes;
    public const int TileColumns = 6;
    public const int BlockDepth = 256;
    public const int BlockColumns = 32 * TileColumns;

    /// <summary>Columns [from, to) of C += AB. A is n x depth, C of n rows; B[k, j] is b[(k * depthStride) + (j * columnStride)].</summary>
    public static void Add(
        ReadOnlySpan<double> a,
        int n,
        int depth,
        ReadOnlySpan<double> b,
        int depthStride,
        int columnStride,
        int from,
        int to,
        Span<double> c)
    {
        if (n == 0 || depth == 0 || from >= to)
        {
            return;
        }

        a = a[..checked(n * depth)];
        c = c[checked(from * n)..checked(to * n)];
        b = b[checked(from * columnStride)..];
        int columns = to - from;
        int panel = TileRows * Math.Min(depth, BlockDepth);
        double[] rented =
            ArrayPool<double>.Shared.Rent(Lanes + panel + (Math.Min(depth, BlockDepth) * RoundUp(Math.Min(columns, BlockColumns))));
        var space = rented.AsSpan(Products.ValuesBeforeAlignment(rented));
        for (int k = 0; k < depth; k += BlockDepth)
        {
            int blockDepth = Math.Min(BlockDepth, depth - k);
            for (int j = 0; j < columns; j += BlockColumns)
            {
                int blockColumns = Math.Min(BlockColumns, columns - j);
                var packed = space.Slice(panel, blockDepth * RoundUp(blockColumns));
                Pack(b[((k * depthStride) + (j * columnStride))..], depthStride, columnStride, blockDepth, blockColumns, packed);
                AddBlock(a.Slice(k * n, blockDepth * n), n, packed, space[..panel], c.Slice(j * n, blockColumns * n));
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    public static int RoundUp(int columns) => (columns + TileColumns - 1) / TileColumns * TileColumns;

    /// <summary>Panels of 6 columns one after another, each row by row; the columns that the last one lacks are zero.</summary>
    public static void Pack(ReadOnlySpan<double> b, int depthStride, int columnStride, int depth, int columns, Span<double> packed)
    {
        for (int j = 0; j < columns; j += TileColumns)
        {
            var panel = packed.Slice(j * depth, TileColumns * depth);
            int width = Math.Min(TileColumns, columns - j);
            if (width < TileColumns)
            {
                panel.Clear();
            }

            for (int column = 0; column < width; column++)
            {
                int at = (j + column) * columnStride;
                for (int i = column; i < panel.Length; i += TileColumns)
                {
                    panel[i] = b[at];
                    at += depthStride;
                }
            }
        }
    }

    private static void AddBlock(ReadOnlySpan<double> a, int n, ReadOnlySpan<double> packed, Span<double> panel, Span<double> c)
    {
        Span<int> rows = stackalloc int[BlockDepth];
        int depth = a.Length / n;
        for (int i = 0; i < n; i += TileRows)
        {
            int height = Math.Min(TileRows, n - i);
            int count = height == TileRows ? PackRows(a, n, i, panel, rows) : PackLastRows(a, n, i, panel, rows);
            for (int at = 0; at < c.Length; at += TileColumns * n)
            {
                int width = Math.Min(TileColumns, (c.Length - at) / n);
                var part = packed.Slice(at / n * depth, TileColumns * depth);
                if (height == TileRows && width == TileColumns)
                {
                    AddTile(panel, part, rows[..count], c.Slice(at + i, (5 * n) + TileRows), n);
                }
                else
                {
                    AddEdge(panel, part, rows[..count], c[(at + i)..], n, height, width);
                }
            }
        }
    }

    /// <summary>
    /// Packs rows [i, i + 8) of the columns of A in which they are not all zero, and says where their rows of B start in a panel.
    /// </summary>
    /// <returns>How many these are.</returns>
    private static int PackRows(ReadOnlySpan<double> a, int n, int i, Span<double> panel, Span<int> rows)
    {
        int count = 0;
        for (int k = 0, at = i; at < a.Length; k++, at += n)
        {
            ref readonly double source = ref MemoryMarshal.GetReference(a.Slice(at, TileRows));
            ref double target = ref MemoryMarshal.GetReference(panel.Slice(count * TileRows, TileRows));
            var low = Vector256.LoadUnsafe(in source);
            var high = Vector256.LoadUnsafe(in source, Lanes);
            low.StoreUnsafe(ref target);
            high.StoreUnsafe(ref target, Lanes);
            rows[count] = k * TileColumns;
            count += Vector256.EqualsAll(low | high, Vector256<double>.Zero) ? 0 : 1;
        }

        return count;
    }

    /// <summary>As <see cref="PackRows"/>, for the fewer than 8 rows at the end; the rows that are lacking are zero.</summary>
    private static int PackLastRows(ReadOnlySpan<double> a, int n, int i, Span<double> panel, Span<int> rows)
    {
        panel.Clear();
        int depth = a.Length / n;
        for (int k = 0; k < depth; k++)
        {
            a[((k * n) + i)..((k + 1) * n)].CopyTo(panel[(k * TileRows)..]);
            rows[k] = k * TileColumns;
        }

        return depth;
    }

    /// <summary>A tile that reaches over C's edge, done on a copy.</summary>
    public static void AddEdge(
        ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<int> rows, Span<double> c, int n, int height, int width)
    {
        Span<double> tile = stackalloc double[TileRows * TileColumns];
        for (int j = 0; j < width; j++)
        {
            c.Slice(j * n, height).CopyTo(tile[(j * TileRows)..]);
        }

        AddTile(a, b, rows, tile, TileRows);
        for (int j = 0; j < width; j++)
        {
            tile.Slice(j * TileRows, height).CopyTo(c[(j * n)..]);
        }
    }

    /// <summary>8 x 6 values of C, whose columns are n values apart.</summary>
    public static void AddTile(ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<int> rows, Span<double> c, int n)
    {
        ref readonly double aRow = ref MemoryMarshal.GetReference(a);
        ref readonly double bs = ref MemoryMarshal.GetReference(b);
        ref double c0 = ref MemoryMarshal.GetReference(c);
        ref double c1 = ref Unsafe.Add(ref c0, n);
        ref double c2 = ref Unsafe.Add(ref c1, n);
        ref double c3 = ref Unsafe.Add(ref c2, n);
        ref double c4 = ref Unsafe.Add(ref c3, n);
        ref double c5 = ref Unsafe.Add(ref c4, n);
        var (low0, high0) = (Vector256.LoadUnsafe(ref c0), Vector256.LoadUnsafe(ref c0, Lanes));
        var (low1, high1) = (Vector256.LoadUnsafe(ref c1), Vector256.LoadUnsafe(ref c1, Lanes));
        var (low2, high2) = (Vector256.LoadUnsafe(ref c2), Vector256.LoadUnsafe(ref c2, Lanes));
        var (low3, high3) = (Vector256.LoadUnsafe(ref c3), Vector256.LoadUnsafe(ref c3, Lanes));
        var (low4, high4) = (Vector256.LoadUnsafe(ref c4), Vector256.LoadUnsafe(ref c4, Lanes));
        var (low5, high5) = (Vector256.LoadUnsafe(ref c5), Vector256.LoadUnsafe(ref c5, Lanes));
        foreach (int row in rows)
        {
            ref readonly double bRow = ref Unsafe.Add(ref Unsafe.AsRef(in bs), row);
            var low = Vector256.LoadUnsafe(in aRow);
            var high = Vector256.LoadUnsafe(in aRow, Lanes);
            aRow = ref Unsafe.Add(ref Unsafe.AsRef(in aRow), TileRows);
            var factor = Vector256.Create(bRow);
            low0 = Vector256.FusedMultiplyAdd(low, factor, low0);
            high0 = Vector256.FusedMultiplyAdd(high, factor, high0);
            factor = Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in bRow), 1));
            low1 = Vector256.FusedMultiplyAdd(low, factor, low1);
            high1 = Vector256.FusedMultiplyAdd(high, factor, high1);
            factor = Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in bRow), 2));
            low2 = Vector256.FusedMultiplyAdd(low, factor, low2);
            high2 = Vector256.FusedMultiplyAdd(high, factor, high2);
            factor = Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in bRow), 3));
            low3 = Vector256.FusedMultiplyAdd(low, factor, low3);
            high3 = Vector256.FusedMultiplyAdd(high, factor, high3);
            factor = Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in bRow), 4));
            low4 = Vector256.FusedMultiplyAdd(low, factor, low4);
            high4 = Vector256.FusedMultiplyAdd(high, factor, high4);
            factor = Vector256.Create(Unsafe.Add(ref Unsafe.AsRef(in bRow), 5));
            low5 = Vector256.FusedMultiplyAdd(low, factor, low5);
            high5 = Vector256.FusedMultiplyAdd(high, factor, high5);
        }

        Store(low0, high0, ref c0);
        Store(low1, high1, ref c1);
        Store(low2, high2, ref c2);
        Store(low3, high3, ref c3);
        Store(low4, high4, ref c4);
        Store(low5, high5, ref c5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<double> low, Vector256<double> high, ref double column)
    {
        low.StoreUnsafe(ref column);
        high.StoreUnsafe(ref column, Lanes);
    }
}
