using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Guards;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>A network's loss and its derivative, by a kernel where they have one.</summary>
internal sealed class Criterion
{
    private readonly LossFunction? _function;
    private readonly Loss _loss;
    private readonly LossPrime _lossPrime;
    private readonly LossKernel? _kernel;

    public Criterion(LossFunction function)
        : this(function, function.Function, function.Derivative, function.Kernel)
    {
    }

    /// <exception cref="ArgumentException">Both are the library's own, but do not belong together.</exception>
    public Criterion(Loss loss, LossPrime lossPrime)
        : this(LossFunction.Of(loss, lossPrime, nameof(lossPrime)), loss, lossPrime)
    {
    }

    private Criterion(LossFunction? function, Loss loss, LossPrime lossPrime)
        : this(function, loss, lossPrime, function?.Kernel)
    {
    }

    private Criterion(LossFunction? function, Loss loss, LossPrime lossPrime, LossKernel? kernel) =>
        (_function, _loss, _lossPrime, _kernel) = (function, loss, lossPrime, kernel);

    /// <summary>Whether a user's functions are called, which may be called on the training thread only.</summary>
    public bool CallsUser => _kernel is null;

    /// <summary>Whether the last layer is computed together with the loss: what is called the prediction here is then that layer's
    /// input.</summary>
    public bool TakesInputOfLast { get; private init; }

    /// <summary>The loss and its derivative as they were given.</summary>
    public (Loss Loss, LossPrime Prime) Functions => (_loss, _lossPrime);

    /// <summary>The loss' name in <see cref="Losses"/>; null for a user's own.</summary>
    public string? BuiltInName => _function is { IsBuiltIn: true } ? _function.Name : null;

    /// <summary>The least output that says yes, where an output is a yes or no.</summary>
    public double Threshold => BuiltInName == nameof(Losses.BinaryCrossEntropyFromLogits) ? 0 : Metric.HalfWay;

    /// <summary>Whether the loss is one over the classes of a sample, of which one is right.</summary>
    public bool ChoosesClass => BuiltInName is nameof(Losses.SoftmaxCrossEntropy) or nameof(Losses.CategoricalCrossEntropy);

    /// <summary>The loss of a network that ends in a given layer.</summary>
    public Criterion After(Layer last) =>
        _function?.Fusion is var (follows, kernel) && follows(last)
            ? new Criterion(_function, _loss, _lossPrime, kernel) { TakesInputOfLast = true }
            : this;

    public double Loss(Matrix<double> yTrue, Batch yPred, int sample) =>
        _kernel is null ? UsersLoss(yTrue, yPred.CopyOf(sample)) : _kernel.Of(yTrue.Values(), yPred[sample], yTrue.RowCount);

    /// <summary>The targets of many samples, a network's outputs for them, and the mean of their losses.</summary>
    public (Matrix<double>[] Targets, Matrix<double>[] Outputs, double MeanLoss) Measure(
        Predictor predictor, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, int threads)
    {
        if (TakesInputOfLast)
        {
            var (inputsOfLast, outputs) = predictor.PredictInTwo(x, threads);
            var targets = predictor.TargetsOf(outputs, y);
            return (targets, outputs, MeanLoss(targets, inputsOfLast));
        }

        var yPred = predictor.Predict(x, threads);
        var yTrue = predictor.TargetsOf(yPred, y);
        return (yTrue, yPred, MeanLoss(yTrue, yPred));
    }

    public void Prime(Matrix<double> yTrue, Batch yPred, int sample, Span<double> error)
    {
        if (_kernel is not null)
        {
            _kernel.Prime(yTrue.Values(), yPred[sample], yTrue.RowCount, error);
            return;
        }

        Matrix<double>? prime;
        try
        {
            prime = _lossPrime(yTrue, yPred.CopyOf(sample));
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named("The network's lossPrime", e);
        }

        if (prime is null || !Shape.Of(prime).SameMatrix(yPred.Shape))
        {
            throw new InvalidOperationException(
                $"The network expects its lossPrime to return {yPred.Shape.Matrix}, the shape of yPred, but got "
                + $"{(prime is null ? "null" : Shape.Of(prime).ToString())}.");
        }

        prime.Values().CopyTo(error);
    }

    private double MeanLoss(Matrix<double>[] yTrue, Matrix<double>[] yPred)
    {
        double sum = 0;
        for (int i = 0; i < yPred.Length; i++)
        {
            sum += _kernel is null ? UsersLoss(yTrue[i], yPred[i]) : _kernel.Of(yTrue[i].Values(), yPred[i].Values(), yTrue[i].RowCount);
        }

        return sum / yPred.Length;
    }

    private double UsersLoss(Matrix<double> yTrue, Matrix<double> yPred)
    {
        try
        {
            return _loss(yTrue, yPred);
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named("The network's loss", e);
        }
    }
}
