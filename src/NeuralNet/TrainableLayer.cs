using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet;

/// <summary>A layer with parameters: its gradients can be had without an update.</summary>
public abstract class TrainableLayer : Layer
{
    /// <summary>The parameters, always the same objects in the same order.</summary>
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>
    /// Gets what the layer gathers in training besides its parameters, such as running means: saved and restored with them, but
    /// not trained.
    /// </summary>
    /// <remarks>Always the same objects in the same order; none unless overridden. PyTorch's buffers.</remarks>
    public virtual IReadOnlyList<Parameter> Buffers => [];

    /// <summary>
    /// Computes dE/dX for a given dE/dY, adds dE/dW to each parameter's <see cref="Parameter.Gradient"/>, and updates nothing.
    /// </summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Layer.Output"/>.</param>
    /// <returns>dE/dX, in the shape of <see cref="Layer.Input"/>.</returns>
    /// <remarks>
    /// It is called for the sample that <see cref="Layer.ForwardPropagation"/> was called with last. In a network with a
    /// <see cref="BatchNormLayer"/> all samples of a mini-batch go forward first, and ForwardPropagation is called again before each
    /// Backward: it must give the same Y then.
    /// </remarks>
    public abstract Matrix<double> Backward(Matrix<double> outputError);

    /// <summary>The article's method: <see cref="Backward"/>, then W -= learningRate * dE/dW for every parameter W.</summary>
    /// <param name="outputError">dE/dY, in the shape of <see cref="Layer.Output"/>.</param>
    /// <param name="learningRate">The step against the gradient: finite, 0 or more.</param>
    /// <returns>dE/dX, in the shape of <see cref="Layer.Input"/>, for the parameters before the update.</returns>
    /// <remarks>
    /// The step is this one sample's alone: what <see cref="Backward"/> added up before is dropped, and the gradients are zero afterwards.
    /// Where a parameter has an <see cref="Parameter.L2"/>, its gradient is part of dE/dW. Of a layer that is not
    /// <see cref="Layer.Trainable"/> nothing is updated.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is negative or not finite.</exception>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(outputError);
        Check.LearningRateOrZero(learningRate);
        return BackwardAndUpdate(outputError, learningRate);
    }

    internal long ParameterCount => Parameters.Sum(parameter => (long)parameter.Value.RowCount * parameter.Value.ColumnCount);

    internal Matrix<double> BackwardAndUpdate(Matrix<double> outputError, double learningRate)
    {
        ClearGradients();
        var inputError = Backward(outputError);
        foreach (var parameter in LayerTree.TrainableParameters([this]))
        {
            parameter.AddL2Gradient();
            parameter.Value.Subtract(parameter.Gradient.Multiply(learningRate), parameter.Value);
        }

        ClearGradients();
        return inputError;
    }

    internal void ClearGradients()
    {
        foreach (var parameter in Parameters)
        {
            parameter.ClearGradient();
        }
    }

    /// <summary>The layer's kind and sizes and, where it learns, how many numbers: <c>FCLayer(784 -> 100), 78,500 parameters</c>.</summary>
    public override string ToString() =>
        Parameters.Count == 0 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}, {ParameterCount:N0} parameters");
}
