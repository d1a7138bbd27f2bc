using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet.Batches;
using NeuralNet.Layers;
using NeuralNet.Training;

namespace NeuralNet;

/// <summary>Compares derivatives with finite differences: a check for every layer and loss, a user's own included.</summary>
/// <remarks>
/// <para>
/// A layer is checked under a random output error R, uniform in [-1, 1): E = Σ R ∘ Y, so that dE/dY = R. Each derivative is compared with
/// the central difference of fourth order, (8(E(v+h) - E(v-h)) - (E(v+2h) - E(v-2h))) / 12h (Fornberg, 1988), with h = 0.001 * max(1, |v|).
/// </para>
/// <para>
/// The relative error of a pair is |analytic - numeric| / max(|analytic|, |numeric|, floor): the floor, a thousandth of the matrix'
/// greatest numeric value or 1e-6 if that is more, keeps the rounding of a value near 0 from counting. Choose inputs farther than 0.002
/// from kinks such as Relu's at 0.
/// </para>
/// </remarks>
public static class GradientCheck
{
    private const double Step = 1e-3;

    /// <summary>
    /// Checks dE/dX of a layer, and the gradient of each of its <see cref="TrainableLayer.Parameters"/> that is not frozen.
    /// </summary>
    /// <param name="layer">
    /// Any layer. One with the article's two methods only is asked for <c>BackwardPropagation(R, 0)</c>, and its dE/dX is checked.
    /// </param>
    /// <param name="input">X, in a shape that the layer takes; finite numbers.</param>
    /// <param name="random">Draws the output error; a fixed seed where none is given.</param>
    /// <returns>The worst relative error and where it is.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> holds NaN or infinity, or the layer refuses it.</exception>
    /// <exception cref="InvalidOperationException">The layer returned null, or dE/dX in another shape than X.</exception>
    /// <remarks>
    /// Parameters and gradients are as before afterwards; the layer's Input and Output are those of the check. An
    /// <see cref="EmbeddingLayer"/>, which takes whole numbers, has no dE/dX to check.
    /// </remarks>
    public static GradientCheckResult Run(Layer layer, Matrix<double> input, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(input);
        Check.Finite(input, "The input", nameof(input));
        random ??= new Xoshiro256StarStar(1);

        var x = Dense(input);
        var before = new Snapshot([layer]);
        layer.FreezeRandom(true);
        var y = Forward(layer, x);
        var outputError = Matrix<double>.Build.Dense(y.RowCount, y.ColumnCount, (_, _) => (2 * random.NextDouble()) - 1);
        var all = (layer as TrainableLayer)?.Parameters ?? [];
        var parameters = LayerTree.TrainableParameters([layer]);
        var saved = all.Select(parameter => parameter.Gradient.Clone()).ToArray();
        try
        {
            foreach (var parameter in all)
            {
                parameter.Gradient.Clear();
            }

            var inputError = layer is TrainableLayer trainable
                ? trainable.Backward(outputError.Clone())
                : layer.BackwardPropagation(outputError.Clone(), 0);
            RequireShape(layer.Name, inputError, x);
            var analytic = parameters.Select(parameter => parameter.Gradient.Clone()).ToArray();

            double Difference(Matrix<double> plus, Matrix<double> minus) => outputError.PointwiseMultiply(plus - minus).Enumerate().Sum();
            var worst = layer.TakesAnyNumbers
                ? Compare("dE/dX", inputError, x, () => Forward(layer, x), Difference)
                : new GradientCheckResult(0, "dE/dX", 0, 0);
            for (int i = 0; i < parameters.Count; i++)
            {
                worst = Worse(
                    worst, Compare($"dE/d{parameters[i].Name}", analytic[i], parameters[i].Value, () => Forward(layer, x), Difference));
            }

            Forward(layer, x);
            return worst;
        }
        finally
        {
            for (int i = 0; i < saved.Length; i++)
            {
                saved[i].CopyTo(all[i].Gradient);
            }

            before.Restore();
            layer.FreezeRandom(false);
        }
    }

