using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>The losses and their derivatives over spans.</summary>
internal static class LossFunctions
{
    private const int Lanes = 4;
    private const double LeastLogarithm = -100;
    private const double LeastVariance = 1e-12;
    private const double LeastProbability = 1e-12;

    public static readonly LossFunction Mse = new("Mse", MeanOfSquares, MsePrime);
    public static readonly LossFunction Mae = Mean("Mae", (t, y) => Math.Abs(t - y), (t, y) => y > t ? 1 : y < t ? -1 : 0);
    public static readonly LossFunction Huber = Mean("Huber", HuberOf, (t, y) => Math.Clamp(y - t, -1, 1));
    public static readonly LossFunction BinaryCrossEntropy = Mean(
        "BinaryCrossEntropy",
        (t, y) => -((t * Logarithm(y)) + ((1 - t) * Logarithm(1 - y))),
        (t, y) => (y - t) / Math.Max(y * (1 - y), LeastVariance));

    public static readonly LossFunction CategoricalCrossEntropy = Sum(
        "CategoricalCrossEntropy",
        (t, y) => -t * Logarithm(y),
        (t, y) => -t / Math.Max(y, LeastProbability));

    public static readonly LossFunction SoftmaxCrossEntropy = new("SoftmaxCrossEntropy", CrossEntropyOfLogits, CrossEntropyOfLogitsPrime);

    private static LossFunction Sum(string name, Func<double, double, double> loss, Func<double, double, double> derivative) => new(
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

    private static LossFunction Mean(string name, Func<double, double, double> loss, Func<double, double, double> derivative)
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

    /// <summary>Σ t (ln Σ eʸ - y), with ln Σ eʸ = g + ln Σ eʸ⁻ᵍ for the greatest y, g.</summary>
    private static double CrossEntropyOfLogits(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred)
    {
        double greatest = Softmax.Greatest(yPred);
        double sumOfTargets = 0;
        double sumOfPowers = 0;
        double distance = 0;
        for (int i = 0; i < yPred.Length; i++)
        {
            sumOfTargets += yTrue[i];
            sumOfPowers += Math.Exp(yPred[i] - greatest);

            // Half of each, because from -1e308 to 1e308 is too far for a double, and 0 times infinity is not 0.
            distance += 2 * yTrue[i] * ((greatest / 2) - (yPred[i] / 2));
        }

        return distance + (sumOfTargets * Math.Log(sumOfPowers));
    }

    private static void CrossEntropyOfLogitsPrime(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, Span<double> error)
    {
        Softmax.Apply(yPred, error);
        double sumOfTargets = 0;
        foreach (double t in yTrue)
        {
            sumOfTargets += t;
        }

        TensorPrimitives.Multiply(error, sumOfTargets, error);
        TensorPrimitives.Subtract(error, yTrue, error);
    }

    private static double HuberOf(double t, double y)
    {
        double d = Math.Abs(t - y);
        return d <= 1 ? d * d / 2 : d - 0.5;
    }

    private static double Logarithm(double v) => Math.Max(Math.Log(v), LeastLogarithm);
}
