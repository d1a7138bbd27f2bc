using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A user's own layer in a batch: its methods are called sample by sample, on matrices of their own.</summary>
/// <remarks>
/// Such a layer remembers one sample, the last. Where more than one passes at a time, <see cref="Layer.ForwardPropagation"/> is called again before <see cref="TrainableLayer.Backward"/>;
/// for a layer that updates itself, whose next forward would differ, the batch passes sample by sample.
/// </remarks>
internal sealed class UserLayer(Layer layer, int capacity, bool stored) : IBatchLayer
{
    private readonly UsersTurnKind _turn = stored || capacity > 1 ? UsersTurnKind.TrainAgain : UsersTurnKind.Train;

    private int _remembered = -1;

    public bool CallsUser => true;

    public Shape? OutputShape(Shape? input) => null;

    public void Forward(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            var output = Forward(pass.Input, sample);
            var shape = Shape.Of(output);
            if (pass.Output.IsEmpty)
            {
                pass.Output = Batch.New(shape, capacity);
            }

            if (!shape.SameMatrix(pass.Output.Shape))
            {
                throw new InvalidOperationException($"{layer.Name}'s ForwardPropagation returned {shape} for one sample, and {pass.Output.Shape.Matrix} for another; Y must have one shape.");
            }

            output.Values().CopyTo(pass.Output[sample]);
        }
    }

    public void InputErrors(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            if (sample != _remembered)
            {
                Forward(pass.Input, sample);
            }

            var outputError = pass.OutputError.CopyOf(sample);
            using var turn = new UsersTurn(layer, _turn);
            if (layer is TrainableLayer trainable)
            {
                Keep(trainable.Backward(outputError), "Backward", pass, sample);
            }
            else
            {
                Keep(layer.BackwardPropagation(outputError, pass.LearningRate), "BackwardPropagation", pass, sample);
            }
        }
    }

    public void BackwardAndUpdate(LayerPass pass, double learningRate)
    {
        using var turn = new UsersTurn(layer, _turn);
        Keep(layer.BackwardPropagation(pass.OutputError.CopyOf(0), learningRate), "BackwardPropagation", pass, 0);
    }

    private Matrix<double> Forward(Batch input, int sample)
    {
        _remembered = sample;
        using var turn = new UsersTurn(layer, _turn);
        return layer.ForwardPropagation(input.CopyOf(sample)) ?? throw new InvalidOperationException($"{layer.Name}'s ForwardPropagation returned null; it must return Y.");
    }

    private void Keep(Matrix<double>? inputError, string method, LayerPass pass, int sample)
    {
        if (inputError is null)
        {
            throw new InvalidOperationException($"{layer.Name}'s {method} returned null; it must return dE/dX.");
        }

        if (!Shape.Of(inputError).SameMatrix(pass.Input.Shape))
        {
            throw new InvalidOperationException($"{layer.Name}'s {method} returned {Shape.Of(inputError)}; it must return dE/dX in the shape of its input, {pass.Input.Shape.Matrix}.");
        }

        if (!pass.InputError.IsEmpty)
        {
            inputError.Values().CopyTo(pass.InputError[sample]);
        }
    }
}
