using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>Provides the products of a mini-batch of rows with a matrix, as <c>FCLayer</c> computes them, for layers of your
/// own.</summary>
/// <remarks>
/// <para>
/// Samples lie one after another: sample s of n values is [s*n, (s+1)*n). W of n x m is column-major, as MathNet stores a matrix:
/// column j is [j*n, (j+1)*n). What is written to must not overlap what is read. The methods change nothing else, and any number of
/// threads may call them.
/// </para>
/// <para>
/// Every value has the same bits in whatever slices of samples or columns a caller has it computed, for finite values: a value's sum is
/// never split. Sizes that do not fit together are refused by an <see cref="ArgumentException"/> before anything is written.
/// </para>
/// </remarks>
public static class BatchProducts
{
    // The bits are those that the products of Products give sample by sample, but for the sign of a zero.
    //
    // Forward, a value's sum runs along the contiguous values of both operands, in four lanes as Products.RowTimesMatrix sums it. A
    // tile is 3 samples x 4 columns: 12 registers of lanes, 3 for samples and 1 for a column, which is all that AVX2 has. The tile's
    // samples are packed block by block of four values, without the blocks that are zero in all three; in digits of MNIST these are 55
    // in 100. The depth is cut into chunks, so that the part of a tile's 4 columns stays in the first-level cache while the samples
    // pass by, and the samples are cut, so that they stay in the second-level cache while W passes by; lanes wait in memory for the
    // next chunk.
    //
    // Backward, both products are C += AB with A and C along the rows: PackedProduct.
    private const int Lanes = 4;
    private const int TileSamples = 3;
    private const int TileColumns = 4;
    private const int TileLanes = TileSamples * TileColumns * Lanes;
    private const int BlockValues = TileSamples * Lanes;

    /// <summary>Blocks of a chunk of the depth: 4 columns of 400 values are 12.5 KB.</summary>
    private const int ChunkBlocks = 100;

    /// <summary>Packed values and lanes at a time: 384 KB.</summary>
    private const int CachedValues = 48 * 1024;

    /// <summary>Computes Y = XW + b for each sample.</summary>
    /// <param name="x">X, count x n values.</param>
    /// <param name="count">The number of samples, 0 or more.</param>
    /// <param name="w">W, n x m values.</param>
    /// <param name="b">b, m values.</param>
    /// <param name="y">Where Y goes, count x m values.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static void RowsTimesMatrix(ReadOnlySpan<double> x, int count, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        int rows = Multiple(x.Length, count, nameof(x));
        if (count > 0)
        {
            Require(rows, b.Length, w.Length, nameof(w));
        }

        Require(count, b.Length, y.Length, nameof(y));
        if (count == 0)
        {
            return;
        }

        if (count == 1)
        {
            Products.RowTimesMatrix(x, w, b, y);
            return;
        }

        int n = rows;
        int m = b.Length;
        int most = Math.Clamp(CachedValues / (TileValues(n) + TileLanes), 1, Tiles(count));
        double[] rented = ArrayPool<double>.Shared.Rent(Lanes + (most * (TileLanes + TileValues(n))));
        int[] starts = ArrayPool<int>.Shared.Rent(most * TileStarts(n));
        var lanes = rented.AsSpan(Products.ValuesBeforeAlignment(rented), most * TileLanes);
        var values = rented.AsSpan(Products.ValuesBeforeAlignment(rented) + lanes.Length, most * TileValues(n));
        for (int s = 0; s < count; s += most * TileSamples)
        {
            int samples = Math.Min(most * TileSamples, count - s);
            CachedRowsTimesMatrix(x.Slice(s * n, samples * n), samples, w, b, y.Slice(s * m, samples * m), values, starts, lanes);
        }

