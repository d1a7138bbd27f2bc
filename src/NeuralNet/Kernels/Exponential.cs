using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>eˣ over spans for x of at most 0, as a softmax takes it: within 2 units in the last place.</summary>
/// <remarks>
/// With x = k ln 2 + r, |r| ≤ ln 2 / 2: eˣ = 2ᵏeʳ, and eʳ by its Taylor series of degree 13, whose rest is below 2⁻⁵⁶. Below -708, where
/// doubles lose their digits, it is 0. NaN stays NaN. A value depends on its argument alone, wherever in a span it stands.
/// </remarks>
internal static class Exponential
{
    private const int Lanes = 4;
    private const double Least = -708;

    /// <summary>Added and taken away again, it rounds to a whole number, which its lowest bits then hold.</summary>
    private const double Rounder = 6755399441055744; // 1.5 * 2^52

    private const double Ln2High = 0.693147180369123816490; // 33 bits, so that k * Ln2High is exact (as in Sun's fdlibm, 1993)
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>y = eˣ; both may be the same memory.</summary>
    public static void OfNegative(ReadOnlySpan<double> x, Span<double> y)
    {
        y = y[..x.Length];
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            Of(Vector256.Create(x.Slice(i, Lanes))).CopyTo(y.Slice(i, Lanes));
        }

        int left = x.Length - i;
        if (left > 0)
        {
            // Lane by lane: a vector loaded from values just stored one by one would have to wait for them.
            var rest = Of(Vector256.Create(x[i], left > 1 ? x[i + 1] : 0, left > 2 ? x[i + 2] : 0, 0));
            y[i] = rest.GetElement(0);
            if (left > 1)
            {
                y[i + 1] = rest.GetElement(1);
            }

            if (left > 2)
            {
                y[i + 2] = rest.GetElement(2);
            }
        }
    }

    private static Vector256<double> Of(Vector256<double> x)
    {
        var vanishes = Vector256.LessThan(x, Vector256.Create(Least));
        var v = Vector256.ConditionalSelect(vanishes, Vector256<double>.Zero, x);

        var shifted = Vector256.FusedMultiplyAdd(v, Vector256.Create(1 / double.Log(2)), Vector256.Create(Rounder));
        var k = shifted - Vector256.Create(Rounder);
        var r = Vector256.FusedMultiplyAdd(k, Vector256.Create(-Ln2High), v);
        r = Vector256.FusedMultiplyAdd(k, Vector256.Create(-Ln2Low), r);
        var power = (Vector256.ShiftLeft(shifted.AsInt64(), 52) + Vector256.Create(1.0).AsInt64()).AsDouble();

        var series = Vector256.Create(1.0 / 6227020800);
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 479001600));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 39916800));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 3628800));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 362880));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 40320));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 5040));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 720));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 120));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 24));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(1.0 / 6));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256.Create(0.5));
        series = Vector256.FusedMultiplyAdd(series, r, Vector256<double>.One);
        series = Vector256.FusedMultiplyAdd(series, r, Vector256<double>.One);
        return Vector256.AndNot(power * series, vanishes);
    }
}
