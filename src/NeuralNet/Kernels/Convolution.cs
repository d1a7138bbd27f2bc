using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// Convolution of planes. Plane d of an image is values [d*height*width, (d+1)*height*width), column-major.
/// Kernel k is values [k*n, (k+1)*n) of the weights, n = depth * kernelRows * kernelColumns, plane by plane, each row by row.
/// </summary>
/// <remarks>Rows of an output column are done in vectors. <see cref="Products"/> says how they stay the same bits on every machine.</remarks>
internal static class Convolution
{
    private const int Lanes = 4;

    /// <summary>y_k = Σ_d x_d ⋆ w_kd + b_k.</summary>
    public static void Correlate(ConvolutionShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        RequireLengths(s, x.Length, y.Length);
        var taps = s.Taps;
        int rows = s.OutputHeight;
        for (int k = 0; k < s.OutputDepth; k++)
        {
            var weights = w.Slice(k * taps.Length, taps.Length);
            for (int column = 0; column < s.OutputWidth; column++)
            {
                var output = y.Slice(((k * s.OutputWidth) + column) * rows, rows);
                var input = x[(column * s.Height)..];
                if (rows < 2 * Lanes)
                {
                    CorrelateRows(taps, input, weights, b[k], output);
                    continue;
                }

                // The last eight rows overlap those before them where rows is no multiple of eight: the same values are written again.
                for (int row = 0; row < rows; row += 2 * Lanes)
                {
                    CorrelateEightRows(taps, input, weights, b[k], output, Math.Min(row, rows - (2 * Lanes)));
                }
            }
        }
    }

    /// <summary>x_d = Σ_k y_k * w_kd, the full convolution.</summary>
    public static void InputError(ConvolutionShape s, ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
        RequireLengths(s, x.Length, y.Length);
        x.Clear();
        var taps = s.Taps;
        for (int k = 0; k < s.OutputDepth; k++)
        {
            for (int column = 0; column < s.OutputWidth; column++)
            {
                var errors = y.Slice(((k * s.OutputWidth) + column) * s.OutputHeight, s.OutputHeight);
                for (int tap = 0; tap < taps.Length; tap++)
                {
                    Products.AddScaled(w[(k * taps.Length) + tap], errors, x.Slice((column * s.Height) + taps[tap], s.OutputHeight));
                }
            }
        }
    }

    /// <summary>w_kd += scale * x_d ⋆ y_k, b_k += scale * Σ y_k.</summary>
    public static void AddGradient(ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, Span<double> b)
    {
        RequireLengths(s, x.Length, y.Length);
        var taps = s.Taps;
        int plane = s.OutputHeight * s.OutputWidth;
        for (int k = 0; k < s.OutputDepth; k++)
        {
            var errors = y.Slice(k * plane, plane);
            var weights = w.Slice(k * taps.Length, taps.Length);
            b[k] = Math.FusedMultiplyAdd(scale, Sum(errors), b[k]);
            int tap = 0;
            for (; tap + 3 <= taps.Length; tap += 3)
            {
                AddThree(s, scale, x, taps.Slice(tap, 3), errors, weights.Slice(tap, 3));
            }

            for (; tap < taps.Length; tap++)
            {
                AddOne(s, scale, x, taps[tap], errors, ref weights[tap]);
            }
        }
    }

