using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Guards;

namespace NeuralNet.Batches;

/// <summary>A layer of the article's two methods as a step: they are called sample by sample, on matrices of their own.</summary>
/// <remarks>
/// Such a layer remembers one sample, the last. Where more than one passes at a time, <see cref="Layer.ForwardPropagation"/> is called
/// again before <see cref="TrainableLayer.Backward"/>; for a layer that updates itself, whose next forward would differ, the batch passes
/// sample by sample. A frozen one updates nothing: it is called with a learning rate of 0, and gradients that it adds up are dropped.
/// </remarks>
internal sealed class ArticleStep(Layer layer, int source, UserCodePurpose purpose) : Step([source], layer.Name)
{
    private int _remembered = -1;
    private int _capacity;
    private double _learningRate;

    public override bool Learns => layer.Trainable;

    public override bool LearnsOnTheWayBack => Learns;

    public override bool NeedsCallingThread => true;

    public override bool Begins => true;

    public override void Begin(Random random, double learningRate) => _learningRate = learningRate;

    public override Step InStream(bool ofSteps) => !ofSteps ? new PredictStep(layer, Sources[0]) : throw new InvalidOperationException(
        $"{Name} does not say how it takes a sequence step by step, as a {nameof(BatchLayer)} does by its "
        + $"{nameof(BatchLayer.NewStreamState)}. Write it as one, or put it behind a layer that gives one row of all steps.");

    /// <summary>The shape that comes out is known after the first sample only.</summary>
    public override void MakeRoom(int capacity) => _capacity = capacity;

    public override void Forward(int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            var output = Forward(sample);
            var shape = Shape.Of(output);
            if ((long)shape.Rows * shape.Columns > Array.MaxLength)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Name}'s ForwardPropagation returned {shape}; at most {Array.MaxLength:N0} values fit into a matrix."));
            }

            if (Buffers.Output.IsEmpty)
            {
                Buffers.Output = Batch.New(shape, _capacity);
            }

            if (!shape.SameMatrix(Buffers.Output.Shape))
            {
                throw new InvalidOperationException(
                    $"{Name}'s ForwardPropagation returned {shape} for one sample, and {Buffers.Output.Shape.Matrix} for another; "
                    + "Y must have one shape.");
            }

            output.Values().CopyTo(Buffers.Output[sample]);
        }
    }

    public override void Backward(int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            if (sample != _remembered)
            {
                Forward(sample);
            }

            Backward(layer is TrainableLayer, sample, _learningRate);
        }
    }

    public override void BackwardAndUpdate(double learningRate) =>
        Backward(layer is TrainableLayer { IsFrozen: true }, 0, learningRate);

    private Matrix<double> Forward(int sample)
    {
        _remembered = sample;
        using var scope = new UserCodeScope(layer, purpose);
        Matrix<double>? output;
        try
        {
            output = layer.ForwardPropagation(Buffers.Input.CopyOf(sample));
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{Name}'s ForwardPropagation", e);
        }

        return output ?? throw new InvalidOperationException($"{Name}'s ForwardPropagation returned null; it must return Y.");
    }

    private void Backward(bool gradientsOnly, int sample, double learningRate)
    {
        using var scope = new UserCodeScope(layer, purpose);
        string method = gradientsOnly ? nameof(TrainableLayer.Backward) : nameof(Layer.BackwardPropagation);
        var outputError = Buffers.OutputError.CopyOf(sample);
        Matrix<double>? inputError;
        try
        {
            inputError = gradientsOnly
                ? ((TrainableLayer)layer).Backward(outputError)
                : layer.BackwardPropagation(outputError, layer.IsFrozen ? 0 : learningRate);
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{Name}'s {method}", e);
        }

        if (inputError is null)
        {
            throw new InvalidOperationException($"{Name}'s {method} returned null; it must return dE/dX.");
        }

        if (!Shape.Of(inputError).SameMatrix(Buffers.Input.Shape))
        {
            throw new InvalidOperationException(
                $"{Name}'s {method} returned {Shape.Of(inputError)}; "
                + $"it must return dE/dX in the shape of its input, {Buffers.Input.Shape.Matrix}.");
        }

        if (layer is TrainableLayer { IsFrozen: true } frozen)
        {
            frozen.ClearGradients();
        }

        if (SourceErrors[0].IsEmpty)
        {
            return;
        }

        var target = SourceErrors[0][sample];
        if (Adds[0])
        {
            TensorPrimitives.Add(target, inputError.Values(), target);
        }
        else
        {
            inputError.Values().CopyTo(target);
        }
    }
}
