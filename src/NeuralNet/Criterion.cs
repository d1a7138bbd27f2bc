using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>A network's loss and its derivative, by a kernel where they are the library's own.</summary>
internal sealed class Criterion(Loss loss, LossPrime lossPrime)
{
    private readonly LossFunction? _builtIn = Losses.BuiltIn(loss, lossPrime);

    /// <summary>Whether a user's functions are called, which may be called on the training thread only.</summary>
    public bool CallsUser => _builtIn is null;

    /// <summary>The loss and its derivative as they were given.</summary>
    public (Loss Loss, LossPrime Prime) Functions => (loss, lossPrime);

    /// <summary>The loss' name in <see cref="Losses"/>; null for a user's own.</summary>
    public string? BuiltInName => _builtIn?.Name;

    /// <summary>Whether the loss is one over the classes of a sample, of which one is right.</summary>
    public bool ChoosesClass => BuiltInName is nameof(Losses.SoftmaxCrossEntropy) or nameof(Losses.CategoricalCrossEntropy);

    public double Loss(Matrix<double> yTrue, Batch yPred, int sample) => _builtIn is null
        ? UsersLoss(yTrue, yPred.CopyOf(sample))
        : _builtIn.Function(yTrue.Values(), yPred[sample]);

    /// <summary>The mean of the samples' losses.</summary>
    public double MeanLoss(IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred)
    {
        double sum = 0;
        for (int i = 0; i < yPred.Count; i++)
        {
            sum += _builtIn is null ? UsersLoss(yTrue[i], yPred[i]) : loss(yTrue[i], yPred[i]);
        }

        return sum / yPred.Count;
    }

    public void Prime(Matrix<double> yTrue, Batch yPred, int sample, Span<double> error)
    {
        if (_builtIn is not null)
        {
            _builtIn.Derivative(yTrue.Values(), yPred[sample], error);
            return;
        }

        Matrix<double>? prime;
        try
        {
            prime = lossPrime(yTrue, yPred.CopyOf(sample));
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named("The network's lossPrime", e);
        }

        if (prime is null || !Shape.Of(prime).SameMatrix(yPred.Shape))
        {
            throw new InvalidOperationException(
                $"The network expects its lossPrime to return {yPred.Shape.Matrix}, the shape of yPred, but got {(prime is null ? "null" : Shape.Of(prime).ToString())}.");
        }

        prime.Values().CopyTo(error);
    }

    private double UsersLoss(Matrix<double> yTrue, Matrix<double> yPred)
    {
        try
        {
            return loss(yTrue, yPred);
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named("The network's loss", e);
        }
    }
}
