using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>How an optimizer changes a value w by its gradient g and up to three numbers kept for it, four values at a time.</summary>
internal interface IUpdateRule
{
    /// <returns>The new w.</returns>
    Vector256<double> Apply(
        Vector256<double> w, Vector256<double> g, ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c);
}

/// <summary>
/// The optimizers' arithmetic. A value depends on its own numbers alone: however the values are cut into spans, the bits are the same.
/// </summary>
internal static class UpdateRules
{
    /// <summary>2^-960, about 1e-289: what an optimizer keeps counts as 0 below it.</summary>
    /// <remarks>
    /// Subnormal numbers, below 2^-1022, take several times as long. A running mean comes down to them where gradients stay 0, and rounding
    /// keeps it there for good. Above this bound its products with learning rates and the like are not subnormal either.
    /// </remarks>
    public const double Tiny = 1.0261342003245941E-289;

    private const int Lanes = 4;

    /// <param name="rule">The rule, a struct, so that the loop is compiled for it.</param>
    /// <param name="w">The values.</param>
    /// <param name="g">Their gradients, as many.</param>
    /// <param name="a">The first number kept for each value; this and the next two are empty where the rule keeps fewer.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    public static void Run<TRule>(
        TRule rule, Span<double> w, ReadOnlySpan<double> g, Span<double> a = default, Span<double> b = default, Span<double> c = default)
        where TRule : struct, IUpdateRule
    {
        g = g[..w.Length];
        a = a.IsEmpty ? a : a[..w.Length];
        b = b.IsEmpty ? b : b[..w.Length];
        c = c.IsEmpty ? c : c[..w.Length];
        int i = 0;
        for (; i + Lanes <= w.Length; i += Lanes)
        {
            var (ai, bi, ci) = (Load(a, i), Load(b, i), Load(c, i));
            Store(rule.Apply(Load(w, i), Load(g, i), ref ai, ref bi, ref ci), w, i);
            Store(ai, a, i);
            Store(bi, b, i);
            Store(ci, c, i);
        }

        for (; i < w.Length; i++)
        {
            var (ai, bi, ci) = (LoadOne(a, i), LoadOne(b, i), LoadOne(c, i));
            w[i] = rule.Apply(LoadOne(w, i), LoadOne(g, i), ref ai, ref bi, ref ci).ToScalar();
            StoreOne(ai, a, i);
            StoreOne(bi, b, i);
            StoreOne(ci, c, i);
        }
    }

    /// <summary>g = g / count + scale * w, 0 where it is smaller than <see cref="Tiny"/>.</summary>
    /// <param name="g">Sums of gradients, which become means.</param>
    /// <param name="count">How many were added up.</param>
    /// <param name="scale">What of w is added; w is not read where it is 0.</param>
    /// <param name="w">The values, as many.</param>
    /// <returns>Whether Σ g² is finite: then so is the square of each.</returns>
    public static bool Mean(Span<double> g, double count, double scale, ReadOnlySpan<double> w)
    {
        w = w[..g.Length];
        var (counts, scales) = (Vector256.Create(count), Vector256.Create(scale));
        var squares = Vector256<double>.Zero;
        int i = 0;
        for (; i + Lanes <= g.Length; i += Lanes)
        {
            var mean = Load(g, i) / counts;
            mean = ZeroWhereTiny(scale == 0 ? mean : Vector256.FusedMultiplyAdd(scales, Load(w, i), mean));
            squares = Vector256.FusedMultiplyAdd(mean, mean, squares);
            Store(mean, g, i);
        }

        double sum = Vector256.Sum(squares);
        for (; i < g.Length; i++)
        {
            double mean = g[i] / count;
            g[i] = ZeroWhereTiny(scale == 0 ? mean : Math.FusedMultiplyAdd(scale, w[i], mean));
            sum += g[i] * g[i];
        }

        return double.IsFinite(sum);
    }

    /// <summary>x is 0 where it is smaller than <see cref="Tiny"/>.</summary>
    public static void DropTiny(Span<double> x)
    {
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            Store(ZeroWhereTiny(Load(x, i)), x, i);
        }

        for (; i < x.Length; i++)
        {
            x[i] = ZeroWhereTiny(x[i]);
        }
    }

    /// <summary>w is NaN where what is kept for it is not finite: divided by its root, a step would be 0 for good.</summary>
    /// <remarks>Where the sum is finite, each number is.</remarks>
    public static void MarkOverflows(ReadOnlySpan<double> kept, Span<double> w)
    {
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        int at = 0;
        for (; at + (4 * Lanes) <= kept.Length; at += 4 * Lanes)
        {
            s0 += Load(kept, at);
            s1 += Load(kept, at + Lanes);
            s2 += Load(kept, at + (2 * Lanes));
            s3 += Load(kept, at + (3 * Lanes));
        }

        double sum = Vector256.Sum(s0 + s1 + (s2 + s3));
        for (; at < kept.Length; at++)
        {
            sum += kept[at];
        }

        if (double.IsFinite(sum))
        {
            return;
        }

        for (int i = 0; i < w.Length; i++)
        {
            w[i] = double.IsFinite(kept[i]) ? w[i] : double.NaN;
        }
    }

    /// <summary>Σ (scale x)², always added in the same order. (That of TensorPrimitives depends on where in memory x is.)</summary>
    public static double SumOfSquares(double scale, ReadOnlySpan<double> x)
    {
        const int Block = 4 * Lanes;
        var scales = Vector256.Create(scale);
        Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i + Block <= x.Length; i += Block)
        {
            var (x0, x1) = (scales * Load(x, i), scales * Load(x, i + Lanes));
            var (x2, x3) = (scales * Load(x, i + (2 * Lanes)), scales * Load(x, i + (3 * Lanes)));
            s0 = Vector256.FusedMultiplyAdd(x0, x0, s0);
            s1 = Vector256.FusedMultiplyAdd(x1, x1, s1);
            s2 = Vector256.FusedMultiplyAdd(x2, x2, s2);
            s3 = Vector256.FusedMultiplyAdd(x3, x3, s3);
        }

        double sum = Products.Sum(s0 + s1 + (s2 + s3));
        for (; i < x.Length; i++)
        {
            double scaled = scale * x[i];
            sum = Math.FusedMultiplyAdd(scaled, scaled, sum);
        }

        return sum;
    }

    private static Vector256<double> Load(ReadOnlySpan<double> x, int i) =>
        x.IsEmpty ? default : Vector256.LoadUnsafe(in MemoryMarshal.GetReference(x), (uint)i);

    private static Vector256<double> LoadOne(ReadOnlySpan<double> x, int i) => x.IsEmpty ? default : Vector256.CreateScalar(x[i]);

    private static void Store(Vector256<double> lanes, Span<double> x, int i)
    {
        if (!x.IsEmpty)
        {
            lanes.StoreUnsafe(ref MemoryMarshal.GetReference(x), (uint)i);
        }
    }

    private static void StoreOne(Vector256<double> lanes, Span<double> x, int i)
    {
        if (!x.IsEmpty)
        {
            x[i] = lanes.ToScalar();
        }
    }

    /// <summary>NaN stays.</summary>
    private static Vector256<double> ZeroWhereTiny(Vector256<double> x) =>
        Vector256.AndNot(x, Vector256.LessThan(Vector256.Abs(x), Vector256.Create(Tiny)));

    private static double ZeroWhereTiny(double x) => Math.Abs(x) < Tiny ? 0 : x;

    /// <summary>
    /// Two roundings, as in W -= learningRate * dE/dW, so that the bits are those of <see cref="TrainableLayer.BackwardPropagation"/>.
    /// </summary>
    public readonly struct Sgd(double learningRate, double weightDecay) : IUpdateRule
    {
        public Vector256<double> Apply(
            Vector256<double> w, Vector256<double> g, ref Vector256<double> a, ref Vector256<double> b, ref Vector256<double> c) =>
            w - ((g + (w * weightDecay)) * learningRate);
    }

    public readonly struct Momentum(double learningRate, double momentum, bool nesterov, double weightDecay) : IUpdateRule
    {
        public Vector256<double> Apply(
            Vector256<double> w, Vector256<double> g, ref Vector256<double> velocity, ref Vector256<double> b, ref Vector256<double> c)
        {
            g += w * weightDecay;
            velocity = (velocity * momentum) + g;
            return w - ((nesterov ? g + (velocity * momentum) : velocity) * learningRate);
        }
    }

    public readonly struct Adagrad(double learningRate, double epsilon, double weightDecay) : IUpdateRule
    {
        public Vector256<double> Apply(
            Vector256<double> w, Vector256<double> g, ref Vector256<double> squares, ref Vector256<double> b, ref Vector256<double> c)
        {
            g += w * weightDecay;
            squares += g * g;
            return w - (g * learningRate / (Vector256.Sqrt(squares) + Vector256.Create(epsilon)));
        }
    }

    public readonly struct RmsProp(double learningRate, double decay, double epsilon, double momentum, bool centered, double weightDecay)
        : IUpdateRule
    {
        public Vector256<double> Apply(
            Vector256<double> w,
            Vector256<double> g,
            ref Vector256<double> square,
            ref Vector256<double> velocity,
            ref Vector256<double> mean)
        {
            g += w * weightDecay;
            square = (square * decay) + (g * g * (1 - decay));
            var variance = square;
            if (centered)
            {
                mean += (g - mean) * (1 - decay);
                variance = Vector256.Max(square - (mean * mean), Vector256<double>.Zero);
            }

            velocity = (velocity * momentum) + (g / (Vector256.Sqrt(variance) + Vector256.Create(epsilon)));
            return w - (velocity * learningRate);
        }
    }

    /// <summary>Adam and AdamW at one step: what depends on the step is worked out once for all values.</summary>
    public readonly struct Adam(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double decoupledDecay, long step) : IUpdateRule
    {
        private readonly double _rate = learningRate / (1 - Math.Pow(beta1, step));
        private readonly double _correction = 1 / Math.Sqrt(1 - Math.Pow(beta2, step));
        private readonly double _kept = 1 - (learningRate * decoupledDecay);

        public Vector256<double> Apply(
            Vector256<double> w, Vector256<double> g, ref Vector256<double> mean, ref Vector256<double> square, ref Vector256<double> c)
        {
            g += w * weightDecay;
            mean += (g - mean) * (1 - beta1);
            square = (square * beta2) + (g * g * (1 - beta2));
            return (w * _kept) - (mean * _rate / ((Vector256.Sqrt(square) * _correction) + Vector256.Create(epsilon)));
        }
    }
}
