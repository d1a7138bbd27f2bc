using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>The losses and their derivatives over spans.</summary>
internal static class LossFunctions
{
    private const int Lanes = 4;
    /// <summary>The logarithm of the least double above 0, for a probability that has rounded to 0.</summary>
    private static readonly double s_leastLogarithm = Math.Log(double.Epsilon);

    /// <summary>The logarithm of the least distance of a double from 1, for a probability that has rounded to 1.</summary>
    private static readonly double s_leastLogarithmOfRest = Math.Log(1 - Math.BitDecrement(1));

    public static readonly LossKernel Mse = new("Mse", MeanOfSquares, MsePrime);
    public static readonly LossKernel Mae = Mean("Mae", (t, y) => Math.Abs(t - y), (t, y) => y > t ? 1 : y < t ? -1 : 0);
    public static readonly LossKernel Huber = HuberOf("Huber", 1);
    public static readonly LossKernel BinaryCrossEntropy = Mean(
        "BinaryCrossEntropy",
        (t, y) => -((t * Logarithm(y)) + ((1 - t) * LogarithmOfRest(y))),
        BinaryCrossEntropyPrime);

    /// <summary>The binary cross-entropy of y = σ(z) from z: -ln σ(z) is softplus(-z), and σ(-z) is 1 - σ(z) without its
    /// rounding.</summary>
    public static readonly LossKernel BinaryCrossEntropyFromLogits = Mean(
        "BinaryCrossEntropyFromLogits",
        (t, z) => (t * Functions.SoftplusOf(-z)) + ((1 - t) * Functions.SoftplusOf(z)),
        (t, z) => t > 0.5 ? 1 - t - Functions.Logistic(-z) : Functions.Logistic(z) - t);

    public static readonly LossKernel CategoricalCrossEntropy =
        Sum("CategoricalCrossEntropy", (t, y) => -t * Logarithm(y), (t, y) => -Finite(Quotient(t, y))) with { IsRowwise = true };

    public static readonly LossKernel SoftmaxCrossEntropy =
        new("SoftmaxCrossEntropy", CrossEntropyOfLogits, CrossEntropyOfLogitsPrime) { IsRowwise = true };

    /// <summary>d²/2 for |d| ≤ δ, else δ (|d| - δ/2), with d = y - t.</summary>
    public static LossKernel HuberOf(string name, double delta) => Mean(
        name,
        (t, y) => Math.Abs(t - y) is var d && d <= delta ? d * d / 2 : delta * (d - (delta / 2)),
        (t, y) => Math.Clamp(y - t, -delta, delta));

    /// <summary>q (t - y) where y is too low, (1 - q)(y - t) where it is too high.</summary>
    public static LossKernel QuantileOf(string name, double quantile) => Mean(
        name,
        (t, y) => y > t ? (1 - quantile) * (y - t) : quantile * (t - y),
        (t, y) => y > t ? 1 - quantile : y < t ? -quantile : 0);

    private static LossKernel Sum(string name, Func<double, double, double> loss, Func<double, double, double> derivative) => new(
        name,
        (yTrue, yPred) =>
        {
            double sum = 0;
            for (int i = 0; i < yPred.Length; i++)
            {
                sum += loss(yTrue[i], yPred[i]);
            }

            return sum;
        },
        (yTrue, yPred, error) =>
        {
            for (int i = 0; i < yPred.Length; i++)
            {
                error[i] = derivative(yTrue[i], yPred[i]);
            }
        });

    private static LossKernel Mean(string name, Func<double, double, double> loss, Func<double, double, double> derivative)
    {
        var sum = Sum(name, loss, derivative);
        return new(
            name,
            (yTrue, yPred) => sum.Function(yTrue, yPred) / yPred.Length,
            (yTrue, yPred, error) =>
            {
                sum.Derivative(yTrue, yPred, error);
                TensorPrimitives.Divide(error, yPred.Length, error);
            });
    }