        ArrayPool<double>.Shared.Return(rented);
        ArrayPool<int>.Shared.Return(starts);
    }

    /// <summary>Computes E = YWᵀ for each sample: dE/dX from dE/dY, where <see cref="RowsTimesMatrix"/> gave Y from X.</summary>
    /// <param name="y">Y, count x m values.</param>
    /// <param name="count">The number of samples, 0 or more.</param>
    /// <param name="w">W, n x m values.</param>
    /// <param name="e">Where E goes, count x n values.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static void InputErrors(ReadOnlySpan<double> y, int count, ReadOnlySpan<double> w, Span<double> e)
    {
        int rows = Multiple(e.Length, count, nameof(e));
        int columns = Multiple(y.Length, count, nameof(y));
        if (count > 0)
        {
            Require(rows, columns, w.Length, nameof(w));
        }

        if (count == 0)
        {
            return;
        }

        if (count == 1)
        {
            Products.RowTimesTransposed(y, w, e);
            return;
        }

        e.Clear();
        PackedProduct.Add(w, rows, columns, y, 1, columns, 0, count, e);
    }

    /// <summary>Computes W += XᵀE, the sum of the samples' outer products, for the columns [from, to) of W: dE/dW from X and
    /// dE/dY.</summary>
    /// <param name="x">X, count x n values.</param>
    /// <param name="e">E, count x m values.</param>
    /// <param name="count">The number of samples, 0 or more.</param>
    /// <param name="n">The number of values of a sample's X.</param>
    /// <param name="m">The number of values of a sample's E, which is the number of columns of W.</param>
    /// <param name="from">The first column, from 0.</param>
    /// <param name="to">The end of the columns, at most <paramref name="m"/>.</param>
    /// <param name="w">Those columns alone, n x (to - from) values, to be added to.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static void AddOuters(ReadOnlySpan<double> x, ReadOnlySpan<double> e, int count, int n, int m, int from, int to, Span<double> w)
    {
        RequireRange(from, to, m);
        Require(count, n, x.Length, nameof(x));
        Require(count, m, e.Length, nameof(e));
        Require(n, to - from, w.Length, nameof(w));
        if (count == 0)
        {
            return;
        }

        if (count == 1)
        {
            Products.AddOuter(1, x, e[from..to], w);
        }
        else
        {
            PackedProduct.Add(x, n, count, e[from..], m, 1, 0, to - from, w);
        }
    }

    /// <summary>Adds the sum of the samples' E to b, for the values [from, to) of b: dE/db from dE/dY.</summary>
    /// <param name="e">E, count x m values.</param>
    /// <param name="count">The number of samples, 0 or more.</param>
    /// <param name="m">The number of values of a sample's E.</param>
    /// <param name="from">The first value, from 0.</param>
    /// <param name="to">The end of the values, at most <paramref name="m"/>.</param>
    /// <param name="b">Those values alone, to - from, to be added to.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static void AddColumnSums(ReadOnlySpan<double> e, int count, int m, int from, int to, Span<double> b)
    {
        RequireRange(from, to, m);
        Require(count, m, e.Length, nameof(e));
        Require(1, to - from, b.Length, nameof(b));
        for (int s = 0; s < count; s++)
        {
            TensorPrimitives.Add(b, e.Slice(s * m, m)[from..to], b);
        }
    }

    /// <summary>Computes W += scale xᵀe for one sample: the article's update, W -= learningRate dE/dW, without a gradient in
    /// between.</summary>
    /// <param name="scale">The factor, such as -learningRate.</param>
    /// <param name="x">x, n values.</param>
    /// <param name="e">e, m values.</param>
    /// <param name="w">W, n x m values, to be added to.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static void AddOuter(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> e, Span<double> w)
    {
        Require(x.Length, e.Length, w.Length, nameof(w));
        Products.AddOuter(scale, x, e, w);
    }

    /// <summary>Computes dE/dx = eWᵀ for one sample, and then W += scale xᵀe, going through W once.</summary>
    /// <param name="scale">The factor, such as -learningRate.</param>
    /// <param name="x">x, n values.</param>
    /// <param name="e">e, m values.</param>
    /// <param name="w">W, n x m values, to be added to.</param>
    /// <param name="inputError">Where dE/dx for W before the update goes, n values.</param>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public static void InputErrorThenAddOuter(
        double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> e, Span<double> w, Span<double> inputError)
    {
        Require(x.Length, e.Length, w.Length, nameof(w));
        Require(1, x.Length, inputError.Length, nameof(inputError));
        Products.RowTimesTransposedThenAddOuter(scale, x, e, w, inputError);
    }

    /// <summary>Computes y += scale x, value by value.</summary>
    /// <param name="scale">The factor.</param>
    /// <param name="x">x, any number of values.</param>
    /// <param name="y">y, as many, to be added to.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static void AddScaled(double scale, ReadOnlySpan<double> x, Span<double> y)
    {
        Require(1, x.Length, y.Length, nameof(y));
        Products.AddScaled(scale, x, y);
    }

    /// <summary>The number of values of each of the samples.</summary>
    private static int Multiple(int values, int count, string name) =>
        count > 0 && values % count == 0 ? values / count
        : count == 0 && values == 0 ? 0
        : throw new ArgumentException(FormattableString.Invariant(
            $"{name} is expected to have as many values for each of {count} samples, 0 or more, but has {values} in all."), name);

    private static void Require(int count, int size, int values, string name)
    {
        if (count < 0 || size < 0 || (long)count * size != values)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{name} is expected to have {count} x {size} values, but has {values}."), name);
        }
    }

    private static void RequireRange(int from, int to, int all)
    {
        if (from < 0 || from > to || to > all)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"A range from 0 to {all} is expected, but got [{from}, {to})."), nameof(from));
        }
    }

    private static int Tiles(int samples) => (samples + TileSamples - 1) / TileSamples;

    private static int Chunks(int n) => ((n / Lanes) + ChunkBlocks - 1) / ChunkBlocks;

    private static int TileValues(int n) => n / Lanes * BlockValues;

    private static int TileStarts(int n) => (n / Lanes) + Chunks(n);

    /// <summary>
    /// Y = XW + b for as many samples as the cache holds. Their packed blocks go to <paramref name="values"/> and
    /// <paramref name="starts"/>.
    /// </summary>
    private static void CachedRowsTimesMatrix(
        ReadOnlySpan<double> x,
        int samples,
        ReadOnlySpan<double> w,
        ReadOnlySpan<double> b,
        Span<double> y,
        Span<double> values,
        Span<int> starts,
        Span<double> lanes)
    {
        int n = x.Length / samples;
        for (int tile = 0; tile < Tiles(samples); tile++)
        {
            for (int chunk = 0; chunk < Chunks(n); chunk++)
            {
                Pack(x, n, tile * TileSamples, chunk, ValuesOf(values, n, tile, chunk), StartsOf(starts, n, tile, chunk));
            }
        }

        for (int j = 0; j < b.Length; j += TileColumns)
        {
            lanes.Clear();
            for (int chunk = 0; chunk < Chunks(n); chunk++)
            {
                for (int tile = 0; tile < Tiles(samples); tile++)
                {
                    var found = StartsOf(starts, n, tile, chunk);
                    AddTile(ValuesOf(values, n, tile, chunk), found.Slice(1, found[0]), w, n, j, lanes.Slice(tile * TileLanes, TileLanes));
                }
            }

            for (int s = 0; s < samples; s++)
            {
                Finish(
                    x.Slice(s * n, n), w, b, j, lanes.Slice(s * TileColumns * Lanes, TileColumns * Lanes), y.Slice(s * b.Length, b.Length));
            }
        }
    }

    private static Span<double> ValuesOf(Span<double> values, int n, int tile, int chunk) =>
        values.Slice(tile * TileValues(n), TileValues(n))[(chunk * ChunkBlocks * BlockValues)..];

    private static Span<int> StartsOf(Span<int> starts, int n, int tile, int chunk) =>
        starts.Slice(tile * TileStarts(n), TileStarts(n))[(chunk * (ChunkBlocks + 1))..];

    /// <summary>
    /// Packs those blocks of a chunk in which one of 3 samples holds something else than zeros: how many they are and where each starts;
    /// and their values, block by block, sample by sample.
    /// </summary>
    private static void Pack(ReadOnlySpan<double> x, int n, int s, int chunk, Span<double> values, Span<int> starts)
    {
        int last = x.Length - n;
        ref readonly double x0 = ref MemoryMarshal.GetReference(x.Slice(s * n, n));
        ref readonly double x1 = ref MemoryMarshal.GetReference(x.Slice(Math.Min((s + 1) * n, last), n));
        ref readonly double x2 = ref MemoryMarshal.GetReference(x.Slice(Math.Min((s + 2) * n, last), n));
        int count = 0;
        int end = Math.Min((chunk + 1) * ChunkBlocks, n / Lanes) * Lanes;
        for (int i = chunk * ChunkBlocks * Lanes; i < end; i += Lanes)
        {
            var x0i = Vector256.LoadUnsafe(in x0, (uint)i);
            var x1i = Vector256.LoadUnsafe(in x1, (uint)i);
            var x2i = Vector256.LoadUnsafe(in x2, (uint)i);
            ref double target = ref MemoryMarshal.GetReference(values.Slice(count * BlockValues, BlockValues));
            x0i.StoreUnsafe(ref target);
            x1i.StoreUnsafe(ref target, Lanes);
            x2i.StoreUnsafe(ref target, 2 * Lanes);
            starts[count + 1] = i;
            count += Vector256.EqualsAll(x0i | x1i | x2i, Vector256<double>.Zero) ? 0 : 1;
        }

        starts[0] = count;
    }

    /// <summary>
    /// Adds the products of the blocks to the lanes of 3 samples x 4 columns; the last column stands in for those that are lacking.
    /// </summary>
    private static void AddTile(ReadOnlySpan<double> x, ReadOnlySpan<int> starts, ReadOnlySpan<double> w, int n, int j, Span<double> lanes)
    {
        int last = w.Length - n;
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref readonly double w0 = ref MemoryMarshal.GetReference(w.Slice(j * n, n));
        ref readonly double w1 = ref MemoryMarshal.GetReference(w.Slice(Math.Min((j + 1) * n, last), n));
        ref readonly double w2 = ref MemoryMarshal.GetReference(w.Slice(Math.Min((j + 2) * n, last), n));
        ref readonly double w3 = ref MemoryMarshal.GetReference(w.Slice(Math.Min((j + 3) * n, last), n));
        ref double sums = ref MemoryMarshal.GetReference(lanes);
        var sum00 = Vector256.LoadUnsafe(ref sums);
        var sum01 = Vector256.LoadUnsafe(ref sums, Lanes);
        var sum02 = Vector256.LoadUnsafe(ref sums, 2 * Lanes);
        var sum03 = Vector256.LoadUnsafe(ref sums, 3 * Lanes);
        var sum10 = Vector256.LoadUnsafe(ref sums, 4 * Lanes);
        var sum11 = Vector256.LoadUnsafe(ref sums, 5 * Lanes);
        var sum12 = Vector256.LoadUnsafe(ref sums, 6 * Lanes);
        var sum13 = Vector256.LoadUnsafe(ref sums, 7 * Lanes);
        var sum20 = Vector256.LoadUnsafe(ref sums, 8 * Lanes);
        var sum21 = Vector256.LoadUnsafe(ref sums, 9 * Lanes);
        var sum22 = Vector256.LoadUnsafe(ref sums, 10 * Lanes);
        var sum23 = Vector256.LoadUnsafe(ref sums, 11 * Lanes);
        foreach (int start in starts)
        {
            nuint i = (uint)start;
            var x0 = Vector256.LoadUnsafe(in xs);
            var x1 = Vector256.LoadUnsafe(in xs, Lanes);
            var x2 = Vector256.LoadUnsafe(in xs, 2 * Lanes);
            var weight = Vector256.LoadUnsafe(in w0, i);
            sum00 = Vector256.FusedMultiplyAdd(x0, weight, sum00);
            sum10 = Vector256.FusedMultiplyAdd(x1, weight, sum10);
            sum20 = Vector256.FusedMultiplyAdd(x2, weight, sum20);
            weight = Vector256.LoadUnsafe(in w1, i);
            sum01 = Vector256.FusedMultiplyAdd(x0, weight, sum01);
            sum11 = Vector256.FusedMultiplyAdd(x1, weight, sum11);
            sum21 = Vector256.FusedMultiplyAdd(x2, weight, sum21);
            weight = Vector256.LoadUnsafe(in w2, i);
            sum02 = Vector256.FusedMultiplyAdd(x0, weight, sum02);
            sum12 = Vector256.FusedMultiplyAdd(x1, weight, sum12);
            sum22 = Vector256.FusedMultiplyAdd(x2, weight, sum22);
            weight = Vector256.LoadUnsafe(in w3, i);
            sum03 = Vector256.FusedMultiplyAdd(x0, weight, sum03);
            sum13 = Vector256.FusedMultiplyAdd(x1, weight, sum13);
            sum23 = Vector256.FusedMultiplyAdd(x2, weight, sum23);
            xs = ref Unsafe.Add(ref Unsafe.AsRef(in xs), BlockValues);
        }

        sum00.StoreUnsafe(ref sums);
        sum01.StoreUnsafe(ref sums, Lanes);
        sum02.StoreUnsafe(ref sums, 2 * Lanes);
        sum03.StoreUnsafe(ref sums, 3 * Lanes);
        sum10.StoreUnsafe(ref sums, 4 * Lanes);
        sum11.StoreUnsafe(ref sums, 5 * Lanes);
        sum12.StoreUnsafe(ref sums, 6 * Lanes);
        sum13.StoreUnsafe(ref sums, 7 * Lanes);
        sum20.StoreUnsafe(ref sums, 8 * Lanes);
        sum21.StoreUnsafe(ref sums, 9 * Lanes);
        sum22.StoreUnsafe(ref sums, 10 * Lanes);
        sum23.StoreUnsafe(ref sums, 11 * Lanes);
    }

    /// <summary>
    /// Up to four values of y from a sample's lanes, with the values behind the last whole block and the bias, in the order of
    /// <see cref="Products.RowTimesMatrix"/>.
    /// </summary>
    private static void Finish(
        ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, int j, ReadOnlySpan<double> lanes, Span<double> y)
    {
        int n = x.Length;
        for (int column = j; column < Math.Min(j + TileColumns, y.Length); column++)
        {
            double sum = Products.Sum(Vector256.Create(lanes.Slice((column - j) * Lanes, Lanes)));
            for (int i = n - (n % Lanes); i < n; i++)
            {
                sum += x[i] * w[(column * n) + i];
            }

            y[column] = sum + b[column];
        }
    }
}
