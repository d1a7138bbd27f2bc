using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>The activation functions and their derivatives over spans.</summary>
internal static class Functions
{
    /// <summary>Of Klambauer and others, 2017: the fixed point of means 0 and variances 1.</summary>
    private const double SeluScale = 1.0507009873554804934193349852946;
    private const double SeluAlpha = 1.6732632423543772848170429916717;

    public static readonly ElementwiseFunction Tanh = new("Tanh", (x, y) => VectorMap.Apply(default(TanhFunction), x, y), TanhPrime);
    public static readonly ElementwiseFunction Sigmoid = new("Sigmoid", TensorPrimitives.Sigmoid, SigmoidPrime);
    public static readonly ElementwiseFunction Relu = new(
        "Relu", (x, y) => TensorPrimitives.Max(x, 0, y), (x, _, d) => VectorMap.Apply(new ReluPrime(0), x, d));

    public static readonly ElementwiseFunction LeakyRelu = LeakyReluOf("LeakyRelu", 0.01);
    public static readonly ElementwiseFunction Relu6 = Of("Relu6", default(Relu6Function), default(Relu6Prime));
    public static readonly ElementwiseFunction Elu = EluOf("Elu", 1);
    public static readonly ElementwiseFunction Selu =
        Of("Selu", new EluFunction(SeluScale * SeluAlpha, SeluScale), new EluPrime(SeluScale * SeluAlpha, SeluScale));

    public static readonly ElementwiseFunction Softplus = Of("Softplus", default(SoftplusFunction), default(SoftplusPrime));
    public static readonly ElementwiseFunction Swish = Of("Swish", default(SwishFunction), default(SwishPrime));
    public static readonly ElementwiseFunction Mish = Of("Mish", default(MishFunction), default(MishPrime));
    public static readonly ElementwiseFunction Gelu = Of("Gelu", default(GeluFunction), default(GeluPrime));
    public static readonly ElementwiseFunction HardSigmoid = Of("HardSigmoid", default(HardSigmoidFunction), default(HardSigmoidPrime));
    public static readonly ElementwiseFunction HardSwish = Of("HardSwish", default(HardSwishFunction), default(HardSwishPrime));
    public static readonly ElementwiseFunction Linear = new("Linear", (x, y) => x.CopyTo(y), (_, _, d) => d.Fill(1));

    /// <summary>x for x > 0, else slope x.</summary>
    public static ElementwiseFunction LeakyReluOf(string name, double slope) =>
        Of(name, new LeakyReluFunction(slope), new ReluPrime(slope));

    /// <summary>x for x > 0, else alpha (eˣ - 1).</summary>
    public static ElementwiseFunction EluOf(string name, double alpha) => Of(name, new EluFunction(alpha, 1), new EluPrime(alpha, 1));

    /// <summary>ln(1 + eᵛ).</summary>
    public static double SoftplusOf(double v) => Math.Max(v, 0) + LogOnePlus(Math.Exp(-Math.Abs(v)));

    /// <summary>1 / (1 + e⁻ᵛ), by the power that does not overflow.</summary>
    public static double Logistic(double v)
    {
        double power = Math.Exp(-Math.Abs(v));
        return v < 0 ? power / (1 + power) : 1 / (1 + power);
    }

    /// <summary>ln(1 + v) without cancellation (William Kahan).</summary>
    public static double LogOnePlus(double v)
    {
        double u = 1 + v;
        return u == 1 ? v : Math.Log(u) * v / (u - 1);
    }

    private static ElementwiseFunction Of<TFunction, TDerivative>(string name, TFunction function, TDerivative derivative)
        where TFunction : struct, IVectorFunction
        where TDerivative : struct, IVectorFunction =>
        new(name, (x, y) => VectorMap.Apply(function, x, y), (x, _, d) => VectorMap.Apply(derivative, x, d));

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

    private static Vector256<double> Of(double value) => Vector256.Create(value);

    private static Vector256<double> Positive(Vector256<double> x) => Vector256.GreaterThan(x, Vector256<double>.Zero);

    /// <summary>first where x > 0, else second.</summary>
    private static Vector256<double> Choose(Vector256<double> x, Vector256<double> first, Vector256<double> second) =>
        Vector256.ConditionalSelect(Positive(x), first, second);

