using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Kernels;
using NeuralNet.Models;
using NeuralNet.Training;

namespace NeuralNet;

/// <summary>Turns a sample's values into probabilities that add up to 1.</summary>
/// <remarks>
/// <para>
/// Y = exp(X - max X) / Σ exp(X - max X), dE/dX = Y ∘ (dE/dY - Σ dE/dY ∘ Y), the sums over all values of the sample; X and Y have the same
/// shape, which may be any.
/// </para>
/// <para>Of a single value it gives 1 whatever the value is: a network with such a layer is refused by Fit and Evaluate.</para>
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
    protected internal override Shape GetOutputShape(Shape input) => input;

    internal override void RequireLearnable(Shape? output)
    {
        if (output is { Size: 1 })
        {
            throw new InvalidOperationException(
                $"{Name} over one value gives 1 whatever the value is, so that nothing is learnt. {SampleChecks.YesOrNo}");
        }
    }

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Softmax.Apply(pass.InputOf(sample), pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Softmax.InputError(pass.OutputOf(sample), pass.OutputErrorOf(sample), pass.InputErrorOf(sample));
        }
    }
}
