using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// Convolution of planes, for samples one after another. Plane d of an image is values [d*height*width, (d+1)*height*width), column-major.
/// Kernel k is values [k*n, (k+1)*n) of the weights, n = depth * kernelRows * kernelColumns, plane by plane, each row by row.
/// </summary>
/// <remarks>
/// Rows of an output column are done in blocks of four, one vector each. <see cref="Products"/> says how they stay the same bits on every
/// machine, and <see cref="ConvolutionShape"/> what the blocks are. A sample's values have the same bits whatever samples it is together
/// with, and a kernel's gradient the same bits whatever kernels it is together with.
/// </remarks>
internal static class Convolution
{
    private const int Lanes = 4;

    /// <summary>y_k = Σ_d x_d ⋆ w_kd + b_k.</summary>
    public static void Correlate(
        ConvolutionShape s, int count, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        RequireLengths(s, count, x.Length, y.Length, w.Length, b.Length);
        double[]? image = Rent(s.IsPrepared, s.PreparedSize);
        double[]? columns = Rent(s.HasShortColumns, (long)s.BlockedPlane * s.OutputDepth);
        for (int sample = 0; sample < count; sample++)
        {
            var input = Prepared(s, x.Slice(sample * s.InputSize, s.InputSize), image);
            var output = y.Slice(sample * s.OutputSize, s.OutputSize);
            var blocked = columns is null ? output : columns.AsSpan(0, s.BlockedPlane * s.OutputDepth);
            int k = 0;
            for (; k + 4 <= s.OutputDepth; k += 4)
            {
                CorrelateFour(
                    s, input, w.Slice(k * s.KernelSize, 4 * s.KernelSize), b.Slice(k, 4),
                    blocked.Slice(k * s.BlockedPlane, 4 * s.BlockedPlane));
            }

            for (; k < s.OutputDepth; k++)
            {
                CorrelateOne(s, input, w.Slice(k * s.KernelSize, s.KernelSize), b[k], blocked.Slice(k * s.BlockedPlane, s.BlockedPlane));
            }

            for (int column = 0; columns is not null && column < s.OutputWidth * s.OutputDepth; column++)
            {
                blocked.Slice(column * Lanes, s.OutputHeight).CopyTo(output[(column * s.OutputHeight)..]);
            }
        }

        Return(image);
        Return(columns);
    }

    /// <summary>x_d = Σ_k y_k * w_kd, the full convolution.</summary>
    public static void InputErrors(ConvolutionShape s, int count, ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
        RequireLengths(s, count, x.Length, y.Length, w.Length, s.OutputDepth);
        double[]? image = Rent(s.IsPrepared, s.PreparedSize);
        double[]? columns = Rent(s.HasShortColumns, (long)s.BlockedPlane * s.OutputDepth);
        var order = s.OutputDepth == 0 ? [] : s.TapsByRow;

        // Where a kernel's row has four weights or more, any four in a row lie in different columns; where it has fewer, rows are kept
        // apart, because blocks that overlap wait for each other.
        int group = s.KernelColumns * s.Depth < 4 ? s.KernelColumns * s.Depth : order.Length;
        for (int sample = 0; sample < count; sample++)
        {
            var inputError = x.Slice(sample * s.InputSize, s.InputSize);
            var prepared = image is null ? inputError : image.AsSpan(0, (int)s.PreparedSize);
            var errors = Blocked(s, y.Slice(sample * s.OutputSize, s.OutputSize), columns);
            prepared.Clear();
            for (int from = 0; from < order.Length; from += group)
            {
                for (int tap = from; tap < from + group; tap += 4)
                {
                    AddFourTaps(s, errors, w, order[tap..Math.Min(tap + 4, from + group)], prepared);
                }
            }

            if (image is not null)
            {
                PreparedImage.To(s, prepared, inputError);
            }
        }

        Return(image);
        Return(columns);
    }

