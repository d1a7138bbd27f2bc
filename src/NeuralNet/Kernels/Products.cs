using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>Products of a row with a matrix. Matrices are column-major: column j of a matrix of n rows is values [j*n, (j+1)*n).</summary>
/// <remarks>
/// <para>
/// Everything is written in <see cref="Vector256{T}"/>: one register of four doubles under AVX2, two of <see cref="Vector128{T}"/> under
/// ARM's AdvSimd, plain arithmetic elsewhere, with the same bits everywhere, because a sum always has the same four lanes and a
/// multiply-add is rounded once.
/// </para>
/// <para>
/// Blocks of four zeros in a row x are left out of products and updates alike, which changes no bit of the result for finite weights but
/// the sign of a weight of -0; in a digit of MNIST that is 7 blocks in 10.
/// </para>
/// </remarks>
internal static class Products
{
    private const int Lanes = 4;
    private const int BlocksOnStack = 1024;

    /// <summary>y = xW + b, with x of n, W of n x m, b and y of m values.</summary>
    public static void RowTimesMatrix(ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        int n = x.Length;
        int[]? rented = null;
        var space = n / Lanes <= BlocksOnStack ? stackalloc int[n / Lanes] : rented = ArrayPool<int>.Shared.Rent(n / Lanes);
        var blocks = NonZeroBlocks(x, 0, space);
        int j = 0;
        for (; j + 8 <= y.Length; j += 8)
        {
            EightColumns(x, blocks, w.Slice(j * n, 8 * n), y.Slice(j, 8));
        }

        for (; j < y.Length; j++)
        {
            y[j] = OneColumn(x, blocks, w.Slice(j * n, n));
        }

        // The tail is added as the article's numpy adds it: so XOR's last prediction ends 7e-10 of itself from the golden run, by
        // multiply-adds 1.4e-9.
        for (j = 0; j < y.Length; j++)
        {
            double sum = y[j];
            for (int i = n - (n % Lanes); i < n; i++)
            {
                sum += x[i] * w[(j * n) + i];
            }

            y[j] = sum + b[j];
        }

        Return(rented);
    }

    /// <summary>e = yWᵀ, with y of m, W of n x m, e of n values.</summary>
    public static void RowTimesTransposed(ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> e)
    {
        e.Clear();
        for (int j = 0; j < y.Length; j++)
        {
            AddScaled(y[j], w.Slice(j * e.Length, e.Length), e);
        }
    }

    /// <summary>W += scale * xᵀy, with x of n, y of m, W of n x m values.</summary>
    public static void AddOuter(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w)
    {
        int n = x.Length;
        w = w[..(n * y.Length)];
        int head = Math.Min(n, ValuesBeforeAlignment(w));
        int[]? rented = null;
        var space = n / Lanes <= BlocksOnStack ? stackalloc int[n / Lanes] : rented = ArrayPool<int>.Shared.Rent(n / Lanes);
        var blocks = NonZeroBlocks(x, head, space);
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        int j = 0;
        for (; j + 4 <= y.Length; j += 4)
        {
            ref double w0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(w), j * n);
            ref double w1 = ref Unsafe.Add(ref w0, n);
            ref double w2 = ref Unsafe.Add(ref w1, n);
            ref double w3 = ref Unsafe.Add(ref w2, n);
            var s0 = Vector256.Create(scale * y[j]);
            var s1 = Vector256.Create(scale * y[j + 1]);
            var s2 = Vector256.Create(scale * y[j + 2]);
            var s3 = Vector256.Create(scale * y[j + 3]);
            foreach (int block in blocks)
            {
                nuint i = (uint)block;
                var xi = Vector256.LoadUnsafe(in xs, i);
                Vector256.FusedMultiplyAdd(s0, xi, Vector256.LoadUnsafe(in w0, i)).StoreUnsafe(ref w0, i);
                Vector256.FusedMultiplyAdd(s1, xi, Vector256.LoadUnsafe(in w1, i)).StoreUnsafe(ref w1, i);
                Vector256.FusedMultiplyAdd(s2, xi, Vector256.LoadUnsafe(in w2, i)).StoreUnsafe(ref w2, i);
                Vector256.FusedMultiplyAdd(s3, xi, Vector256.LoadUnsafe(in w3, i)).StoreUnsafe(ref w3, i);
            }
        }

