using System.Numerics.Tensors;

namespace NeuralNet.Batches;

/// <summary>Y = the branches' outputs side by side, which are one after another in memory; each branch's dE/dY is its part.</summary>
internal sealed class ConcatenateStep(CompositeLayer layer, int[] sources) : Step(sources, layer.Name)
{
    public override void MakeRoom(int capacity) =>
        Buffers.Output = Batch.New(layer.Join([.. Inputs.Select(input => input.Shape)]), capacity);

    public override void Forward(int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            var y = Output[sample];
            foreach (var input in Inputs)
            {
                input[sample].CopyTo(y);
                y = y[input.Shape.Size..];
            }
        }
    }

    public override void Backward(int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            var errors = Buffers.OutputError[sample];
            for (int i = 0; i < Inputs.Length; i++)
            {
                int size = Inputs[i].Shape.Size;
                if (!SourceErrors[i].IsEmpty)
                {
                    Give(errors[..size], SourceErrors[i][sample], Adds[i]);
                }

                errors = errors[size..];
            }
        }
    }

    private static void Give(ReadOnlySpan<double> error, Span<double> target, bool adds)
    {
        if (adds)
        {
            TensorPrimitives.Add(target, error, target);
        }
        else
        {
            error.CopyTo(target);
        }
    }
}
