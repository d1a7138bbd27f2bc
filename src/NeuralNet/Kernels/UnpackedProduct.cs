using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NeuralNet.Kernels;

/// <summary>The product of one row with a matrix that lies column by column and is read once: where packing would cost more.</summary>
/// <remarks>
/// Every value takes its products one after another in the order of the row, starting from what it held: the bits are those of
/// <see cref="PackedMatrix"/> and <see cref="PackedProduct"/>. Values of four columns stand side by side in a register, turned round there
/// from four values of each column.
/// </remarks>
internal static class UnpackedProduct
{
    private const int Lanes = 4;

    /// <summary>Columns at a time: enough sums that a multiply-add need not wait for the last one.</summary>
    private const int Together = 4 * Lanes;

    /// <summary>y += xW, with x of n, y of m, W of n x m values.</summary>
    public static void AddRow(ReadOnlySpan<double> x, ReadOnlySpan<double> w, Span<double> y)
    {
        int n = x.Length;
        int j = 0;
        for (; j + Together <= y.Length; j += Together)
        {
            AddSixteen(x, w.Slice(j * n, Together * n), y.Slice(j, Together));
        }

        for (; j + Lanes <= y.Length; j += Lanes)
        {
            AddFour(x, w.Slice(j * n, Lanes * n), y.Slice(j, Lanes));
        }

        for (; j < y.Length; j++)
        {
            var column = w.Slice(j * n, n);
            double sum = y[j];
            for (int i = 0; i < n; i++)
            {
                sum = Math.FusedMultiplyAdd(x[i], column[i], sum);
            }

            y[j] = sum;
        }
    }

    private static void AddSixteen(ReadOnlySpan<double> x, ReadOnlySpan<double> w, Span<double> y)
    {
        nuint n = (uint)x.Length;
        ref double xs = ref MemoryMarshal.GetReference(x);
        ref double w0 = ref MemoryMarshal.GetReference(w);
        ref double w1 = ref Unsafe.Add(ref w0, Lanes * n);
        ref double w2 = ref Unsafe.Add(ref w1, Lanes * n);
        ref double w3 = ref Unsafe.Add(ref w2, Lanes * n);
        ref double ys = ref MemoryMarshal.GetReference(y);
        var y0 = Vector256.LoadUnsafe(ref ys);
        var y1 = Vector256.LoadUnsafe(ref ys, Lanes);
        var y2 = Vector256.LoadUnsafe(ref ys, 2 * Lanes);
        var y3 = Vector256.LoadUnsafe(ref ys, 3 * Lanes);
        nuint i = 0;
        for (; i + Lanes <= n; i += Lanes)
        {
            var (x0, x1) = (Broadcast(ref xs, i), Broadcast(ref xs, i + 1));
            var (x2, x3) = (Broadcast(ref xs, i + 2), Broadcast(ref xs, i + 3));
            y0 = AddBlock(x0, x1, x2, x3, ref Unsafe.Add(ref w0, i), n, y0);
            y1 = AddBlock(x0, x1, x2, x3, ref Unsafe.Add(ref w1, i), n, y1);
            y2 = AddBlock(x0, x1, x2, x3, ref Unsafe.Add(ref w2, i), n, y2);
            y3 = AddBlock(x0, x1, x2, x3, ref Unsafe.Add(ref w3, i), n, y3);
        }

        for (; i < n; i++)
        {
            var xi = Broadcast(ref xs, i);
            y0 = AddOne(xi, ref Unsafe.Add(ref w0, i), n, y0);
            y1 = AddOne(xi, ref Unsafe.Add(ref w1, i), n, y1);
            y2 = AddOne(xi, ref Unsafe.Add(ref w2, i), n, y2);
            y3 = AddOne(xi, ref Unsafe.Add(ref w3, i), n, y3);
        }

        y0.StoreUnsafe(ref ys);
        y1.StoreUnsafe(ref ys, Lanes);
        y2.StoreUnsafe(ref ys, 2 * Lanes);
        y3.StoreUnsafe(ref ys, 3 * Lanes);
    }

    private static void AddFour(ReadOnlySpan<double> x, ReadOnlySpan<double> w, Span<double> y)
    {
        nuint n = (uint)x.Length;
        ref double xs = ref MemoryMarshal.GetReference(x);
        ref double ws = ref MemoryMarshal.GetReference(w);
        ref double ys = ref MemoryMarshal.GetReference(y);
        var sum = Vector256.LoadUnsafe(ref ys);
        nuint i = 0;
        for (; i + Lanes <= n; i += Lanes)
        {
            var (x0, x1) = (Broadcast(ref xs, i), Broadcast(ref xs, i + 1));
            var (x2, x3) = (Broadcast(ref xs, i + 2), Broadcast(ref xs, i + 3));
            sum = AddBlock(x0, x1, x2, x3, ref Unsafe.Add(ref ws, i), n, sum);
        }

        for (; i < n; i++)
        {
            sum = AddOne(Broadcast(ref xs, i), ref Unsafe.Add(ref ws, i), n, sum);
        }

        sum.StoreUnsafe(ref ys);
    }

    /// <summary>
    /// Adds the products with four values of x, one after another, to four columns' sums; w is the first column's value that belongs to the
    /// first of them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> AddBlock(
        Vector256<double> x0,
        Vector256<double> x1,
        Vector256<double> x2,
        Vector256<double> x3,
        ref double w,
        nuint n,
        Vector256<double> sum)
    {
        ref double w1 = ref Unsafe.Add(ref w, n);
        ref double w2 = ref Unsafe.Add(ref w1, n);
        ref double w3 = ref Unsafe.Add(ref w2, n);
        var even = Vector256.Create(Vector128.LoadUnsafe(ref w), Vector128.LoadUnsafe(ref w2));
        var odd = Vector256.Create(Vector128.LoadUnsafe(ref w1), Vector128.LoadUnsafe(ref w3));
        sum = Vector256.FusedMultiplyAdd(x0, Low(even, odd), sum);
        sum = Vector256.FusedMultiplyAdd(x1, High(even, odd), sum);
        even = Vector256.Create(Vector128.LoadUnsafe(ref w, 2), Vector128.LoadUnsafe(ref w2, 2));
        odd = Vector256.Create(Vector128.LoadUnsafe(ref w1, 2), Vector128.LoadUnsafe(ref w3, 2));
        sum = Vector256.FusedMultiplyAdd(x2, Low(even, odd), sum);
        return Vector256.FusedMultiplyAdd(x3, High(even, odd), sum);
    }

    /// <summary>Adds the products with one value of x to four columns' sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> AddOne(Vector256<double> x, ref double w, nuint n, Vector256<double> sum) =>
        Vector256.FusedMultiplyAdd(
            x, Vector256.Create(w, Unsafe.Add(ref w, n), Unsafe.Add(ref w, 2 * n), Unsafe.Add(ref w, 3 * n)), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Broadcast(ref double x, nuint i) => Vector256.Create(Unsafe.Add(ref x, i));

    /// <summary>The first values of both pairs of even and of odd columns, in the order of the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Low(Vector256<double> even, Vector256<double> odd) => Avx.IsSupported
        ? Avx.UnpackLow(even, odd)
        : Vector256.Create(even.GetElement(0), odd.GetElement(0), even.GetElement(2), odd.GetElement(2));

    /// <summary>The second values likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> High(Vector256<double> even, Vector256<double> odd) => Avx.IsSupported
        ? Avx.UnpackHigh(even, odd)
        : Vector256.Create(even.GetElement(1), odd.GetElement(1), even.GetElement(3), odd.GetElement(3));
}
