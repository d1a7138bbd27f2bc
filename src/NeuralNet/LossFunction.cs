using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Delegates;
using NeuralNet.Guards;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Represents a loss for <see cref="Network.Use(LossFunction)"/>: its name, E and its derivative dE/dY as one value.</summary>
/// <remarks>
/// <para>
/// What the article passes as two functions, <c>net.Use(Losses.Mse, Losses.MsePrime)</c>, is <c>net.Use(LossFunction.Mse)</c> here; both
/// mean the same. <see cref="Create"/> makes one of functions of your own.
/// </para>
/// <para>
/// A cross-entropy of probabilities y and the activation that makes them from logits z are computed together:
/// <see cref="BinaryCrossEntropy"/> after
/// <see cref="ActivationFunction.Sigmoid"/>, <see cref="CategoricalCrossEntropy"/> after <see cref="SoftmaxLayer"/>. Where a network ends
/// in such a layer, Fit and Evaluate take E and
/// dE/dZ = y - t (divided by n where the loss is a mean) from z, and both are right within rounding however far y is rounded to 0 or 1.
/// </para>
/// </remarks>
public sealed class LossFunction
{
    private LossFunction(LossKernel kernel, Loss function, LossPrime derivative) =>
        (Kernel, Function, Derivative) = (kernel, function, derivative);

    private LossFunction(LossKernel kernel) => (Kernel, Function, Derivative) = (kernel, Apply, ApplyDerivative);

    /// <summary>Gets the mean squared error: <see cref="Losses.Mse"/> with <see cref="Losses.MsePrime"/>.</summary>
    public static LossFunction Mse { get; } = new(LossFunctions.Mse, Losses.Mse, Losses.MsePrime);

    /// <summary>Gets the mean absolute error: <see cref="Losses.Mae"/> with <see cref="Losses.MaePrime"/>.</summary>
    public static LossFunction Mae { get; } = new(LossFunctions.Mae, Losses.Mae, Losses.MaePrime);

    /// <summary>
    /// Gets the Huber loss with δ = 1: <see cref="Losses.Huber(Matrix{double}, Matrix{double})"/> with <see cref="Losses.HuberPrime"/>.
    /// </summary>
    public static LossFunction Huber { get; } = new(LossFunctions.Huber, Losses.Huber, Losses.HuberPrime);

    /// <summary>Gets the binary cross-entropy of the sigmoid of logits: <see cref="Losses.BinaryCrossEntropyFromLogits"/> with
    /// <see cref="Losses.BinaryCrossEntropyFromLogitsPrime"/>.</summary>
    public static LossFunction BinaryCrossEntropyFromLogits { get; } = new(
        LossFunctions.BinaryCrossEntropyFromLogits, Losses.BinaryCrossEntropyFromLogits, Losses.BinaryCrossEntropyFromLogitsPrime);

    /// <summary>Gets the binary cross-entropy of probabilities: <see cref="Losses.BinaryCrossEntropy"/> with
    /// <see cref="Losses.BinaryCrossEntropyPrime"/>.</summary>
    /// <remarks>After an ActivationLayer of <see cref="ActivationFunction.Sigmoid"/> a network computes both together; see
    /// <see cref="LossFunction"/>.</remarks>
    public static LossFunction BinaryCrossEntropy { get; } =
        new(LossFunctions.BinaryCrossEntropy, Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime)
        {
            Fusion = (
                layer => (layer as ActivationLayer)?.Function == ActivationFunction.Sigmoid, LossFunctions.BinaryCrossEntropyFromLogits),
        };

    /// <summary>Gets the cross-entropy of the softmax of logits: <see cref="Losses.SoftmaxCrossEntropy"/> with
    /// <see cref="Losses.SoftmaxCrossEntropyPrime"/>.</summary>
    public static LossFunction SoftmaxCrossEntropy { get; } =
        new(LossFunctions.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);