    private static void CorrelateEightRows(ReadOnlySpan<int> taps, ReadOnlySpan<double> x, ReadOnlySpan<double> weights, double bias, Span<double> y, int row)
    {
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        var (low, high) = (Vector256.Create(bias), Vector256.Create(bias));
        for (int tap = 0; tap < weights.Length && tap < taps.Length; tap++)
        {
            nuint from = (uint)(taps[tap] + row);
            var weight = Vector256.Create(weights[tap]);
            low = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(in xs, from), low);
            high = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(in xs, from + Lanes), high);
        }

        low.CopyTo(y[row..]);
        high.CopyTo(y[(row + Lanes)..]);
    }

    private static void CorrelateRows(ReadOnlySpan<int> taps, ReadOnlySpan<double> x, ReadOnlySpan<double> weights, double bias, Span<double> y)
    {
        y.Fill(bias);
        for (int tap = 0; tap < taps.Length; tap++)
        {
            Products.AddScaled(weights[tap], x.Slice(taps[tap], y.Length), y);
        }
    }

    /// <summary>Three weights at a time, so that an error is loaded once for the three.</summary>
    private static void AddThree(ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<int> taps, ReadOnlySpan<double> errors, Span<double> weights)
    {
        ref readonly double x0 = ref x[taps[0]];
        ref readonly double x1 = ref x[taps[1]];
        ref readonly double x2 = ref x[taps[2]];
        ref readonly double es = ref MemoryMarshal.GetReference(errors);
        Vector256<double> s0 = default, s1 = default, s2 = default;
        var (t0, t1, t2) = (0.0, 0.0, 0.0);
        int at = 0;
        for (int column = 0; column < s.OutputWidth; column++)
        {
            int from = column * s.Height;
            int end = from + s.OutputHeight;
            for (; from + Lanes <= end; from += Lanes, at += Lanes)
            {
                var error = Vector256.LoadUnsafe(in es, (uint)at);
                s0 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(in x0, (uint)from), s0);
                s1 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(in x1, (uint)from), s1);
                s2 = Vector256.FusedMultiplyAdd(error, Vector256.LoadUnsafe(in x2, (uint)from), s2);
            }

            for (; from < end; from++, at++)
            {
                t0 = Math.FusedMultiplyAdd(x[taps[0] + from], errors[at], t0);
                t1 = Math.FusedMultiplyAdd(x[taps[1] + from], errors[at], t1);
                t2 = Math.FusedMultiplyAdd(x[taps[2] + from], errors[at], t2);
            }
        }

        weights[0] = Math.FusedMultiplyAdd(scale, Products.Sum(s0) + t0, weights[0]);
        weights[1] = Math.FusedMultiplyAdd(scale, Products.Sum(s1) + t1, weights[1]);
        weights[2] = Math.FusedMultiplyAdd(scale, Products.Sum(s2) + t2, weights[2]);
    }

    private static void AddOne(ConvolutionShape s, double scale, ReadOnlySpan<double> x, int tap, ReadOnlySpan<double> errors, ref double weight)
    {
        ref readonly double xs = ref x[tap];
        ref readonly double es = ref MemoryMarshal.GetReference(errors);
        Vector256<double> sum = default;
        double rest = 0;
        int at = 0;
        for (int column = 0; column < s.OutputWidth; column++)
        {
            int from = column * s.Height;
            int end = from + s.OutputHeight;
            for (; from + Lanes <= end; from += Lanes, at += Lanes)
            {
                sum = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(in es, (uint)at), Vector256.LoadUnsafe(in xs, (uint)from), sum);
            }

            for (; from < end; from++, at++)
            {
                rest = Math.FusedMultiplyAdd(x[tap + from], errors[at], rest);
            }
        }

        weight = Math.FusedMultiplyAdd(scale, Products.Sum(sum) + rest, weight);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        ref readonly double vs = ref MemoryMarshal.GetReference(values);
        Vector256<double> sum = default;
        double rest = 0;
        int i = 0;
        for (; i + Lanes <= values.Length; i += Lanes)
        {
            sum += Vector256.LoadUnsafe(in vs, (uint)i);
        }

        for (; i < values.Length; i++)
        {
            rest += values[i];
        }

        return Products.Sum(sum) + rest;
    }

    /// <summary>What follows reads and writes without bounds checks.</summary>
    private static void RequireLengths(ConvolutionShape s, int x, int y)
    {
        if (x != s.Height * s.Width * s.Depth || y != s.OutputHeight * s.OutputWidth * s.OutputDepth)
        {
            throw new ArgumentException(FormattableString.Invariant($"{s} got {x} and {y} values."));
        }
    }
}
