using NeuralNet.Layers;

namespace NeuralNet.Batches;

/// <summary>A layer of the article's two methods as a stream takes it, behind a layer that gives one row: by its Predict.</summary>
/// <param name="layer">The layer.</param>
/// <param name="source">The step whose output it reads.</param>
internal sealed class PredictStep(Layer layer, int source) : Step([source], layer.Name)
{
    /// <summary>The shape that comes out is known after the first sample only.</summary>
    public override void MakeRoom(int capacity)
    {
    }

    public override void Forward(int from, int to)
    {
        var output = LayerTree.Predict(layer, Buffers.Input.CopyOf(0));
        var shape = Shape.Of(output);
        if (Output.IsEmpty)
        {
            Buffers.Output = Batch.New(shape, 1);
        }

        if (!shape.SameMatrix(Output.Shape))
        {
            throw new InvalidOperationException(
                $"{Name}'s Predict returned {shape} for one step of a stream, and {Output.Shape.Matrix} for another; "
                + "Y must have one shape.");
        }

        output.Values().CopyTo(Output[0]);
    }

    public override void Backward(int from, int to) => throw new NotSupportedException("A stream goes forward only.");
}
