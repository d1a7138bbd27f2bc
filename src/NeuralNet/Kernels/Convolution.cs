using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// Convolution of planes. Plane d of an image is values [d*height*width, (d+1)*height*width), column-major.
/// Kernel k is values [k*n, (k+1)*n) of the weights, n = depth * kernelRows * kernelColumns, plane by plane, each row by row.
/// </summary>
/// <remarks>Four rows of an output column are done at a time, then the up to three that remain one by one.</remarks>
internal static class Convolution
{
    private const int Lanes = 4;

    /// <summary>y_k = Σ_d x_d ⋆ w_kd + b_k.</summary>
    public static void Correlate(ConvolutionShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            Correlate<Lanes256>(s, x, w, b, y);
        }
        else
        {
            Correlate<Lanes128>(s, x, w, b, y);
        }
    }

    /// <summary>x_d = Σ_k y_k * w_kd, the full convolution.</summary>
    public static void InputError(ConvolutionShape s, ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
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
        if (Vector256.IsHardwareAccelerated)
        {
            AddGradient<Lanes256>(s, scale, x, y, w, b);
        }
        else
        {
            AddGradient<Lanes128>(s, scale, x, y, w, b);
        }
    }

    internal static void Correlate<T>(ConvolutionShape s, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
        where T : struct, ILanes<T>
    {
        RequireLengths(s, x.Length, y.Length);
        var taps = s.Taps;
        ref readonly double xs = ref MemoryMarshal.GetReference(x);
        ref double ys = ref MemoryMarshal.GetReference(y);
        int at = 0;
        for (int k = 0; k < s.OutputDepth; k++)
        {
            var weights = w.Slice(k * taps.Length, taps.Length);
            for (int column = 0; column < s.OutputWidth; column++)
            {
                int from = column * s.Height;
                int end = from + s.OutputHeight;
                for (; from + Lanes <= end; from += Lanes, at += Lanes)
                {
                    var sum = T.Broadcast(b[k]);
                    for (int tap = 0; tap < weights.Length; tap++)
                    {
                        sum = T.MultiplyAdd(T.Broadcast(weights[tap]), T.Load(in xs, from + taps[tap]), sum);
                    }

                    sum.Store(ref ys, at);
                }

                for (; from < end; from++, at++)
                {
                    double sum = b[k];
                    for (int tap = 0; tap < weights.Length; tap++)
                    {
                        sum = Math.FusedMultiplyAdd(weights[tap], x[from + taps[tap]], sum);
                    }

                    y[at] = sum;
                }
            }
        }
    }

    internal static void AddGradient<T>(ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w, Span<double> b)
        where T : struct, ILanes<T>
    {
        RequireLengths(s, x.Length, y.Length);
        var taps = s.Taps;
        int plane = s.OutputHeight * s.OutputWidth;
        for (int k = 0; k < s.OutputDepth; k++)
        {
            var errors = y.Slice(k * plane, plane);
            var weights = w.Slice(k * taps.Length, taps.Length);
            b[k] = Math.FusedMultiplyAdd(scale, Sum<T>(errors), b[k]);
            int tap = 0;
            for (; tap + 3 <= taps.Length; tap += 3)
            {
                AddThree<T>(s, scale, x, taps.Slice(tap, 3), errors, weights.Slice(tap, 3));
            }

            for (; tap < taps.Length; tap++)
            {
                AddOne<T>(s, scale, x, taps[tap], errors, ref weights[tap]);
            }
        }
    }

    /// <summary>Three weights at a time, so that an error is loaded once for the three.</summary>
    private static void AddThree<T>(ConvolutionShape s, double scale, ReadOnlySpan<double> x, ReadOnlySpan<int> taps, ReadOnlySpan<double> errors, Span<double> weights)
        where T : struct, ILanes<T>
    {
        ref readonly double x0 = ref x[taps[0]];
        ref readonly double x1 = ref x[taps[1]];
        ref readonly double x2 = ref x[taps[2]];
        ref readonly double es = ref MemoryMarshal.GetReference(errors);
        var (s0, s1, s2) = (default(T), default(T), default(T));
        var (t0, t1, t2) = (0.0, 0.0, 0.0);
        int at = 0;
        for (int column = 0; column < s.OutputWidth; column++)
        {
            int from = column * s.Height;
            int end = from + s.OutputHeight;
            for (; from + Lanes <= end; from += Lanes, at += Lanes)
            {
                var error = T.Load(in es, at);
                s0 = T.MultiplyAdd(T.Load(in x0, from), error, s0);
                s1 = T.MultiplyAdd(T.Load(in x1, from), error, s1);
                s2 = T.MultiplyAdd(T.Load(in x2, from), error, s2);
            }

            for (; from < end; from++, at++)
            {
                t0 = Math.FusedMultiplyAdd(x[taps[0] + from], errors[at], t0);
                t1 = Math.FusedMultiplyAdd(x[taps[1] + from], errors[at], t1);
                t2 = Math.FusedMultiplyAdd(x[taps[2] + from], errors[at], t2);
            }
        }

        weights[0] = Math.FusedMultiplyAdd(scale, s0.Sum() + t0, weights[0]);
        weights[1] = Math.FusedMultiplyAdd(scale, s1.Sum() + t1, weights[1]);
        weights[2] = Math.FusedMultiplyAdd(scale, s2.Sum() + t2, weights[2]);
    }

    private static void AddOne<T>(ConvolutionShape s, double scale, ReadOnlySpan<double> x, int tap, ReadOnlySpan<double> errors, ref double weight)
        where T : struct, ILanes<T>
    {
        ref readonly double xs = ref x[tap];
        ref readonly double es = ref MemoryMarshal.GetReference(errors);
        var sum = default(T);
        double rest = 0;
        int at = 0;
        for (int column = 0; column < s.OutputWidth; column++)
        {
            int from = column * s.Height;
            int end = from + s.OutputHeight;
            for (; from + Lanes <= end; from += Lanes, at += Lanes)
            {
                sum = T.MultiplyAdd(T.Load(in xs, from), T.Load(in es, at), sum);
            }

            for (; from < end; from++, at++)
            {
                rest = Math.FusedMultiplyAdd(x[tap + from], errors[at], rest);
            }
        }

        weight = Math.FusedMultiplyAdd(scale, sum.Sum() + rest, weight);
    }

    private static double Sum<T>(ReadOnlySpan<double> values)
        where T : struct, ILanes<T>
    {
        ref readonly double vs = ref MemoryMarshal.GetReference(values);
        var one = T.Broadcast(1);
        var sum = default(T);
        double rest = 0;
        int i = 0;
        for (; i + Lanes <= values.Length; i += Lanes)
        {
            sum = T.MultiplyAdd(one, T.Load(in vs, i), sum);
        }

        for (; i < values.Length; i++)
        {
            rest += values[i];
        }

        return sum.Sum() + rest;
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
