using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Loss functions E and their derivatives dE/dY, for <see cref="Network.Use"/>.</summary>
/// <remarks>In the formulas t is a true value, y its prediction, and n the number of values in a sample. The sums run over all values of a matrix of any shape.</remarks>
public static class Losses
{
    private static readonly (Loss Loss, LossPrime Prime, LossFunction Kernel)[] s_builtIn =
    [
        (Mse, MsePrime, LossFunctions.Mse),
        (Mae, MaePrime, LossFunctions.Mae),
        (Huber, HuberPrime, LossFunctions.Huber),
        (BinaryCrossEntropy, BinaryCrossEntropyPrime, LossFunctions.BinaryCrossEntropy),
    ];

    /// <summary>The mean squared error: E = 1/n Σ (t - y)².</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double Mse(Matrix<double> yTrue, Matrix<double> yPred) => Apply(nameof(Mse), LossFunctions.Mse, yTrue, yPred);

    /// <summary>The derivative of the mean squared error by the prediction: 2 (y - t) / n.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> MsePrime(Matrix<double> yTrue, Matrix<double> yPred) => ApplyPrime(nameof(MsePrime), LossFunctions.Mse, yTrue, yPred);

    /// <summary>The mean absolute error: E = 1/n Σ |t - y|.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double Mae(Matrix<double> yTrue, Matrix<double> yPred) => Apply(nameof(Mae), LossFunctions.Mae, yTrue, yPred);

    /// <summary>The derivative of the mean absolute error by the prediction: sign(y - t) / n, 0 where y = t.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> MaePrime(Matrix<double> yTrue, Matrix<double> yPred) => ApplyPrime(nameof(MaePrime), LossFunctions.Mae, yTrue, yPred);

    /// <summary>The Huber loss with δ = 1 (Huber, 1964): E = 1/n Σ h(y - t) with h(d) = d²/2 for |d| ≤ 1, else |d| - 1/2.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double Huber(Matrix<double> yTrue, Matrix<double> yPred) => Apply(nameof(Huber), LossFunctions.Huber, yTrue, yPred);

    /// <summary>The derivative of the Huber loss with δ = 1 (Huber, 1964) by the prediction: clamp(y - t, -1, 1) / n.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> HuberPrime(Matrix<double> yTrue, Matrix<double> yPred) => ApplyPrime(nameof(HuberPrime), LossFunctions.Huber, yTrue, yPred);

    /// <summary>The binary cross-entropy: E = -1/n Σ (t ln y + (1 - t) ln(1 - y)), each logarithm no less than -100.</summary>
    /// <remarks>Predictions are probabilities in [0, 1], 0 and 1 included: both values stay finite. Outside of it the loss is NaN.</remarks>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double BinaryCrossEntropy(Matrix<double> yTrue, Matrix<double> yPred) => Apply(nameof(BinaryCrossEntropy), LossFunctions.BinaryCrossEntropy, yTrue, yPred);

    /// <summary>The derivative of the binary cross-entropy by the prediction: (y - t) / max(y(1 - y), 1e-12) / n.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> BinaryCrossEntropyPrime(Matrix<double> yTrue, Matrix<double> yPred) => ApplyPrime(nameof(BinaryCrossEntropyPrime), LossFunctions.BinaryCrossEntropy, yTrue, yPred);

    /// <summary>The kernels behind a pair of functions of this class; null for any other pair.</summary>
    internal static LossFunction? BuiltIn(Loss loss, LossPrime prime) =>
        Array.Find(s_builtIn, entry => entry.Loss == loss && entry.Prime == prime).Kernel;

    private static double Apply(string name, LossFunction kernel, Matrix<double> yTrue, Matrix<double> yPred)
    {
        RequireSameShape(name, yTrue, yPred);
        return kernel.Function(yTrue.Values(), yPred.Values());
    }

    private static Matrix<double> ApplyPrime(string name, LossFunction kernel, Matrix<double> yTrue, Matrix<double> yPred)
    {
        RequireSameShape(name, yTrue, yPred);
        var error = Batch.New(Shape.Of(yPred), 1);
        kernel.Derivative(yTrue.Values(), yPred.Values(), error.Values);
        return error.AsMatrix();
    }

    private static void RequireSameShape(string name, Matrix<double> yTrue, Matrix<double> yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        Check.NotEmpty(yTrue, "yTrue", nameof(yTrue));
        if (!Shape.Of(yTrue).SameMatrix(Shape.Of(yPred)))
        {
            throw new ArgumentException($"Losses.{name} expects yTrue in the shape of yPred, {Shape.Of(yPred)}, but got {Shape.Of(yTrue)}.", nameof(yTrue));
        }
    }
}