    /// <summary>Gets the cross-entropy of the probabilities of classes: <see cref="Losses.CategoricalCrossEntropy"/> with
    /// <see cref="Losses.CategoricalCrossEntropyPrime"/>.</summary>
    /// <remarks>After a <see cref="SoftmaxLayer"/> a network computes both together; see <see cref="LossFunction"/>.</remarks>
    public static LossFunction CategoricalCrossEntropy { get; } =
        new(LossFunctions.CategoricalCrossEntropy, Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime)
        {
            Fusion = (layer => layer is SoftmaxLayer, LossFunctions.SoftmaxCrossEntropy),
        };

    /// <summary>Gets the name, such as <c>Mse</c>: that of the function in <see cref="Losses"/>, which model files know it by.</summary>
    public string Name => Kernel.Name;

    /// <summary>Gets E of a sample.</summary>
    public Loss Function { get; }

    /// <summary>Gets dE/dY of a sample.</summary>
    public LossPrime Derivative { get; }

    /// <summary>Whether it is one of the library's.</summary>
    internal bool IsBuiltIn { get; private init; } = true;

    /// <summary>The loss and its derivative over spans.</summary>
    internal LossKernel Kernel { get; }

    /// <summary>The layers that the loss is computed together with, and the kernel of both, whose predictions are what goes into such a
    /// layer; null where there are none.</summary>
    internal (Predicate<Layer> Follows, LossKernel Kernel)? Fusion { get; private init; }

    private static LossFunction[] BuiltIn { get; } =
        [Mse, Mae, Huber, BinaryCrossEntropy, BinaryCrossEntropyFromLogits, SoftmaxCrossEntropy, CategoricalCrossEntropy];

    /// <summary>Returns the Huber loss with a δ of its own (Huber, 1964): E = 1/n Σ h(y - t) with h(d) = d²/2 for |d| ≤ δ, else
    /// δ (|d| - δ/2).</summary>
    /// <param name="delta">δ, where the parabola becomes a line: finite, above 0. With 1 it is <see cref="Huber"/>.</param>
    /// <returns>The loss, named <c>Huber(δ)</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delta"/> is out of its range.</exception>
    public static LossFunction HuberWith(double delta)
    {
        Check.Number(delta, delta > 0, "Huber's delta", " above 0", nameof(delta));
        return delta == 1 ? Huber : new(LossFunctions.HuberOf(FormattableString.Invariant($"{nameof(Huber)}({delta})"), delta));
    }

    /// <summary>Returns the quantile or pinball loss, by which a network learns a quantile of its targets (Koenker and Bassett, 1978):
    /// E = 1/n Σ max(q (t - y), (q - 1) (t - y)).</summary>
    /// <param name="quantile">q: above 0, below 1; 0.9 for what nine of ten targets stay below, 0.5 for the median.</param>
    /// <returns>The loss, named <c>Quantile(q)</c>. Its derivative by y is -q / n below t, (1 - q) / n above, and 0 at t.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="quantile"/> is out of its range.</exception>
    public static LossFunction Quantile(double quantile)
    {
        Check.Number(quantile, quantile is > 0 and < 1, "Quantile's quantile", " above 0 and below 1", nameof(quantile));
        return new(LossFunctions.QuantileOf(FormattableString.Invariant($"{nameof(Quantile)}({quantile})"), quantile));
    }

