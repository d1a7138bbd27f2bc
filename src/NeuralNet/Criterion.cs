using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>A network's loss and its derivative, by a kernel where they are the library's own.</summary>
internal sealed class Criterion(Loss loss, LossPrime lossPrime)
{
    private readonly LossFunction? _builtIn = Losses.BuiltIn(loss, lossPrime);

    public double Loss(Matrix<double> yTrue, Batch yPred) => _builtIn is null
        ? loss(yTrue, yPred.CopyOf(0))
        : _builtIn.Function(yTrue.Values(), yPred.Values);

    public void Prime(Matrix<double> yTrue, Batch yPred, Batch error)
    {
        if (_builtIn is null)
        {
            Prime(yTrue, yPred.CopyOf(0)).Values().CopyTo(error.Values);
        }
        else
        {
            _builtIn.Derivative(yTrue.Values(), yPred.Values, error.Values);
        }
    }

    public double Loss(Matrix<double> yTrue, Matrix<double> yPred) => loss(yTrue, yPred);

    public Matrix<double> Prime(Matrix<double> yTrue, Matrix<double> yPred)
    {
        var error = lossPrime(yTrue, yPred);
        if (error is null || !Shape.Of(error).SameMatrix(Shape.Of(yPred)))
        {
            throw new InvalidOperationException(
                $"The network expects its lossPrime to return {Shape.Of(yPred)}, the shape of yPred, but got {(error is null ? "null" : Shape.Of(error).ToString())}.");
        }

        return error;
    }
}