    /// <summary>Checks the derivative of a loss by the prediction.</summary>
    /// <param name="loss">E.</param>
    /// <param name="lossPrime">dE/dY.</param>
    /// <param name="yTrue">A target; finite numbers.</param>
    /// <param name="yPred">
    /// A prediction in the same shape; finite numbers, farther than 0.002 from where the loss has a kink or an end.
    /// </param>
    /// <returns>The worst relative error and where it is.</returns>
    /// <exception cref="ArgumentException">A matrix holds NaN or infinity, or the shapes differ.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="lossPrime"/> returned null or another shape than yPred's.</exception>
    public static GradientCheckResult RunLoss(Loss loss, LossPrime lossPrime, Matrix<double> yTrue, Matrix<double> yPred)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(lossPrime);
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        return Run(("dE/dY", nameof(yPred)), loss, lossPrime, yTrue, yPred);
    }

    /// <summary>Checks the derivative of a loss by the prediction.</summary>
    /// <param name="loss">The loss with its derivative.</param>
    /// <param name="yTrue">A target; finite numbers.</param>
    /// <param name="yPred">A prediction in the same shape; finite numbers, farther than 0.002 from where the loss has a kink or an
    /// end.</param>
    /// <returns>The worst relative error and where it is.</returns>
    /// <exception cref="ArgumentException">A matrix holds NaN or infinity, or the shapes differ.</exception>
    public static GradientCheckResult RunLoss(LossFunction loss, Matrix<double> yTrue, Matrix<double> yPred)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return RunLoss(loss.Function, loss.Derivative, yTrue, yPred);
    }

    /// <summary>Checks the derivative of a loss together with the layer before it, as Fit computes both where a network ends in this
    /// layer.</summary>
    /// <param name="loss">The loss with its derivative.</param>
    /// <param name="yTrue">A target; finite numbers.</param>
    /// <param name="input">X of the layer, in the shape of <paramref name="yTrue"/>; finite numbers.</param>
    /// <param name="last">A layer that keeps the shape, such as an <see cref="ActivationLayer"/> or a <see cref="SoftmaxLayer"/>.</param>
    /// <returns>The worst relative error of dE/dX and where it is.</returns>
    /// <exception cref="ArgumentException">A matrix holds NaN or infinity, or the shapes differ.</exception>
    /// <exception cref="InvalidOperationException">The layer returned null or another shape.</exception>
    public static GradientCheckResult RunLoss(LossFunction loss, Matrix<double> yTrue, Matrix<double> input, Layer last)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(last);
        if (new Criterion(loss).After(last) is { TakesInputOfLast: true } both)
        {
            return Run(
                ("dE/dX", nameof(input)),
                (t, z) => both.Loss(t, Batch.Of(z, Shape.Of(z)), 0),
                (t, z) =>
                {
                    var error = Batch.New(Shape.Of(z), 1);
                    both.Prime(t, Batch.Of(z, Shape.Of(z)), 0, error.Values);
                    return error.AsMatrix();
                },
                yTrue,
                input);
        }

        return Run(
            ("dE/dX", nameof(input)),
            (t, x) => loss.Function(t, Forward(last, x)),
            (t, x) => last.BackwardPropagation(loss.Derivative(t, Forward(last, x)), 0),
            yTrue,
            input);
    }

    private static GradientCheckResult Run(
        (string Derivative, string Values) names, Loss loss, LossPrime lossPrime, Matrix<double> yTrue, Matrix<double> yPred)
    {
        Check.Finite(yTrue, "yTrue", nameof(yTrue));
        Check.Finite(yPred, names.Values, names.Values);
        if (!Shape.Of(yTrue).SameMatrix(Shape.Of(yPred)))
        {
            throw new ArgumentException(
                $"The check expects yTrue in the shape of {names.Values}, {Shape.Of(yPred)}, but got {Shape.Of(yTrue)}.", nameof(yTrue));
        }

        var y = Dense(yPred);
        var error = lossPrime(yTrue, y.Clone());
        RequireShape("lossPrime", error, y);
        return Compare(names.Derivative, error, y, () => loss(yTrue, y), (plus, minus) => plus - minus);
    }

    private static GradientCheckResult Compare<TOutput>(
        string name, Matrix<double> analytic, Matrix<double> values, Func<TOutput> evaluate, Func<TOutput, TOutput, double> difference)
    {
        var numeric = Matrix<double>.Build.Dense(values.RowCount, values.ColumnCount);
        foreach (var (row, column) in Places(values))
        {
            double value = values[row, column];
            double h = Step * Math.Max(1, Math.Abs(value));
            TOutput At(double v)
            {
                values[row, column] = v;
                return evaluate();
            }

            try
            {
                numeric[row, column] =
                    ((8 * difference(At(value + h), At(value - h))) - difference(At(value + (2 * h)), At(value - (2 * h)))) / (12 * h);
            }
            finally
            {
                values[row, column] = value;
            }
        }

        double floor = Math.Max(1e-3 * numeric.Enumerate().Max(Math.Abs), 1e-6);
        var worst = new GradientCheckResult(0, name, 0, 0);
        foreach (var (row, column) in Places(values))
        {
            double a = analytic[row, column];
            double n = numeric[row, column];
            double relative = Math.Abs(a - n) / Math.Max(Math.Max(Math.Abs(a), Math.Abs(n)), floor);
            string where = FormattableString.Invariant($"{name}[{row}, {column}]");
            worst = Worse(worst, new GradientCheckResult(double.IsNaN(relative) ? double.PositiveInfinity : relative, where, a, n));
        }

        return worst;
    }

    private static GradientCheckResult Worse(GradientCheckResult one, GradientCheckResult other) =>
        other.WorstRelativeError > one.WorstRelativeError ? other : one;

    private static IEnumerable<(int Row, int Column)> Places(Matrix<double> matrix) =>
        from row in Enumerable.Range(0, matrix.RowCount) from column in Enumerable.Range(0, matrix.ColumnCount) select (row, column);

    private static Matrix<double> Forward(Layer layer, Matrix<double> x) =>
        (layer.ForwardPropagation(x)
            ?? throw new InvalidOperationException($"{layer.Name}'s ForwardPropagation returned null; it must return Y.")).Clone();

    private static void RequireShape(string name, Matrix<double>? error, Matrix<double> value)
    {
        if (error is null || !Shape.Of(error).SameMatrix(Shape.Of(value)))
        {
            throw new InvalidOperationException(
                $"{name} is expected to give a derivative of {Shape.Of(value)}, but gave "
                + $"{(error is null ? "null" : Shape.Of(error).ToString())}.");
        }
    }

    private static Matrix<double> Dense(Matrix<double> matrix) =>
        Matrix<double>.Build.Dense(matrix.RowCount, matrix.ColumnCount, matrix.ToColumnMajorArray());
}