    /// <summary>Makes a loss of your own, which runs as fast as the library's: on spans, and on all threads.</summary>
    /// <param name="name">The name, by which a <see cref="LayerRegistry"/> knows it; none of the library's.</param>
    /// <param name="function">E of a sample.</param>
    /// <param name="derivative">dE/dY of a sample.</param>
    /// <returns>The loss.</returns>
    /// <remarks>
    /// <para>
    /// Several threads call the functions at once, each with a sample of its own: the derivative must write every value that it is
    /// given a place for, and neither may change anything else. What they throw reaches the caller of Fit as the InnerException of an
    /// <see cref="InvalidOperationException"/> that names the loss.
    /// </para>
    /// <para>To save a network with it, pass a registry with <see cref="LayerRegistry.AddLoss(LossFunction)"/>. Make it once, and use
    /// that one.</para>
    /// </remarks>
    /// <example>
    /// <code>
    /// var squares = LossFunction.Create(
    ///     "Squares",
    ///     (yTrue, yPred) => Math.Pow(TensorPrimitives.Distance(yTrue, yPred), 2),
    ///     (yTrue, yPred, error) =>
    ///     {
    ///         TensorPrimitives.Subtract(yPred, yTrue, error);
    ///         TensorPrimitives.Multiply(error, 2, error);
    ///     });
    /// network.Use(squares);
    /// </code>
    /// </example>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or one of the library's losses'.</exception>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public static LossFunction Create(string name, LossValue function, LossDerivative derivative)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(derivative);
        if (Named(name) is not null)
        {
            throw new ArgumentException($"The library has a loss '{name}' already. Give yours another name.", nameof(name));
        }

        return new(new LossKernel(
            name,
            (yTrue, yPred) =>
            {
                try
                {
                    return function(yTrue, yPred);
                }
                catch (Exception e) when (UserCode.HasNoName(e))
                {
                    throw UserCode.Named($"The function of the loss {name}", e);
                }
            },
            (yTrue, yPred, error) =>
            {
                try
                {
                    derivative(yTrue, yPred, error);
                }
                catch (Exception e) when (UserCode.HasNoName(e))
                {
                    throw UserCode.Named($"The derivative of the loss {name}", e);
                }
            }))
        {
            IsBuiltIn = false,
        };
    }

    /// <summary>Returns the name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;

    /// <summary>The loss of that name; null where there is none.</summary>
    internal static LossFunction? Named(string name) => Array.Find(BuiltIn, function => function.Name == name)
        ?? (NameWithNumber.Of(name) is var (kind, number) ? Of(kind, number) : null);

    /// <summary>The loss that two delegates stand for; null where it is unknown.</summary>
    /// <exception cref="ArgumentException">Both are the library's own, but the second is not the derivative of the first.</exception>
    internal static LossFunction? Of(Loss loss, LossPrime lossPrime, string parameter) =>
        loss.Target is LossFunction own && own.Function == loss && own.Derivative == lossPrime ? own
        : KnownPair.Find(
            BuiltIn.Select(one => (one, one.Name, one.Function, one.Derivative)),
            (loss, lossPrime),
            (given, expected) => new ArgumentException(
                $"A loss and its derivative are expected, but got Losses.{given.Function} and Losses.{given.Derivative}. "
                + $"Pass LossFunction.{expected}, or Losses.{expected} and Losses.{expected}Prime.",
                parameter));

    private static LossFunction? Of(string kind, double number) => kind switch
    {
        nameof(Huber) when number > 0 => HuberWith(number),
        nameof(Quantile) when number is > 0 and < 1 => Quantile(number),
        _ => null,
    };

    private double Apply(Matrix<double> yTrue, Matrix<double> yPred)
    {
        RequireSameShape(yTrue, yPred);
        return Kernel.Of(yTrue.Values(), yPred.Values(), yTrue.RowCount);
    }

    private Matrix<double> ApplyDerivative(Matrix<double> yTrue, Matrix<double> yPred)
    {
        RequireSameShape(yTrue, yPred);
        var error = Batch.New(Shape.Of(yPred), 1);
        Kernel.Prime(yTrue.Values(), yPred.Values(), yTrue.RowCount, error.Values);
        return error.AsMatrix();
    }

    private void RequireSameShape(Matrix<double> yTrue, Matrix<double> yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        Check.Countable(yTrue, "yTrue", nameof(yTrue));
        if (!Shape.Of(yTrue).SameMatrix(Shape.Of(yPred)))
        {
            throw new ArgumentException(
                $"The loss {Name} expects yTrue in the shape of yPred, {Shape.Of(yPred)}, but got {Shape.Of(yTrue)}.", nameof(yTrue));
        }
    }
}