    /// <summary>value for low &lt; x &lt; high, else 0 below and another value above.</summary>
    private static Vector256<double> Between(
        Vector256<double> x, double low, double high, Vector256<double> value, Vector256<double> above) =>
        Vector256.ConditionalSelect(
            Vector256.LessThanOrEqual(x, Of(low)),
            Vector256<double>.Zero,
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x, Of(high)), above, value));

    internal readonly struct ExpFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Elementary.Exp(x);
    }

    internal readonly struct TanhFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Elementary.Tanh(x);
    }

    private readonly struct ReluPrime(double slope) : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Choose(x, Vector256<double>.One, Functions.Of(slope));
    }

    private readonly struct LeakyReluFunction(double slope) : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Choose(x, x, x * Functions.Of(slope));
    }

    private readonly struct Relu6Function : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Between(x, 0, 6, x, Functions.Of(6));
    }

    private readonly struct Relu6Prime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Between(x, 0, 6, Vector256<double>.One, Vector256<double>.Zero);
    }

    private readonly struct EluFunction(double alpha, double scale) : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) =>
            Choose(x, x * Functions.Of(scale), Elementary.ExpMinusOne(x) * Functions.Of(alpha));
    }

    private readonly struct EluPrime(double alpha, double scale) : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) =>
            Choose(x, Functions.Of(scale), Elementary.Exp(x) * Functions.Of(alpha));
    }

    private readonly struct SoftplusFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) =>
            Choose(x, x, Vector256<double>.Zero) + Elementary.LogOnePlus(Elementary.Exp(-Vector256.Abs(x)));
    }

    private readonly struct SoftplusPrime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Elementary.Logistic(x).OfX;
    }

    private readonly struct SwishFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => x * Elementary.Logistic(x).OfX;
    }

    private readonly struct SwishPrime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x)
        {
            var (ofX, ofMinusX) = Elementary.Logistic(x);
            return ofX * (Vector256<double>.One + (x * ofMinusX));
        }
    }

    // With w = e⁻ˡˣˡ: tanh ln(1 + eˣ) is (1 + 2w) / (1 + 2w + 2w²) for x > 0, else (w² + 2w) / (w² + 2w + 2); 1 less its square, times the
    // logistic function, is 4w² (1 + w) or 4w (1 + w) over the square of that denominator.
    private readonly struct MishFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x)
        {
            var w = Elementary.Exp(-Vector256.Abs(x));
            var (numerator, denominator) = TanhOfSoftplus(x, w);
            return x * (numerator / denominator);
        }

        public static (Vector256<double> Numerator, Vector256<double> Denominator) TanhOfSoftplus(Vector256<double> x, Vector256<double> w)
        {
            var numerator = Choose(x, Vector256<double>.One, w * w) + w + w;
            return (numerator, numerator + Choose(x, (w + w) * w, Functions.Of(2)));
        }
    }

    private readonly struct MishPrime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x)
        {
            var w = Elementary.Exp(-Vector256.Abs(x));
            var (numerator, denominator) = MishFunction.TanhOfSoftplus(x, w);
            var slope = Functions.Of(4) * w * Choose(x, w, Vector256<double>.One) * (Vector256<double>.One + w);
            return (numerator / denominator) + (x * (slope / (denominator * denominator)));
        }
    }

    private readonly struct GeluFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => x * Elementary.Normal(x).Distribution;
    }

    private readonly struct GeluPrime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x)
        {
            var (distribution, density) = Elementary.Normal(x);
            return distribution + (x * density);
        }
    }

    private readonly struct HardSigmoidFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) =>
            Between(x, -3, 3, (x / Functions.Of(6)) + Functions.Of(0.5), Vector256<double>.One);
    }

    private readonly struct HardSigmoidPrime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Between(x, -3, 3, Functions.Of(1.0 / 6), Vector256<double>.Zero);
    }

    private readonly struct HardSwishFunction : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) => Between(x, -3, 3, x * ((x + Functions.Of(3)) / Functions.Of(6)), x);
    }

    private readonly struct HardSwishPrime : IVectorFunction
    {
        public Vector256<double> Of(Vector256<double> x) =>
            Between(x, -3, 3, (x / Functions.Of(3)) + Functions.Of(0.5), Vector256<double>.One);
    }
}
