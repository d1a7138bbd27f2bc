using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>Elementary functions of four values at once, from which the activation functions are made.</summary>
/// <remarks>
/// <para>
/// A value depends on its argument alone: the same bits on every processor, wherever in a span it stands. NaN gives NaN. With x =
/// k ln 2 + r, |r| ≤ ln 2 / 2: eˣ = 2ᵏ eʳ.
/// </para>
/// <para>
/// tanh is compiled into its callers' loops, of which a recurrent step has five: called, it hands vectors over in memory, and a step of an
/// LSTM of 32 takes 2.0 us in place of 1.5.
/// </para>
/// <para>Polynomials are Chebyshev's of the function, in powers; even and odd ones are added up apart, which halves the wait.</para>
/// </remarks>
internal static class Elementary
{
    /// <summary>Added and taken away again, it rounds to a whole number, which its lowest bits then hold.</summary>
    private const double Rounder = 6755399441055744; // 1.5 * 2^52

    private const double Ln2High = 0.693147180369123816490; // 33 bits, so that k * Ln2High is exact (as in Sun's fdlibm, 1993)
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>eˣ for x ≤ 709, within 1 unit in the last place; 0 for x below -708, where it would be less than the least normal
    /// double.</summary>
    public static Vector256<double> Exp(Vector256<double> x)
    {
        var power = Reduce(x, out var r);
        var exponential = power + (power * ExpMinusOneNearZero(r));
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(-708.0)), Vector256<double>.Zero, exponential);
    }

    /// <summary>eˣ - 1 for x ≤ 709, within 2 units in the last place.</summary>
    public static Vector256<double> ExpMinusOne(Vector256<double> x)
    {
        // Below -40 it rounds to -1.
        var power = Reduce(x, out var r);
        var exponential = Vector256.FusedMultiplyAdd(power, ExpMinusOneNearZero(r), power - Vector256<double>.One);
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(-40.0)), -Vector256<double>.One, exponential);
    }

    /// <summary>ln(1 + x) for x from 0 to 1, within 2 units in the last place.</summary>
    /// <remarks>
    /// 2 artanh s with s = x / (2 + x), artanh s = s + s³ P(s²), as x - (x²/2 - s (x²/2 + 2s² P(s²))), which loses no digit (Sun's fdlibm,
    /// 1993). P is right up to 2⁻⁵⁵.
    /// </remarks>
    public static Vector256<double> LogOnePlus(Vector256<double> x)
    {
        var s = x / (x + Vector256.Create(2.0));
        var square = s * s;
        var fourth = square * square;
        var even = Vector256.Create(0.041588104702145766);
        even = Vector256.FusedMultiplyAdd(even, fourth, Vector256.Create(0.06650081100282697));
        even = Vector256.FusedMultiplyAdd(even, fourth, Vector256.Create(0.09090870008906127));
        even = Vector256.FusedMultiplyAdd(even, fourth, Vector256.Create(0.14285714272520955));
        even = Vector256.FusedMultiplyAdd(even, fourth, Vector256.Create(0.3333333333333307));
        var odd = Vector256.Create(0.08528287251473514);
        odd = Vector256.FusedMultiplyAdd(odd, fourth, Vector256.Create(0.060558960079100006));
        odd = Vector256.FusedMultiplyAdd(odd, fourth, Vector256.Create(0.07693315371624586));
        odd = Vector256.FusedMultiplyAdd(odd, fourth, Vector256.Create(0.11111112052466518));
        odd = Vector256.FusedMultiplyAdd(odd, fourth, Vector256.Create(0.20000000000094656));
        var p = Vector256.FusedMultiplyAdd(odd, square, even);
        var half = Vector256.Create(0.5) * x * x;
        return x - (half - (s * (half + (Vector256.Create(2.0) * square * p))));
    }

    /// <summary>1 / (1 + e⁻ˣ) and 1 / (1 + eˣ), the logistic function of x and of -x, by the power that does not overflow.</summary>
    public static (Vector256<double> OfX, Vector256<double> OfMinusX) Logistic(Vector256<double> x)
    {
        var power = Exp(-Vector256.Abs(x));
        var greater = Vector256<double>.One / (power + Vector256<double>.One);
        var lesser = power * greater;
        var negative = Vector256.LessThan(x, Vector256<double>.Zero);
        return (Vector256.ConditionalSelect(negative, lesser, greater), Vector256.ConditionalSelect(negative, greater, lesser));
    }

    /// <summary>Φ(x), the normal distribution function, within 6 units in the last place, and φ(x), its density; 0 where they would be less
    /// than the least normal double.</summary>
    /// <remarks>
    /// Φ(-u) = e^(-u²/2) M(u) for u ≥ 0, and M(u) (u + 5) = P(t) with t = (u - 5) / (u + 5), as Shepherd and Laframboise have it for erfc
    /// (1981). P is right up to 2⁻⁵⁵. The half of u² is taken with what its rounding leaves.
    /// </remarks>
    public static (Vector256<double> Distribution, Vector256<double> Density) Normal(Vector256<double> x)
    {
        // From 40 on Φ is 1, and of -x 0.
        var u = Vector256.Abs(x);
        u = Vector256.ConditionalSelect(Vector256.GreaterThan(u, Vector256.Create(40.0)), Vector256.Create(40.0), u);
        var square = u * u;
        var rest = Vector256.FusedMultiplyAdd(u, u, -square);
        var power = Exp(square * Vector256.Create(-0.5));
        power = Vector256.FusedMultiplyAdd(power, rest * Vector256.Create(-0.5), power);
        var quotient = Vector256<double>.One / (u + Vector256.Create(5.0));
        var t = Vector256.FusedMultiplyAdd(Vector256.Create(-10.0), quotient, Vector256<double>.One);
        var t2 = t * t;
        var even = Vector256.Create(7.402878069980417E-09);
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-6.60324318618429E-08));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(4.336709264152345E-07));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-2.769815120071289E-06));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(1.6681502984666773E-05));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-5.937581692411171E-05));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(-0.0007978693822953518));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.020795066798220605));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.1650203661704706));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.4953056159699747));
        even = Vector256.FusedMultiplyAdd(even, t2, Vector256.Create(0.769193049750063));
        var odd = Vector256.Create(2.133263349277177E-09);
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-1.0511526183746893E-08));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(4.38901946698179E-08));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-3.3783359785828575E-07));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(3.981466234135357E-06));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-4.976297989916998E-05));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(0.0005448990955285831));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-0.002993376773995441));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-0.0691186387060875));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-0.31353315667131126));
        odd = Vector256.FusedMultiplyAdd(odd, t2, Vector256.Create(-0.6653825028900566));
        var tail = power * (Vector256.FusedMultiplyAdd(odd, t, even) * quotient);
        var positive = Vector256.GreaterThan(x, Vector256<double>.Zero);
        var distribution = Vector256.ConditionalSelect(positive, Vector256<double>.One - tail, tail);
        return (distribution, power * Vector256.Create(1 / double.Sqrt(2 * double.Pi)));
    }

    /// <summary>tanh x, within 4 units in the last place: q / (q + 2) with q = e²ˡˣˡ - 1, and the sign of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Tanh(Vector256<double> x)
    {
        // From 20 on tanh rounds to 1.
        var magnitude = Vector256.Abs(x);
        var saturated = Vector256.GreaterThan(magnitude, Vector256.Create(20.0));
        var v = Vector256.ConditionalSelect(saturated, Vector256.Create(40.0), magnitude + magnitude);
        var power = Reduce(v, out var r);
        var q = Vector256.FusedMultiplyAdd(power, SeriesOfExpMinusOne(r), power - Vector256<double>.One);
        return (q / (q + Vector256.Create(2.0))) | (x & Vector256.Create(-0.0));
    }

    /// <summary>2ᵏ, for k from -1022 to 1023, and r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Reduce(Vector256<double> x, out Vector256<double> r)
    {
        var shifted = Vector256.FusedMultiplyAdd(x, Vector256.Create(1 / double.Log(2)), Vector256.Create(Rounder));
        var k = shifted - Vector256.Create(Rounder);
        r = Vector256.FusedMultiplyAdd(k, Vector256.Create(-Ln2High), x);
        r = Vector256.FusedMultiplyAdd(k, Vector256.Create(-Ln2Low), r);
        return (Vector256.ShiftLeft(shifted.AsInt64(), 52) + Vector256.Create(1.0).AsInt64()).AsDouble();
    }

    /// <summary>eʳ - 1 = r + r² P(r); P is right up to 2⁻⁵⁹.</summary>
    private static Vector256<double> ExpMinusOneNearZero(Vector256<double> r)
    {
        var square = r * r;
        var even = Vector256.Create(2.091813816945801E-09);
        even = Vector256.FusedMultiplyAdd(even, square, Vector256.Create(2.7557263277791584E-07));
        even = Vector256.FusedMultiplyAdd(even, square, Vector256.Create(2.4801587336443602E-05));
        even = Vector256.FusedMultiplyAdd(even, square, Vector256.Create(0.0013888888888879073));
        even = Vector256.FusedMultiplyAdd(even, square, Vector256.Create(0.04166666666666668));
        even = Vector256.FusedMultiplyAdd(even, square, Vector256.Create(0.5));
        var odd = Vector256.Create(2.5105217695684516E-08);
        odd = Vector256.FusedMultiplyAdd(odd, square, Vector256.Create(2.755725539833871E-06));
        odd = Vector256.FusedMultiplyAdd(odd, square, Vector256.Create(0.00019841269874822307));
        odd = Vector256.FusedMultiplyAdd(odd, square, Vector256.Create(0.008333333333326134));
        odd = Vector256.FusedMultiplyAdd(odd, square, Vector256.Create(0.1666666666666667));
        return Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(odd, r, even), square, r);
    }

    /// <summary>eʳ - 1 by its Taylor series of degree 13, whose rest is below 2⁻⁵⁶ r: what tanh has been computed with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> SeriesOfExpMinusOne(Vector256<double> r)
    {
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
        return Vector256.FusedMultiplyAdd(series, r * r, r);
    }
}
