using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>Products of a row with a matrix. Matrices are column-major: column j of a matrix of n rows is values [j*n, (j+1)*n).</summary>
/// <remarks>
/// Rows are read in blocks of four, then a tail of up to three. Blocks of a row x that hold zeros only are left out of products and updates alike, which changes no bit of the result for finite
/// weights; in a digit of MNIST that is 7 blocks in 10. Sums run over the blocks in order, so that a result depends on its column alone.
/// </remarks>
internal static class Products
{
    private const int Lanes = 4;
    private const int BlocksOnStack = 1024;

    /// <summary>y = xW + b, with x of n, W of n x m, b and y of m values.</summary>
    public static void RowTimesMatrix(ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            RowTimesMatrix<Lanes256>(x, w, b, y);
        }
        else
        {
            RowTimesMatrix<Lanes128>(x, w, b, y);
        }
    }

    /// <summary>x = yWᵀ, with y of m, W of n x m, x of n values.</summary>
    public static void RowTimesTransposed(ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
        x.Clear();
        for (int j = 0; j < y.Length; j++)
        {
            AddScaled(y[j], w.Slice(j * x.Length, x.Length), x);
        }
    }

    /// <summary>W += scale * xᵀy, with x of n, y of m, W of n x m values.</summary>
    public static void AddOuter(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            AddOuter<Lanes256>(scale, x, y, w);
        }
        else
        {
            AddOuter<Lanes128>(scale, x, y, w);
        }
    }

    /// <summary>e = yWᵀ, then W += scale * xᵀy, in one walk through W; with x and e of n, y of m, W of n x m values.</summary>
    public static void RowTimesTransposedThenAddOuter(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, Span<double> e)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            RowTimesTransposedThenAddOuter<Lanes256>(scale, x, y, w, e);
        }
        else
        {
            RowTimesTransposedThenAddOuter<Lanes128>(scale, x, y, w, e);
        }
    }

    /// <summary>y += scale * x.</summary>
    public static void AddScaled(double scale, ReadOnlySpan<double> x, Span<double> y)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            AddScaled<Lanes256>(scale, x, y);
        }
        else
        {
            AddScaled<Lanes128>(scale, x, y);
        }
    }

    internal static void RowTimesMatrix<T>(ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
        where T : struct, ILanes<T>
    {
        int n = x.Length;
        int[]? rented = null;
        var space = n / Lanes <= BlocksOnStack ? stackalloc int[n / Lanes] : rented = ArrayPool<int>.Shared.Rent(n / Lanes);
        var blocks = NonZeroBlocks<T>(x, space);
        w = w[..(n * y.Length)];
        int j = 0;
        for (; j + 8 <= y.Length; j += 8)
        {
            EightColumns<T>(x, blocks, w.Slice(j * n, 8 * n), b.Slice(j, 8), y.Slice(j, 8));
        }

        for (; j < y.Length; j++)
        {
            OneColumn<T>(x, blocks, w.Slice(j * n, n), b[j], out y[j]);
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    internal static void AddOuter<T>(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w)
        where T : struct, ILanes<T>
    {
        int n = x.Length;
        int[]? rented = null;
        var space = n / Lanes <= BlocksOnStack ? stackalloc int[n / Lanes] : rented = ArrayPool<int>.Shared.Rent(n / Lanes);
        var blocks = NonZeroBlocks<T>(x, space);
        w = w[..(n * y.Length)];
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double ws = ref MemoryMarshal.GetReference(w);
        int j = 0;
        for (; j + 4 <= y.Length; j += 4)
        {
            int column = j * n;
            var (s0, s1, s2, s3) = (T.Broadcast(scale * y[j]), T.Broadcast(scale * y[j + 1]), T.Broadcast(scale * y[j + 2]), T.Broadcast(scale * y[j + 3]));
            foreach (int i in blocks)
            {
                var xi = T.Load(in xs, i);
                int at = column + i;
                T.MultiplyAdd(s0, xi, T.Load(in ws, at)).Store(ref ws, at);
                T.MultiplyAdd(s1, xi, T.Load(in ws, at + n)).Store(ref ws, at + n);
                T.MultiplyAdd(s2, xi, T.Load(in ws, at + (2 * n))).Store(ref ws, at + (2 * n));
                T.MultiplyAdd(s3, xi, T.Load(in ws, at + (3 * n))).Store(ref ws, at + (3 * n));
            }
        }

        for (; j < y.Length; j++)
        {
            int column = j * n;
            var s = T.Broadcast(scale * y[j]);
            foreach (int i in blocks)
            {
                T.MultiplyAdd(s, T.Load(in xs, i), T.Load(in ws, column + i)).Store(ref ws, column + i);
            }
        }

        int tail = n - (n % Lanes);
        for (j = 0; tail < n && j < y.Length; j++)
        {
            AddScaled<T>(scale * y[j], x[tail..], w[((j * n) + tail)..((j + 1) * n)]);
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    internal static void RowTimesTransposedThenAddOuter<T>(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, Span<double> e)
        where T : struct, ILanes<T>
    {
        int n = x.Length;
        w = w[..(n * y.Length)];
        e = e[..n];
        e.Clear();
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double ws = ref MemoryMarshal.GetReference(w);
        ref double es = ref MemoryMarshal.GetReference(e);
        int tail = n - (n % Lanes);
        int j = 0;
        for (; j + 4 <= y.Length; j += 4)
        {
            int column = j * n;
            var (y0, y1, y2, y3) = (T.Broadcast(y[j]), T.Broadcast(y[j + 1]), T.Broadcast(y[j + 2]), T.Broadcast(y[j + 3]));
            var (s0, s1, s2, s3) = (T.Broadcast(scale * y[j]), T.Broadcast(scale * y[j + 1]), T.Broadcast(scale * y[j + 2]), T.Broadcast(scale * y[j + 3]));
            for (int i = 0; i < tail; i += Lanes)
            {
                int at = column + i;
                var xi = T.Load(in xs, i);
                var w0 = T.Load(in ws, at);
                var w1 = T.Load(in ws, at + n);
                var w2 = T.Load(in ws, at + (2 * n));
                var w3 = T.Load(in ws, at + (3 * n));
                T.MultiplyAdd(y3, w3, T.MultiplyAdd(y2, w2, T.MultiplyAdd(y1, w1, T.MultiplyAdd(y0, w0, T.Load(in es, i))))).Store(ref es, i);
                T.MultiplyAdd(s0, xi, w0).Store(ref ws, at);
                T.MultiplyAdd(s1, xi, w1).Store(ref ws, at + n);
                T.MultiplyAdd(s2, xi, w2).Store(ref ws, at + (2 * n));
                T.MultiplyAdd(s3, xi, w3).Store(ref ws, at + (3 * n));
            }
        }

        for (int rest = j; rest < y.Length; rest++)
        {
            AddScaled<T>(y[rest], w.Slice(rest * n, tail), e[..tail]);
            AddScaled<T>(scale * y[rest], x[..tail], w.Slice(rest * n, tail));
        }

        for (j = 0; tail < n && j < y.Length; j++)
        {
            var column = w[((j * n) + tail)..((j + 1) * n)];
            AddScaled<T>(y[j], column, e[tail..]);
            AddScaled<T>(scale * y[j], x[tail..], column);
        }
    }

    internal static void AddScaled<T>(double scale, ReadOnlySpan<double> x, Span<double> y)
        where T : struct, ILanes<T>
    {
        y = y[..x.Length];
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double ys = ref MemoryMarshal.GetReference(y);
        var s = T.Broadcast(scale);
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            T.MultiplyAdd(s, T.Load(in xs, i), T.Load(in ys, i)).Store(ref ys, i);
        }

        for (; i < x.Length; i++)
        {
            y[i] = Math.FusedMultiplyAdd(scale, x[i], y[i]);
        }
    }

    /// <summary>Where the blocks of x start that hold something else than zeros.</summary>
    private static ReadOnlySpan<int> NonZeroBlocks<T>(ReadOnlySpan<double> x, Span<int> space)
        where T : struct, ILanes<T>
    {
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        int count = 0;
        for (int i = 0; i + Lanes <= x.Length; i += Lanes)
        {
            space[count] = i;
            count += T.Load(in xs, i).IsZero() ? 0 : 1;
        }

        return space[..count];
    }

    /// <summary>Eight sums at a time: enough to keep two multiply-adds a cycle busy, with each block of x loaded once.</summary>
    private static void EightColumns<T>(ReadOnlySpan<double> x, ReadOnlySpan<int> blocks, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
        where T : struct, ILanes<T>
    {
        int n = x.Length;
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref readonly double w0 = ref MemoryMarshal.GetReference(w);
        ref readonly double w4 = ref Unsafe.Add(ref MemoryMarshal.GetReference(w), 4 * n);
        var (s0, s1, s2, s3) = (default(T), default(T), default(T), default(T));
        var (s4, s5, s6, s7) = (default(T), default(T), default(T), default(T));
        foreach (int i in blocks)
        {
            var xi = T.Load(in xs, i);
            s0 = T.MultiplyAdd(xi, T.Load(in w0, i), s0);
            s1 = T.MultiplyAdd(xi, T.Load(in w0, i + n), s1);
            s2 = T.MultiplyAdd(xi, T.Load(in w0, i + (2 * n)), s2);
            s3 = T.MultiplyAdd(xi, T.Load(in w0, i + (3 * n)), s3);
            s4 = T.MultiplyAdd(xi, T.Load(in w4, i), s4);
            s5 = T.MultiplyAdd(xi, T.Load(in w4, i + n), s5);
            s6 = T.MultiplyAdd(xi, T.Load(in w4, i + (2 * n)), s6);
            s7 = T.MultiplyAdd(xi, T.Load(in w4, i + (3 * n)), s7);
        }

        y[7] = b[7] + s7.Sum();
        y[0] = b[0] + s0.Sum();
        y[1] = b[1] + s1.Sum();
        y[2] = b[2] + s2.Sum();
        y[3] = b[3] + s3.Sum();
        y[4] = b[4] + s4.Sum();
        y[5] = b[5] + s5.Sum();
        y[6] = b[6] + s6.Sum();
        for (int i = n - (n % Lanes); i < n; i++)
        {
            for (int j = 0; j < 8; j++)
            {
                y[j] = Math.FusedMultiplyAdd(x[i], w[(j * n) + i], y[j]);
            }
        }
    }

    private static void OneColumn<T>(ReadOnlySpan<double> x, ReadOnlySpan<int> blocks, ReadOnlySpan<double> w, double b, out double y)
        where T : struct, ILanes<T>
    {
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref readonly double ws = ref MemoryMarshal.GetReference(w);
        var sum = default(T);
        foreach (int i in blocks)
        {
            sum = T.MultiplyAdd(T.Load(in xs, i), T.Load(in ws, i), sum);
        }

        y = b + sum.Sum();
        for (int i = x.Length - (x.Length % Lanes); i < x.Length; i++)
        {
            y = Math.FusedMultiplyAdd(x[i], w[i], y);
        }
    }
}