        for (; j < y.Length; j++)
        {
            ref double wj = ref Unsafe.Add(ref MemoryMarshal.GetReference(w), j * n);
            var s = Vector256.Create(scale * y[j]);
            foreach (int block in blocks)
            {
                nuint i = (uint)block;
                Vector256.FusedMultiplyAdd(s, Vector256.LoadUnsafe(in xs, i), Vector256.LoadUnsafe(in wj, i)).StoreUnsafe(ref wj, i);
            }
        }

        Return(rented);
        AddOuterRows(scale, x, y, w, 0, head);
        AddOuterRows(scale, x, y, w, n - ((n - head) % Lanes), n);
    }

    /// <summary>e = yWᵀ, then W += scale * xᵀy, in one walk through W; with x and e of n, y of m, W of n x m values.</summary>
    public static void RowTimesTransposedThenAddOuter(
        double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, Span<double> e)
    {
        int n = x.Length;
        w = w[..(n * y.Length)];
        e = e[..n];
        int head = Math.Min(n, ValuesBeforeAlignment(w));
        int tail = n - ((n - head) % Lanes);
        RowTimesTransposedRows(y, w, e, 0, head);
        RowTimesTransposedRows(y, w, e, tail, n);
        e[head..tail].Clear();
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double es = ref MemoryMarshal.GetReference(e);
        int j = 0;
        for (; j + 4 <= y.Length; j += 4)
        {
            ref double w0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(w), j * n);
            ref double w1 = ref Unsafe.Add(ref w0, n);
            ref double w2 = ref Unsafe.Add(ref w1, n);
            ref double w3 = ref Unsafe.Add(ref w2, n);
            var (y0, s0) = (Vector256.Create(y[j]), Vector256.Create(scale * y[j]));
            var (y1, s1) = (Vector256.Create(y[j + 1]), Vector256.Create(scale * y[j + 1]));
            var (y2, s2) = (Vector256.Create(y[j + 2]), Vector256.Create(scale * y[j + 2]));
            var (y3, s3) = (Vector256.Create(y[j + 3]), Vector256.Create(scale * y[j + 3]));
            for (nuint i = (uint)head; i < (uint)tail; i += Lanes)
            {
                var xi = Vector256.LoadUnsafe(in xs, i);
                var error = Vector256.LoadUnsafe(in es, i);
                var weight = Vector256.LoadUnsafe(in w0, i);
                error = Vector256.FusedMultiplyAdd(y0, weight, error);
                Vector256.FusedMultiplyAdd(s0, xi, weight).StoreUnsafe(ref w0, i);
                weight = Vector256.LoadUnsafe(in w1, i);
                error = Vector256.FusedMultiplyAdd(y1, weight, error);
                Vector256.FusedMultiplyAdd(s1, xi, weight).StoreUnsafe(ref w1, i);
                weight = Vector256.LoadUnsafe(in w2, i);
                error = Vector256.FusedMultiplyAdd(y2, weight, error);
                Vector256.FusedMultiplyAdd(s2, xi, weight).StoreUnsafe(ref w2, i);
                weight = Vector256.LoadUnsafe(in w3, i);
                error = Vector256.FusedMultiplyAdd(y3, weight, error);
                Vector256.FusedMultiplyAdd(s3, xi, weight).StoreUnsafe(ref w3, i);
                error.StoreUnsafe(ref es, i);
            }
        }

        for (; j < y.Length; j++)
        {
            AddScaled(y[j], w[((j * n) + head)..((j * n) + tail)], e[head..tail]);
            AddScaled(scale * y[j], x[head..tail], w[((j * n) + head)..((j * n) + tail)]);
        }

        AddOuterRows(scale, x, y, w, 0, head);
        AddOuterRows(scale, x, y, w, tail, n);
    }

    /// <summary>y += scale * x.</summary>
    public static void AddScaled(double scale, ReadOnlySpan<double> x, Span<double> y)
    {
        y = y[..x.Length];
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double ys = ref MemoryMarshal.GetReference(y);
        var s = Vector256.Create(scale);
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            Vector256.FusedMultiplyAdd(s, Vector256.LoadUnsafe(in xs, (uint)i), Vector256.LoadUnsafe(in ys, (uint)i))
                .StoreUnsafe(ref ys, (uint)i);
        }

        for (; i < x.Length; i++)
        {
            y[i] = Math.FusedMultiplyAdd(scale, x[i], y[i]);
        }
    }

    /// <summary>The sum of values, four sums at a time, so that an addition need not wait for the last one.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        ref double vs = ref MemoryMarshal.GetReference(values);
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + (4 * Lanes) <= values.Length; i += 4 * Lanes)
        {
            s0 += Vector256.LoadUnsafe(ref vs, (uint)i);
            s1 += Vector256.LoadUnsafe(ref vs, (uint)i + Lanes);
            s2 += Vector256.LoadUnsafe(ref vs, (uint)i + (2 * Lanes));
            s3 += Vector256.LoadUnsafe(ref vs, (uint)i + (3 * Lanes));
        }

        double rest = 0;
        for (; i < values.Length; i++)
        {
            rest += values[i];
        }

        return Sum(s0 + s1 + (s2 + s3)) + rest;
    }

    /// <summary>The sum of the lanes, always in the same order: (0 + 2) + (1 + 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector256<double> lanes)
    {
        var pairs = lanes.GetLower() + lanes.GetUpper();
        return pairs.GetElement(0) + pairs.GetElement(1);
    }

    /// <summary>Eight sums at a time: enough to keep two multiply-adds a cycle busy, with each block of x loaded once.</summary>
    private static void EightColumns(ReadOnlySpan<double> x, ReadOnlySpan<int> blocks, ReadOnlySpan<double> w, Span<double> y)
    {
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double w0 = ref MemoryMarshal.GetReference(w);
        ref double w1 = ref Unsafe.Add(ref w0, x.Length);
        ref double w2 = ref Unsafe.Add(ref w1, x.Length);
        ref double w3 = ref Unsafe.Add(ref w2, x.Length);
        ref double w4 = ref Unsafe.Add(ref w3, x.Length);
        ref double w5 = ref Unsafe.Add(ref w4, x.Length);
        ref double w6 = ref Unsafe.Add(ref w5, x.Length);
        ref double w7 = ref Unsafe.Add(ref w6, x.Length);
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        foreach (int block in blocks)
        {
            nuint i = (uint)block;
            var xi = Vector256.LoadUnsafe(in xs, i);
            s0 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w0, i), s0);
            s1 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w1, i), s1);
            s2 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w2, i), s2);
            s3 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w3, i), s3);
            s4 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w4, i), s4);
            s5 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w5, i), s5);
            s6 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w6, i), s6);
            s7 = Vector256.FusedMultiplyAdd(xi, Vector256.LoadUnsafe(in w7, i), s7);
        }

        y[7] = Sum(s7);
        y[0] = Sum(s0);
        y[1] = Sum(s1);
        y[2] = Sum(s2);
        y[3] = Sum(s3);
        y[4] = Sum(s4);
        y[5] = Sum(s5);
        y[6] = Sum(s6);
    }

    private static double OneColumn(ReadOnlySpan<double> x, ReadOnlySpan<int> blocks, ReadOnlySpan<double> w)
    {
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref readonly double ws = ref MemoryMarshal.GetReference(w);
        Vector256<double> sum = default;
        foreach (int block in blocks)
        {
            sum = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in xs, (uint)block), Vector256.LoadUnsafe(in ws, (uint)block), sum);
        }

        return Sum(sum);
    }

    /// <summary>Where the blocks of x from <paramref name="first"/> on start that hold something else than zeros.</summary>
    private static ReadOnlySpan<int> NonZeroBlocks(ReadOnlySpan<double> x, int first, Span<int> space)
    {
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        int count = 0;
        for (int i = first; i + Lanes <= x.Length; i += Lanes)
        {
            space[count] = i;
            count += Vector256.EqualsAll(Vector256.LoadUnsafe(in xs, (uint)i), Vector256<double>.Zero) ? 0 : 1;
        }

        return space[..count];
    }

    /// <summary>
    /// How many values come before the first whose address is a multiple of 32 bytes: stores that cross cache lines are slow. An update has
    /// the same bits wherever its blocks start.
    /// </summary>
    public static int ValuesBeforeAlignment(ReadOnlySpan<double> w) =>
        (int)(-Unsafe.ByteOffset(ref Unsafe.NullRef<double>(), ref MemoryMarshal.GetReference(w)) & 31) / sizeof(double);

    private static void AddOuterRows(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, int from, int to)
    {
        for (int j = 0; from < to && j < y.Length; j++)
        {
            double s = scale * y[j];
            for (int i = from; i < to; i++)
            {
                ref double weight = ref w[(j * x.Length) + i];
                weight = Math.FusedMultiplyAdd(s, x[i], weight);
            }
        }
    }

    private static void RowTimesTransposedRows(ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> e, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            double sum = 0;
            for (int j = 0; j < y.Length; j++)
            {
                sum = Math.FusedMultiplyAdd(y[j], w[(j * e.Length) + i], sum);
            }

            e[i] = sum;
        }
    }

    private static void Return(int[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }
}