    private static double MeanOfSquares(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred)
    {
        var sums = Vector256<double>.Zero;
        int i = 0;
        for (; i + Lanes <= yPred.Length; i += Lanes)
        {
            var d = Vector256.Create(yTrue.Slice(i, Lanes)) - Vector256.Create(yPred.Slice(i, Lanes));
            sums += d * d;
        }

        double sum = Products.Sum(sums);
        for (; i < yPred.Length; i++)
        {
            double d = yTrue[i] - yPred[i];
            sum += d * d;
        }

        return sum / yPred.Length;
    }

    private static void MsePrime(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, Span<double> error)
    {
        TensorPrimitives.Subtract(yPred, yTrue, error);
        TensorPrimitives.Divide(error, 0.5 * yPred.Length, error);
    }

    /// <summary>Σ t (ln Σ eʸ - y), with ln Σ eʸ = g + ln(1 + r) for the greatest y, g, and r = Σ eʸ⁻ᵍ over the others.</summary>
    private static double CrossEntropyOfLogits(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred)
    {
        int top = Softmax.Top(yPred);
        double greatest = yPred[top];

        // 0, or NaN where the greatest is not finite.
        double rest = greatest - greatest;
        double sumOfTargets = 0;
        double distance = 0;
        for (int i = 0; i < yPred.Length; i++)
        {
            sumOfTargets += yTrue[i];
            rest += i == top ? 0 : Math.Exp(yPred[i] - greatest);

            // Half of each, because from -1e308 to 1e308 is too far for a double, and 0 times infinity is not 0.
            distance += 2 * yTrue[i] * ((greatest / 2) - (yPred[i] / 2));
        }

        return distance + (sumOfTargets * Functions.LogOnePlus(rest));
    }

    /// <summary>p Σt - t with p = eʸ⁻ᵍ / (1 + r). For a true class near p = 1 that is Σt - t of the other classes less (1 - p) Σt, with 1
    /// - p = r / (1 + r).</summary>
    private static void CrossEntropyOfLogitsPrime(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, Span<double> error)
    {
        int top = Softmax.Top(yPred);
        double greatest = yPred[top];
        double rest = greatest - greatest;
        double otherTargets = 0;
        for (int i = 0; i < yPred.Length; i++)
        {
            if (i != top)
            {
                error[i] = Math.Exp(yPred[i] - greatest);
                rest += error[i];
                otherTargets += yTrue[i];
            }
        }

        error[top] = 1;
        double sumOfTargets = otherTargets + yTrue[top];
        TensorPrimitives.Multiply(error, sumOfTargets / (1 + rest), error);
        TensorPrimitives.Subtract(error, yTrue, error);
        if (yTrue[top] > 0.5 * sumOfTargets)
        {
            error[top] = otherTargets - (sumOfTargets * (rest / (1 + rest)));
        }
    }

    /// <summary>(y - t) / y(1 - y), which is (1 - t)/(1 - y) - t/y, and finite for every y in [0, 1]: 1 where t = y = 0, -1 where t = y =
    /// 1.</summary>
    private static double BinaryCrossEntropyPrime(double t, double y) =>
        Finite(y is 0 or 1 ? Quotient(1 - t, 1 - y) - Quotient(t, y) : (y - t) / (y * (1 - y)));

    private static double Logarithm(double y) => y == 0 ? s_leastLogarithm : Math.Log(y);

    /// <summary>ln(1 - y).</summary>
    private static double LogarithmOfRest(double y) => y == 1 ? s_leastLogarithmOfRest : Functions.LogOnePlus(-y);

    /// <summary>A quotient that is 0 for 0 / 0.</summary>
    private static double Quotient(double numerator, double denominator) =>
        numerator == 0 && denominator == 0 ? 0 : numerator / denominator;

    /// <summary>The greatest double for ∞: times 0, the derivative of a function that has reached its end, it is 0 and not NaN.</summary>
    private static double Finite(double v) => Math.Clamp(v, -double.MaxValue, double.MaxValue);
}
