using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Layers in a row as one layer, so that <see cref="GradientCheck"/> covers them together, a loss at the end included.</summary>
internal sealed class Stack(params Layer[] layers) : TrainableLayer
{
    public IReadOnlyList<Layer> Layers => layers;

    public override IReadOnlyList<Parameter> Parameters { get; } =
        [.. layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)];

    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Input = input;
        return Output = layers.Aggregate(input, (x, layer) => layer.ForwardPropagation(x));
    }

    public override Matrix<double> Backward(Matrix<double> outputError) => layers.Reverse().Aggregate(
        outputError,
        (error, layer) => layer is TrainableLayer trainable ? trainable.Backward(error) : layer.BackwardPropagation(error, 0));
}