    /// <summary>
    /// w_kd += scale * x_d ⋆ y_k, b_k += scale * Σ y_k, for k in [fromKernel, toKernel), sample after sample; w and b are those
    /// kernels' only.
    /// </summary>
    public static void AddGradients(
        ConvolutionShape s,
        int count,
        double scale,
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> y,
        int fromKernel,
        int toKernel,
        Span<double> w,
        Span<double> b)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(toKernel, s.OutputDepth);
        RequireLengths(s, count, x.Length, y.Length, w.Length, b.Length, toKernel - fromKernel);
        int plane = s.OutputHeight * s.OutputWidth;
        double[]? image = Rent(s.IsPrepared, s.PreparedSize);
        double[]? columns = Rent(s.HasShortColumns, (long)s.BlockedPlane * s.OutputDepth);
        for (int sample = 0; sample < count; sample++)
        {
            var input = Prepared(s, x.Slice(sample * s.InputSize, s.InputSize), image);
            var errors = Blocked(s, y.Slice((sample * s.OutputSize) + (fromKernel * plane), (toKernel - fromKernel) * plane), columns);
            int kernels = toKernel - fromKernel;
            int k = 0;
            for (; k + 4 <= kernels; k += 4)
            {
                AddGradientOfFour(
                    s, scale, input, errors.Slice(k * s.BlockedPlane, 4 * s.BlockedPlane), w.Slice(k * s.KernelSize, 4 * s.KernelSize));
            }

            for (; k < kernels; k++)
            {
                AddGradientOfOne(
                    s, scale, input, errors.Slice(k * s.BlockedPlane, s.BlockedPlane), w.Slice(k * s.KernelSize, s.KernelSize));
            }

            for (k = 0; k < kernels; k++)
            {
                b[k] = Math.FusedMultiplyAdd(scale, Products.Sum(errors.Slice(k * s.BlockedPlane, s.BlockedPlane)), b[k]);
            }
        }

