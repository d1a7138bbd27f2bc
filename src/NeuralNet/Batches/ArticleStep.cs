using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A layer of the article's two methods as a step: they are called sample by sample, on matrices of their own.</summary>
/// <remarks>
/// Such a layer remembers one sample, the last. Where more than one passes at a time, <see cref="Layer.ForwardPropagation"/> is called again before
/// <see cref="TrainableLayer.Backward"/>; for a layer that updates itself, whose next forward would differ, the batch passes sample by sample.
/// </remarks>
internal sealed class ArticleStep(Layer layer, int source) : Step([source], layer.Name)
{
    private int _remembered = -1;
    private int _capacity;
    private double _learningRate;

    public override bool Learns => true;

    public override bool LearnsOnTheWayBack => true;

    public override bool NeedsCallingThread => true;

    public override bool Begins => true;

    public override void Begin(Random random, double learningRate) => _learningRate = learningRate;

    /// <summary>The shape that comes out is known after the first sample only.</summary>
    public override void MakeRoom(int capacity) => _capacity = capacity;

    public override void Forward(int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            var output = Forward(sample);
            var shape = Shape.Of(output);
            if (Buffers.Output.IsEmpty)
            {
                Buffers.Output = Batch.New(shape, _capacity);
            }

            if (!shape.SameMatrix(Buffers.Output.Shape))
            {
                throw new InvalidOperationException(
                    $"{Name}'s ForwardPropagation returned {shape} for one sample, and {Buffers.Output.Shape.Matrix} for another; Y must have one shape.");
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

            var outputError = Buffers.OutputError.CopyOf(sample);
            if (layer is TrainableLayer trainable)
            {
                Keep(trainable.Backward(outputError), "Backward", sample);
            }
            else
            {
                Keep(layer.BackwardPropagation(outputError, _learningRate), "BackwardPropagation", sample);
            }
        }
    }

    public override void BackwardAndUpdate(double learningRate) =>
        Keep(layer.BackwardPropagation(Buffers.OutputError.CopyOf(0), learningRate), "BackwardPropagation", 0);

    private Matrix<double> Forward(int sample)
    {
        _remembered = sample;
        return layer.ForwardPropagation(Buffers.Input.CopyOf(sample))
            ?? throw new InvalidOperationException($"{Name}'s ForwardPropagation returned null; it must return Y.");
    }

    private void Keep(Matrix<double>? inputError, string method, int sample)
    {
        if (inputError is null)
        {
            throw new InvalidOperationException($"{Name}'s {method} returned null; it must return dE/dX.");
        }

        if (!Shape.Of(inputError).SameMatrix(Buffers.Input.Shape))
        {
            throw new InvalidOperationException(
                $"{Name}'s {method} returned {Shape.Of(inputError)}; it must return dE/dX in the shape of its input, {Buffers.Input.Shape.Matrix}.");
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
