using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Loss functions E and their derivatives dE/dY, for <see cref="Network.Use(Loss, LossPrime)"/>.</summary>
/// <remarks>
/// <para>
/// In the formulas t is a true value, y its prediction, and n the number of values in a sample. The sums run over all values of a matrix of
/// any shape; those of <see cref="SoftmaxCrossEntropy"/> and <see cref="CategoricalCrossEntropy"/> over a row, the classes of one step, and
/// E is the mean over the rows.
/// </para>
/// <para>
/// To choose one of several classes, end the network in an <see cref="FCLayer"/> with one value a class and no activation, and use
/// <see cref="SoftmaxCrossEntropy"/>, which contains the softmax. Where the network itself is to give probabilities, end it in a
/// <see cref="SoftmaxLayer"/> and use <see cref="CategoricalCrossEntropy"/>. Never both: SoftmaxCrossEntropy after a SoftmaxLayer takes
/// the softmax twice, and learns badly. Where several classes may hold at once, use <see cref="BinaryCrossEntropy"/> after
/// <see cref="Activations.Sigmoid"/>, or <see cref="BinaryCrossEntropyFromLogits"/> without.
/// </para>
/// <para>
/// A network computes <see cref="CategoricalCrossEntropy"/> and <see cref="BinaryCrossEntropy"/> together with the layer before them, from
/// what goes into it, and is exact however sure it is; see <see cref="LossFunction"/>. The functions of this class have the probability
/// alone to go by, and do what a double allows: a probability that has rounded to 0 or 1 counts as the nearest double that is neither.
/// </para>
/// </remarks>
public static class Losses
{
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
    public static Matrix<double> MsePrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(MsePrime), LossFunctions.Mse, yTrue, yPred);

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
    public static Matrix<double> MaePrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(MaePrime), LossFunctions.Mae, yTrue, yPred);

    /// <summary>The Huber loss with δ = 1 (Huber, 1964): E = 1/n Σ h(y - t) with h(d) = d²/2 for |d| ≤ 1, else |d| - 1/2.</summary>
    /// <remarks><see cref="LossFunction.HuberWith"/> has another δ.</remarks>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double Huber(Matrix<double> yTrue, Matrix<double> yPred) => Apply(nameof(Huber), LossFunctions.Huber, yTrue, yPred);

    /// <summary>Returns the Huber loss with a δ of its own, for <see cref="Network.Use(LossFunction)"/>.</summary>
    /// <inheritdoc cref="LossFunction.HuberWith"/>
    public static LossFunction Huber(double delta) => LossFunction.HuberWith(delta);

    /// <summary>Returns the quantile or pinball loss, for <see cref="Network.Use(LossFunction)"/>.</summary>
    /// <inheritdoc cref="LossFunction.Quantile"/>
    public static LossFunction Quantile(double quantile) => LossFunction.Quantile(quantile);

    /// <summary>The derivative of the Huber loss with δ = 1 (Huber, 1964) by the prediction: clamp(y - t, -1, 1) / n.</summary>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> HuberPrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(HuberPrime), LossFunctions.Huber, yTrue, yPred);

    /// <summary>The binary cross-entropy: E = -1/n Σ (t ln y + (1 - t) ln(1 - y)).</summary>
    /// <remarks>
    /// Predictions are probabilities in [0, 1]. E is exact for every double between 0 and 1, and finite at both: at y = 0, ln y counts as
    /// that of
    /// the least double above 0, -744.4, and at y = 1, ln(1 - y) as that of 2⁻⁵³, -36.7. Outside of [0, 1] it is NaN.
    /// </remarks>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double BinaryCrossEntropy(Matrix<double> yTrue, Matrix<double> yPred) =>
        Apply(nameof(BinaryCrossEntropy), LossFunctions.BinaryCrossEntropy, yTrue, yPred);

    /// <summary>The derivative of the binary cross-entropy by the prediction: (y - t) / y(1 - y) / n.</summary>
    /// <remarks>Where the quotient is too great for a double, as at y = 0 for t &gt; 0, it is the greatest double;
    /// where y = t = 0 it is 1 / n, and where y = t = 1, -1 / n.</remarks>
    /// <param name="yTrue">t, of any shape.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> BinaryCrossEntropyPrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(BinaryCrossEntropyPrime), LossFunctions.BinaryCrossEntropy, yTrue, yPred);

    /// <summary>
    /// The binary cross-entropy of the sigmoid of the output, for a network that ends without a sigmoid: E = 1/n Σ -(t ln σ(z) + (1 - t)
    /// ln σ(-z)).
    /// </summary>
    /// <remarks>
    /// Predictions are logits: any finite numbers, above 0 for a yes that is likelier than not. E is exact at any logit. After
    /// <see cref="Activations.Sigmoid"/> use <see cref="BinaryCrossEntropy"/>. So <see cref="Network.Predict(Matrix{double})"/> gives
    /// logits; <see cref="Network.PredictProbabilities(Matrix{double})"/> gives their sigmoid.
    /// </remarks>
    /// <param name="yTrue">t, of any shape: 0 or 1, or a probability.</param>
    /// <param name="yPred">z, the logits, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double BinaryCrossEntropyFromLogits(Matrix<double> yTrue, Matrix<double> yPred) =>
        Apply(nameof(BinaryCrossEntropyFromLogits), LossFunctions.BinaryCrossEntropyFromLogits, yTrue, yPred);

    /// <summary>The derivative of <see cref="BinaryCrossEntropyFromLogits"/> by the logits: (σ(z) - t) / n.</summary>
    /// <param name="yTrue">t, of any shape: 0 or 1, or a probability.</param>
    /// <param name="yPred">z, the logits, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dZ, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> BinaryCrossEntropyFromLogitsPrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(BinaryCrossEntropyFromLogitsPrime), LossFunctions.BinaryCrossEntropyFromLogits, yTrue, yPred);

    /// <summary>
    /// The cross-entropy of the softmax of the output, for a network that ends without a softmax: E = -Σ t ln softmax(y) = Σ t (ln Σ eʸ
    /// - y).
    /// </summary>
    /// <remarks>
    /// Predictions are logits: any finite numbers, greater for a likelier class. E is finite wherever it can be written as a double, at y =
    /// ±1e308 too, and NaN where a prediction is NaN or ∞. No 1/n: the sum is over the classes of one row; of several
    /// rows E is the mean. <see cref="Network.Predict(Matrix{double})"/> gives logits then, and
    /// <see cref="Network.PredictProbabilities(Matrix{double})"/> their softmax. After a SoftmaxLayer use
    /// <see cref="CategoricalCrossEntropy"/>.
    /// </remarks>
    /// <param name="yTrue">t, of any shape: 1 for the true class and 0 elsewhere, or the probability of each class.</param>
    /// <param name="yPred">y, the logits, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double SoftmaxCrossEntropy(Matrix<double> yTrue, Matrix<double> yPred) =>
        Apply(nameof(SoftmaxCrossEntropy), LossFunctions.SoftmaxCrossEntropy, yTrue, yPred);

    /// <summary>
    /// The derivative of <see cref="SoftmaxCrossEntropy"/> by the logits: softmax(y) Σt - t, which is softmax(y) - t for targets that add
    /// up to 1; divided by the number of rows.
    /// </summary>
    /// <param name="yTrue">t, of any shape: 1 for the true class and 0 elsewhere, or the probability of each class.</param>
    /// <param name="yPred">y, the logits, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> SoftmaxCrossEntropyPrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(SoftmaxCrossEntropyPrime), LossFunctions.SoftmaxCrossEntropy, yTrue, yPred);

    /// <summary>The cross-entropy of probabilities, for a network that ends in a SoftmaxLayer: E = -Σ t ln y.</summary>
    /// <remarks>
    /// Predictions are probabilities in [0, 1]. E is exact for every double above 0, and finite at 0, where ln y counts as that of the
    /// least double above it, -744.4. Below 0 it is NaN. No 1/n: the sum is over the classes of one row; of several rows E is the mean.
    /// Without a SoftmaxLayer use <see cref="SoftmaxCrossEntropy"/>.
    /// </remarks>
    /// <param name="yTrue">t, of any shape: 1 for the true class and 0 elsewhere, or the probability of each class.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double CategoricalCrossEntropy(Matrix<double> yTrue, Matrix<double> yPred) =>
        Apply(nameof(CategoricalCrossEntropy), LossFunctions.CategoricalCrossEntropy, yTrue, yPred);

    /// <summary>The derivative of <see cref="CategoricalCrossEntropy"/> by the probabilities: -t / y, 0 where t = 0; divided by the number
    /// of rows.</summary>
    /// <remarks>Where the quotient is too great for a double, as at y = 0 for t &gt; 0, it is the greatest one.</remarks>
    /// <param name="yTrue">t, of any shape: 1 for the true class and 0 elsewhere, or the probability of each class.</param>
    /// <param name="yPred">y, in the shape of <paramref name="yTrue"/>.</param>
    /// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Matrix<double> CategoricalCrossEntropyPrime(Matrix<double> yTrue, Matrix<double> yPred) =>
        ApplyPrime(nameof(CategoricalCrossEntropyPrime), LossFunctions.CategoricalCrossEntropy, yTrue, yPred);

    private static double Apply(string name, LossKernel kernel, Matrix<double> yTrue, Matrix<double> yPred)
    {
        RequireSameShape(name, yTrue, yPred);
        return kernel.Of(yTrue.Values(), yPred.Values(), yTrue.RowCount);
    }

    private static Matrix<double> ApplyPrime(string name, LossKernel kernel, Matrix<double> yTrue, Matrix<double> yPred)
    {
        RequireSameShape(name, yTrue, yPred);
        var error = Batch.New(Shape.Of(yPred), 1);
        kernel.Prime(yTrue.Values(), yPred.Values(), yTrue.RowCount, error.Values);
        return error.AsMatrix();
    }

    private static void RequireSameShape(string name, Matrix<double> yTrue, Matrix<double> yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        Check.Countable(yTrue, "yTrue", nameof(yTrue));
        if (!Shape.Of(yTrue).SameMatrix(Shape.Of(yPred)))
        {
            throw new ArgumentException(
                $"Losses.{name} expects yTrue in the shape of yPred, {Shape.Of(yPred)}, but got {Shape.Of(yTrue)}.", nameof(yTrue));
        }
    }
}