        Return(image);
        Return(columns);
    }

    /// <summary>Two blocks of four kernels at a time: eight sums keep two multiply-adds a cycle busy, for six loads.</summary>
    private static void CorrelateFour(
        ConvolutionShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        var inputs = s.InputBlocks;
        var outputs = s.OutputBlocks;
        nuint taps = (uint)s.KernelSize;
        nuint plane = (uint)s.BlockedPlane;
        ref readonly int tapsFrom = ref MemoryMarshal.GetReference(s.Taps);
        ref double xs = ref MemoryMarshal.GetReference(x);
        ref double w0 = ref MemoryMarshal.GetReference(w);
        ref double w1 = ref Unsafe.Add(ref w0, taps);
        ref double w2 = ref Unsafe.Add(ref w1, taps);
        ref double w3 = ref Unsafe.Add(ref w2, taps);
        for (int block = 0; block < inputs.Length; block += 2)
        {
            int other = Math.Min(block + 1, inputs.Length - 1);
            ref double x0 = ref Unsafe.Add(ref xs, inputs[block]);
            ref double x1 = ref Unsafe.Add(ref xs, inputs[other]);
            var (s00, s01, s02, s03) = (Vector256.Create(b[0]), Vector256.Create(b[1]), Vector256.Create(b[2]), Vector256.Create(b[3]));
            var (s10, s11, s12, s13) = (s00, s01, s02, s03);
            for (nuint tap = 0; tap < taps; tap++)
            {
                nuint from = (uint)Unsafe.Add(ref Unsafe.AsRef(in tapsFrom), tap);
                var (a, c) = (Vector256.LoadUnsafe(ref x0, from), Vector256.LoadUnsafe(ref x1, from));
                var weight = Vector256.Create(Unsafe.Add(ref w0, tap));
                s00 = Vector256.FusedMultiplyAdd(weight, a, s00);
                s10 = Vector256.FusedMultiplyAdd(weight, c, s10);
                weight = Vector256.Create(Unsafe.Add(ref w1, tap));
                s01 = Vector256.FusedMultiplyAdd(weight, a, s01);
                s11 = Vector256.FusedMultiplyAdd(weight, c, s11);
                weight = Vector256.Create(Unsafe.Add(ref w2, tap));
                s02 = Vector256.FusedMultiplyAdd(weight, a, s02);
                s12 = Vector256.FusedMultiplyAdd(weight, c, s12);
                weight = Vector256.Create(Unsafe.Add(ref w3, tap));
                s03 = Vector256.FusedMultiplyAdd(weight, a, s03);
                s13 = Vector256.FusedMultiplyAdd(weight, c, s13);
            }

            ref double y0 = ref y[outputs[block]];
            ref double y1 = ref y[outputs[other]];
            s00.StoreUnsafe(ref y0);
            s10.StoreUnsafe(ref y1);
            s01.StoreUnsafe(ref y0, plane);
            s11.StoreUnsafe(ref y1, plane);
            s02.StoreUnsafe(ref y0, 2 * plane);
            s12.StoreUnsafe(ref y1, 2 * plane);
            s03.StoreUnsafe(ref y0, 3 * plane);
            s13.StoreUnsafe(ref y1, 3 * plane);
        }
    }

    /// <summary>
    /// Eight blocks of one kernel at a time. The last eight overlap those before them, or are the same where there are fewer.
    /// </summary>
    private static void CorrelateOne(ConvolutionShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> w, double b, Span<double> y)
    {
        var inputs = s.InputBlocks;
        var outputs = s.OutputBlocks;
        var taps = s.Taps;
        ref double xs = ref MemoryMarshal.GetReference(x);
        int last = inputs.Length - 1;
        for (int block = 0; block <= last; block += 8)
        {
            ref double x0 = ref Unsafe.Add(ref xs, inputs[block]);
            ref double x1 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 1, last)]);
            ref double x2 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 2, last)]);
            ref double x3 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 3, last)]);
            ref double x4 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 4, last)]);
            ref double x5 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 5, last)]);
            ref double x6 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 6, last)]);
            ref double x7 = ref Unsafe.Add(ref xs, inputs[Math.Min(block + 7, last)]);
            var s0 = Vector256.Create(b);
            var (s1, s2, s3, s4, s5, s6, s7) = (s0, s0, s0, s0, s0, s0, s0);
            for (int tap = 0; tap < taps.Length; tap++)
            {
                nuint from = (uint)taps[tap];
                var weight = Vector256.Create(w[tap]);
                s0 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x0, from), s0);
                s1 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x1, from), s1);
                s2 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x2, from), s2);
                s3 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x3, from), s3);
                s4 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x4, from), s4);
                s5 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x5, from), s5);
                s6 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x6, from), s6);
                s7 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref x7, from), s7);
            }

            s0.StoreUnsafe(ref y[outputs[block]]);
            s1.StoreUnsafe(ref y[outputs[Math.Min(block + 1, last)]]);
            s2.StoreUnsafe(ref y[outputs[Math.Min(block + 2, last)]]);
            s3.StoreUnsafe(ref y[outputs[Math.Min(block + 3, last)]]);
            s4.StoreUnsafe(ref y[outputs[Math.Min(block + 4, last)]]);
            s5.StoreUnsafe(ref y[outputs[Math.Min(block + 5, last)]]);
            s6.StoreUnsafe(ref y[outputs[Math.Min(block + 6, last)]]);
            s7.StoreUnsafe(ref y[outputs[Math.Min(block + 7, last)]]);
        }
    }

    /// <summary>
    /// Adds what up to four weights of every kernel give, two blocks at a time, summed over the kernels before they are added.
    /// </summary>
    private static void AddFourTaps(
        ConvolutionShape s, ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<int> order, Span<double> x)
    {
        var taps = s.Taps;
        var inputs = s.InputBlocks;
        var outputs = s.OutputBlocks;
        int last = order.Length - 1;
        var (tap0, tap1, tap2, tap3) = (order[0], order[Math.Min(1, last)], order[Math.Min(2, last)], order[last]);
        ref double w0 = ref Unsafe.AsRef(in w[tap0]);
        ref double w1 = ref Unsafe.AsRef(in w[tap1]);
        ref double w2 = ref Unsafe.AsRef(in w[tap2]);
        ref double w3 = ref Unsafe.AsRef(in w[tap3]);
        ref double ys = ref MemoryMarshal.GetReference(y);
        ref double xs = ref MemoryMarshal.GetReference(x);
        var (place0, place1, place2, place3) =
            (taps[tap0], last > 0 ? taps[tap1] : -1, last > 1 ? taps[tap2] : -1, last > 2 ? taps[tap3] : -1);
        nuint kernel = (uint)s.KernelSize;
        nuint plane = (uint)s.BlockedPlane;
        nuint end = plane * (uint)s.OutputDepth;
        var mask = Vector256<double>.AllBitsSet;
        for (int block = 0, blocks = s.WholeBlocks; block < inputs.Length; blocks = inputs.Length, mask = NewRows(s))
        {
            for (; block < blocks; block += 2)
            {
                int other = Math.Min(block + 1, blocks - 1);
                ref double y0 = ref Unsafe.Add(ref ys, outputs[block]);
                ref double y1 = ref Unsafe.Add(ref ys, outputs[other]);
                Vector256<double> s00 = default, s01 = default, s02 = default, s03 = default,
                    s10 = default, s11 = default, s12 = default, s13 = default;
                nuint weights = 0;
                for (nuint k = 0; k < end; k += plane, weights += kernel)
                {
                    var (a, c) = (Vector256.LoadUnsafe(ref y0, k) & mask, Vector256.LoadUnsafe(ref y1, k) & mask);
                    var weight = Vector256.Create(Unsafe.Add(ref w0, weights));
                    s00 = Vector256.FusedMultiplyAdd(weight, a, s00);
                    s10 = Vector256.FusedMultiplyAdd(weight, c, s10);
                    weight = Vector256.Create(Unsafe.Add(ref w1, weights));
                    s01 = Vector256.FusedMultiplyAdd(weight, a, s01);
                    s11 = Vector256.FusedMultiplyAdd(weight, c, s11);
                    weight = Vector256.Create(Unsafe.Add(ref w2, weights));
                    s02 = Vector256.FusedMultiplyAdd(weight, a, s02);
                    s12 = Vector256.FusedMultiplyAdd(weight, c, s12);
                    weight = Vector256.Create(Unsafe.Add(ref w3, weights));
                    s03 = Vector256.FusedMultiplyAdd(weight, a, s03);
                    s13 = Vector256.FusedMultiplyAdd(weight, c, s13);
                }

                ref double x0 = ref Unsafe.Add(ref xs, inputs[block]);
                AddTo(ref x0, place0, s00);
                AddTo(ref x0, place1, s01);
                AddTo(ref x0, place2, s02);
                AddTo(ref x0, place3, s03);
                if (other != block)
                {
                    ref double x1 = ref Unsafe.Add(ref xs, inputs[other]);
                    AddTo(ref x1, place0, s10);
                    AddTo(ref x1, place1, s11);
                    AddTo(ref x1, place2, s12);
                    AddTo(ref x1, place3, s13);
                }
            }

            block = blocks;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref double x, int place, Vector256<double> sum)
    {
        if (place >= 0)
        {
            ref double target = ref Unsafe.Add(ref x, place);
            (Vector256.LoadUnsafe(ref target) + sum).StoreUnsafe(ref target);
        }
    }

    /// <summary>The gradient of four kernels, four weights of each at a time: sixteen sums for eight loads.</summary>
    private static void AddGradientOfFour(ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w)
    {
        var taps = s.Taps;
        ref double xs = ref MemoryMarshal.GetReference(x);
        ref double y0 = ref MemoryMarshal.GetReference(y);
        ref double y1 = ref Unsafe.Add(ref y0, s.BlockedPlane);
        ref double y2 = ref Unsafe.Add(ref y1, s.BlockedPlane);
        ref double y3 = ref Unsafe.Add(ref y2, s.BlockedPlane);
        ref int inputs = ref MemoryMarshal.GetReference(s.InputBlocks);
        ref int outputs = ref MemoryMarshal.GetReference(s.OutputBlocks);
        nuint all = (uint)s.InputBlocks.Length;
        int last = taps.Length - 1;
        for (int tap = 0; tap <= last; tap += 4)
        {
            ref double x0 = ref Unsafe.Add(ref xs, taps[tap]);
            ref double x1 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 1, last)]);
            ref double x2 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 2, last)]);
            ref double x3 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 3, last)]);
            Vector256<double> s00 = default, s01 = default, s02 = default, s03 = default,
                s10 = default, s11 = default, s12 = default, s13 = default;
            Vector256<double> s20 = default, s21 = default, s22 = default, s23 = default,
                s30 = default, s31 = default, s32 = default, s33 = default;
            var mask = Vector256<double>.AllBitsSet;
            nuint block = 0;
            for (nuint blocks = (uint)s.WholeBlocks; block < all; blocks = all, mask = NewRows(s))
            {
                for (; block < blocks; block++)
                {
                    nuint at = (uint)Unsafe.Add(ref outputs, block);
                    nuint from = (uint)Unsafe.Add(ref inputs, block);
                    var (e0, e1) = (Vector256.LoadUnsafe(ref y0, at) & mask, Vector256.LoadUnsafe(ref y1, at) & mask);
                    var (e2, e3) = (Vector256.LoadUnsafe(ref y2, at) & mask, Vector256.LoadUnsafe(ref y3, at) & mask);
                    var value = Vector256.LoadUnsafe(ref x0, from);
                    s00 = Vector256.FusedMultiplyAdd(value, e0, s00);
                    s10 = Vector256.FusedMultiplyAdd(value, e1, s10);
                    s20 = Vector256.FusedMultiplyAdd(value, e2, s20);
                    s30 = Vector256.FusedMultiplyAdd(value, e3, s30);
                    value = Vector256.LoadUnsafe(ref x1, from);
                    s01 = Vector256.FusedMultiplyAdd(value, e0, s01);
                    s11 = Vector256.FusedMultiplyAdd(value, e1, s11);
                    s21 = Vector256.FusedMultiplyAdd(value, e2, s21);
                    s31 = Vector256.FusedMultiplyAdd(value, e3, s31);
                    value = Vector256.LoadUnsafe(ref x2, from);
                    s02 = Vector256.FusedMultiplyAdd(value, e0, s02);
                    s12 = Vector256.FusedMultiplyAdd(value, e1, s12);
                    s22 = Vector256.FusedMultiplyAdd(value, e2, s22);
                    s32 = Vector256.FusedMultiplyAdd(value, e3, s32);
                    value = Vector256.LoadUnsafe(ref x3, from);
                    s03 = Vector256.FusedMultiplyAdd(value, e0, s03);
                    s13 = Vector256.FusedMultiplyAdd(value, e1, s13);
                    s23 = Vector256.FusedMultiplyAdd(value, e2, s23);
                    s33 = Vector256.FusedMultiplyAdd(value, e3, s33);
                }
            }

            AddScaled(scale, Sums(s00, s01, s02, s03), w[tap..taps.Length]);
            AddScaled(scale, Sums(s10, s11, s12, s13), w[(taps.Length + tap)..(2 * taps.Length)]);
            AddScaled(scale, Sums(s20, s21, s22, s23), w[((2 * taps.Length) + tap)..(3 * taps.Length)]);
            AddScaled(scale, Sums(s30, s31, s32, s33), w[((3 * taps.Length) + tap)..]);
        }
    }

    /// <summary>The gradient of one kernel, five weights at a time: 3 x 3 and 5 x 5 kernels leave few over.</summary>
    private static void AddGradientOfOne(ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w)
    {
        var taps = s.Taps;
        ref double xs = ref MemoryMarshal.GetReference(x);
        ref double ys = ref MemoryMarshal.GetReference(y);
        ref int inputs = ref MemoryMarshal.GetReference(s.InputBlocks);
        ref int outputs = ref MemoryMarshal.GetReference(s.OutputBlocks);
        nuint all = (uint)s.InputBlocks.Length;
        int last = taps.Length - 1;
        for (int tap = 0; tap <= last; tap += 5)
        {
            ref double x0 = ref Unsafe.Add(ref xs, taps[tap]);
            ref double x1 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 1, last)]);
            ref double x2 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 2, last)]);
            ref double x3 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 3, last)]);
            ref double x4 = ref Unsafe.Add(ref xs, taps[Math.Min(tap + 4, last)]);
            Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default;
            var mask = Vector256<double>.AllBitsSet;
            nuint block = 0;
            for (nuint blocks = (uint)s.WholeBlocks; block < all; blocks = all, mask = NewRows(s))
            {
                for (; block < blocks; block++)
                {
                    nuint from = (uint)Unsafe.Add(ref inputs, block);
                    var error = Vector256.LoadUnsafe(ref ys, (uint)Unsafe.Add(ref outputs, block)) & mask;
                    s0 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(ref x0, from), s0);
                    s1 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(ref x1, from), s1);
                    s2 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(ref x2, from), s2);
                    s3 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(ref x3, from), s3);
                    s4 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(ref x4, from), s4);
                }
            }

            AddScaled(scale, Sums(s0, s1, s2, s3), w[tap..]);
            if (tap + 4 <= last)
            {
                w[tap + 4] = Math.FusedMultiplyAdd(scale, Products.Sum(s4), w[tap + 4]);
            }
        }
    }

    /// <summary>Adds to the first four weights, or to all where there are fewer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled(double scale, Vector256<double> sums, Span<double> w)
    {
        if (w.Length >= Lanes)
        {
            Vector256.FusedMultiplyAdd(Vector256.Create(scale), sums, Vector256.Create<double>(w)).CopyTo(w);
            return;
        }

        for (int i = 0; i < w.Length; i++)
        {
            w[i] = Math.FusedMultiplyAdd(scale, sums[i], w[i]);
        }
    }

    /// <summary>The sum of the lanes of each, in the order of <see cref="Products.Sum(Vector256{double})"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Sums(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d)
    {
        var ac = Vector256.Create(a.GetLower(), c.GetLower()) + Vector256.Create(a.GetUpper(), c.GetUpper());
        var bd = Vector256.Create(b.GetLower(), d.GetLower()) + Vector256.Create(b.GetUpper(), d.GetUpper());
        var even = Vector256.Create(-1L, 0, -1, 0).AsDouble();
        var swap = Vector256.Create(1L, 0, 3, 2);
        return Vector256.ConditionalSelect(even, ac, Vector256.Shuffle(bd, swap))
            + Vector256.ConditionalSelect(even, Vector256.Shuffle(ac, swap), bd);
    }

    /// <summary>All bits in the lanes of an overlapping block that the block before it has not.</summary>
    private static Vector256<double> NewRows(ConvolutionShape s) =>
        Vector256.GreaterThanOrEqual(Vector256.Create(0L, 1, 2, 3), Vector256.Create((long)s.Overlap)).AsDouble();

    private static ReadOnlySpan<double> Prepared(ConvolutionShape s, ReadOnlySpan<double> x, double[]? image)
    {
        if (image is null)
        {
            return x;
        }

        var prepared = image.AsSpan(0, (int)s.PreparedSize);
        PreparedImage.From(s, x, prepared);
        return prepared;
    }

    /// <summary>The errors, with zeros below short columns.</summary>
    private static ReadOnlySpan<double> Blocked(ConvolutionShape s, ReadOnlySpan<double> y, double[]? columns)
    {
        if (columns is null)
        {
            return y;
        }

        int count = y.Length / s.OutputHeight;
        var blocked = columns.AsSpan(0, count * Lanes);
        blocked.Clear();
        for (int column = 0; column < count; column++)
        {
            y.Slice(column * s.OutputHeight, s.OutputHeight).CopyTo(blocked[(column * Lanes)..]);
        }

        return blocked;
    }

    private static double[]? Rent(bool needed, long size) => needed ? ArrayPool<double>.Shared.Rent(checked((int)size)) : null;

    private static void Return(double[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>What follows reads and writes without bounds checks.</summary>
    private static void RequireLengths(ConvolutionShape s, int count, int x, int y, int w, int b, int? kernels = null)
    {
        int depth = kernels ?? s.OutputDepth;
        if (x != s.InputSize * count || y != s.OutputSize * count || w != s.KernelSize * depth || b != depth)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{count} samples of {s} got {x} and {y} values, {w} weights and {b} biases."));
        }
    }
}
