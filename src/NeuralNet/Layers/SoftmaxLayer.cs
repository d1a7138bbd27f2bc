using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Kernels;
using NeuralNet.Models;
using NeuralNet.Training;

namespace NeuralNet;

/// <summary>Turns each row of a sample into probabilities that add up to 1.</summary>
/// <remarks>
/// <para>
/// Y = exp(X - max X) / Σ exp(X - max X), dE/dX = Y ∘ (dE/dY - Σ dE/dY ∘ Y), maximum and sums over the values of a row; X and Y have the
/// same shape, T x n, which may be any: one row of classes, or one for each step of a sequence. An image of several planes is refused: its
/// rows are no classes. A <see cref="FlattenLayer"/> before the layer makes one row of all values.
/// </para>
/// <para>Of a row of a single value it gives 1 whatever the value is: a network with such a layer is refused by Fit and Evaluate.</para>
/// <para>
/// Train it with <see cref="LossFunction.CategoricalCrossEntropy"/>: as a network's last layer it is then computed together with the loss,
/// which is exact where a probability rounds to 0. Or leave it out and train with <see cref="LossFunction.SoftmaxCrossEntropy"/>: the
/// greatest output is in the same place, and <see cref="Network.PredictProbabilities(Matrix{double})"/> gives the probabilities.
/// </para>
/// </remarks>
public sealed class SoftmaxLayer : BatchLayer
{
    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<SoftmaxLayer>(
        write: (_, _) => { },
        read: _ => new LayerPlan(() => new SoftmaxLayer()));

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => input.Rows == 1 || input.Depth == 1
        ? input
        : throw new ArgumentException(
            $"{Name} expects rows of one value for each class, but got an image of several planes, {input}. "
            + "Add a FlattenLayer before it for one row of all values.",
            nameof(input));

    internal override void RequireLearnable(Shape? output)
    {
        if (output is { Columns: 1, Rows: var rows })
        {
            throw new InvalidOperationException(
                $"{Name} over {(rows == 1 ? "one value" : "rows of one value")} gives 1 whatever the value is, so that nothing is learnt. "
                + SampleChecks.YesOrNo);
        }
    }

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Softmax.Apply(pass.InputOf(sample), pass.InputShape.Rows, pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Softmax.InputError(pass.OutputOf(sample), pass.OutputErrorOf(sample), pass.InputShape.Rows, pass.InputErrorOf(sample));
        }
    }
}
