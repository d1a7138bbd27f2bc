using System.Numerics.Tensors;

namespace NeuralNet.Batches;

/// <summary>Y = the rows of X, the last one first; dE/dX is dE/dY likewise.</summary>
internal sealed class ReverseStep(BidirectionalLayer layer, int source) : Step([source], layer.Name)
{
    public override Step InStream(bool ofSteps) => !ofSteps ? this : throw new InvalidOperationException(
        $"{Name} goes through the steps from the last to the first, too. Take its forward layer alone, or call Predict with the whole "
        + "sequence.");

    public override void MakeRoom(int capacity) => Buffers.Output = Batch.New(Inputs[0].Shape, capacity);

    public override void Forward(int from, int to)
    {
        Inputs[0].Range(from, to).CopyTo(Output.Range(from, to));
        ReverseColumns(Output.Range(from, to));
    }

    public override void Backward(int from, int to)
    {
        if (SourceErrors[0].IsEmpty)
        {
            return;
        }

        // Nobody else reads dE/dY, so that it may be turned round where it is.
        var error = Buffers.OutputError.Range(from, to);
        ReverseColumns(error);
        var target = SourceErrors[0].Range(from, to);
        if (Adds[0])
        {
            TensorPrimitives.Add(target, error, target);
        }
        else
        {
            error.CopyTo(target);
        }
    }

    private void ReverseColumns(Span<double> values)
    {
        int rows = Output.Shape.Rows;
        for (int at = 0; at < values.Length; at += rows)
        {
            values.Slice(at, rows).Reverse();
        }
    }
}
