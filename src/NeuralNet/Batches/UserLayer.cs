using System.Globalization;
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
            if ((long)shape.Rows * shape.Columns > Array.MaxLength)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{layer.Name}'s ForwardPropagation returned {shape}; at most {Array.MaxLength:N0} values fit into a matrix."));
            }

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

            Backward(layer is TrainableLayer, pass, sample, pass.LearningRate);
        }
    }

    public void BackwardAndUpdate(LayerPass pass, double learningRate) => Backward(false, pass, 0, learningRate);

    private Matrix<double> Forward(Batch input, int sample)
    {
        _remembered = sample;
        using var turn = new UsersTurn(layer, _turn);
        Matrix<double>? output;
        try
        {
            output = layer.ForwardPropagation(input.CopyOf(sample));
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{layer.Name}'s ForwardPropagation", e);
        }

        return output ?? throw new InvalidOperationException($"{layer.Name}'s ForwardPropagation returned null; it must return Y.");
    }

    private void Backward(bool gradientsOnly, LayerPass pass, int sample, double learningRate)
    {
        using var turn = new UsersTurn(layer, _turn);
        string method = gradientsOnly ? nameof(TrainableLayer.Backward) : nameof(Layer.BackwardPropagation);
        var outputError = pass.OutputError.CopyOf(sample);
        Matrix<double>? inputError;
        try
        {
            inputError = gradientsOnly
                ? ((TrainableLayer)layer).Backward(outputError)
                : layer.BackwardPropagation(outputError, learningRate);
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{layer.Name}'s {method}", e);
        }

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
