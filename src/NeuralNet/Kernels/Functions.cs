using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using MathNet.Numerics;

namespace NeuralNet.Kernels;

/// <summary>The activation functions and their derivatives over spans.</summary>
internal static class Functions
{
    private const int Lanes = 4;
    private const double LeakySlope = 0.01;

    public static readonly ElementwiseFunction Tanh = new("Tanh", HyperbolicTangent.Apply, TanhPrime);
    public static readonly ElementwiseFunction Sigmoid = new("Sigmoid", TensorPrimitives.Sigmoid, SigmoidPrime);
    public static readonly ElementwiseFunction Relu = new("Relu", (x, y) => TensorPrimitives.Max(x, 0, y), (x, _, d) => Slopes(x, 0, d));
    public static readonly ElementwiseFunction LeakyRelu = new("LeakyRelu", LeakyReluOf, (x, _, d) => Slopes(x, LeakySlope, d));
    public static readonly ElementwiseFunction Elu = Scalar("Elu", v => v > 0 ? v : ExpMinusOne(v), v => v > 0 ? 1 : Math.Exp(v));
    public static readonly ElementwiseFunction Softplus = Scalar("Softplus", SoftplusOf, Logistic);
    public static readonly ElementwiseFunction Swish = Scalar("Swish", v => v * Logistic(v), v => Logistic(v) * (1 + (v * Logistic(-v))));
    public static readonly ElementwiseFunction Gelu = Scalar("Gelu", v => v * NormalCdf(v), v => NormalCdf(v) + (v * NormalDensity(v)));
    public static readonly ElementwiseFunction Linear = new("Linear", (x, y) => x.CopyTo(y), (_, _, d) => d.Fill(1));

    private static void TanhPrime(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> derivative)
    {
        TensorPrimitives.Multiply(y, y, derivative);
        TensorPrimitives.Subtract(1, derivative, derivative);
    }

    private static void SigmoidPrime(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> derivative)
    {
        TensorPrimitives.Subtract(1, y, derivative);
        TensorPrimitives.Multiply(y, derivative, derivative);
    }

    private static void LeakyReluOf(ReadOnlySpan<double> x, Span<double> y)
    {
        TensorPrimitives.Multiply(x, LeakySlope, y);
        TensorPrimitives.Max(x, y, y);
    }

    /// <summary>1 where x > 0, else the given slope.</summary>
    private static void Slopes(ReadOnlySpan<double> x, double otherwise, Span<double> derivative)
    {
        derivative = derivative[..x.Length];
        int i = 0;
        for (; i + Lanes <= x.Length; i += Lanes)
        {
            var positive = Vector256.GreaterThan(Vector256.Create(x.Slice(i, Lanes)), Vector256<double>.Zero);
            Vector256.ConditionalSelect(positive, Vector256<double>.One, Vector256.Create(otherwise)).CopyTo(derivative.Slice(i, Lanes));
        }

        for (; i < x.Length; i++)
        {
            derivative[i] = x[i] > 0 ? 1 : otherwise;
        }
    }

    private static ElementwiseFunction Scalar(string name, Func<double, double> function, Func<double, double> derivative) =>
        new(name, (x, y) => Map(x, y, function), (x, _, d) => Map(x, d, derivative));

    private static void Map(ReadOnlySpan<double> x, Span<double> y, Func<double, double> function)
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = function(x[i]);
        }
    }

    /// <summary>ln(1 + eᵛ).</summary>
    public static double SoftplusOf(double v) => Math.Max(v, 0) + LogOnePlus(Math.Exp(-Math.Abs(v)));

    /// <summary>1 / (1 + e⁻ᵛ), by the power that does not overflow.</summary>
    public static double Logistic(double v)
    {
        double power = Math.Exp(-Math.Abs(v));
        return v < 0 ? power / (1 + power) : 1 / (1 + power);
    }

    private static double NormalCdf(double v) => 0.5 * SpecialFunctions.Erfc(-v / Constants.Sqrt2);

    private static double NormalDensity(double v) => Math.Exp(-0.5 * v * v) * Constants.InvSqrt2Pi;

    /// <summary>eᵛ - 1 without cancellation (William Kahan).</summary>
    private static double ExpMinusOne(double v)
    {
        double e = Math.Exp(v);
        return e == 1 ? v : e - 1 == -1 ? -1 : (e - 1) * v / Math.Log(e);
    }

    /// <summary>ln(1 + v) without cancellation (William Kahan).</summary>
    public static double LogOnePlus(double v)
    {
        double u = 1 + v;
        return u == 1 ? v : Math.Log(u) * v / (u - 1);
    }
}
