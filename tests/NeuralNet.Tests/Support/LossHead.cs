using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>A loss as the last layer: Y is E, 1 x 1, of the prediction that comes in.</summary>
internal sealed class LossHead(Loss loss, LossPrime lossPrime, Matrix<double> yTrue) : Layer
{
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Input = input;
        return Output = Matrices.Of([loss(yTrue, input)]);
    }

    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
        lossPrime(yTrue, Input!) * outputError[0, 0];
}
