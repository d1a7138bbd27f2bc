using System.Numerics.Tensors;

namespace NeuralNet.Batches;

/// <summary>Y = the sum of the branches' outputs, in their order; each branch's dE/dY is that of the sum.</summary>
internal sealed class SumStep(ResidualLayer layer, int[] sources) : Step(sources, layer.Name)
{
    public override void MakeRoom(int capacity) =>
        Buffers.Output = Batch.New(layer.Join(Inputs[0].Shape, Inputs[1].Shape), capacity);

    public override void Forward(int from, int to)
    {
        var y = Output.Range(from, to);
        TensorPrimitives.Add(Inputs[0].Range(from, to), Inputs[1].Range(from, to), y);
    }

    public override void Backward(int from, int to)
    {
        var error = Buffers.OutputError.Range(from, to);
        for (int i = 0; i < Sources.Length; i++)
        {
            // A branch that nobody else reads has the sum's own error.
            if (SourceErrors[i].IsEmpty || SourceErrors[i].IsSame(Buffers.OutputError))
            {
                continue;
            }

            var target = SourceErrors[i].Range(from, to);
            if (Adds[i])
            {
                TensorPrimitives.Add(target, error, target);
            }
            else
            {
                error.CopyTo(target);
            }
        }
    }
}
