using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Turns a sample's values into probabilities that add up to 1.</summary>
/// <remarks>
/// <para>Y = exp(X - max X) / Σ exp(X - max X), dE/dX = Y ∘ (dE/dY - Σ dE/dY ∘ Y), the sums over all values of the sample; X and Y have the same shape, which may be any.</para>
/// <para>
/// Train it with <see cref="LossFunction.CategoricalCrossEntropy"/>: as a network's last layer it is then computed together with the loss,
/// which
/// is exact where a probability rounds to 0. Or leave it out and train with <see cref="LossFunction.SoftmaxCrossEntropy"/>: the greatest
/// output
/// is in the same place, and <see cref="Predict"/> of a layer by itself gives the probabilities.
/// </para>
/// </remarks>
public sealed class SoftmaxLayer : Layer, IBatchLayer
{
    /// <summary>Y = softmax(X), and keeps Y for the way back.</summary>
    /// <param name="input">X, of any shape.</param>
    /// <returns>Y, in the shape of X.</returns>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y = softmax(X), keeping nothing: any number of threads may call it at once.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>dE/dX = Y ∘ (dE/dY - Σ dE/dY ∘ Y).</summary>
    /// <param name="outputError">dE/dY, in the shape of Y.</param>
    /// <param name="learningRate">The layer learns nothing.</param>
    /// <returns>dE/dX, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    Shape? IBatchLayer.OutputShape(Shape? input) => input;

    void IBatchLayer.Forward(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            Softmax.Apply(pass.Input[sample], pass.Output[sample]);
        }
    }

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            Softmax.InputError(pass.Output[sample], pass.OutputError[sample], pass.InputError[sample]);
        }
    }
}
