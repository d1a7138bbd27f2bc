using System.Numerics.Tensors;

namespace NeuralNet;

/// <summary>A copy of what the layers have learnt, to go back to.</summary>
internal sealed class Snapshot
{
    private readonly (TensorValues Live, double[] Copy)[] _tensors;

    public Snapshot(IReadOnlyList<Layer> layers) => _tensors = [.. TensorValues.Of(layers).Select(tensor => (tensor, (double[])tensor.Values.Clone()))];

    /// <summary>The copies, under the names that files have the live numbers by.</summary>
    public IEnumerable<TensorValues> Copies => _tensors.Select(tensor => tensor.Live with { Values = tensor.Copy });

    /// <summary>Copies the values as they are now, if all are finite; else keeps the last copy.</summary>
    public bool TryRenew()
    {
        foreach (var (live, _) in _tensors)
        {
            if (!TensorPrimitives.IsFiniteAll<double>(live.Values))
            {
                return false;
            }
        }

        foreach (var (live, copy) in _tensors)
        {
            live.Values.CopyTo(copy, 0);
        }

        return true;
    }

    public void Restore()
    {
        foreach (var (live, copy) in _tensors)
        {
            copy.CopyTo(live.Values, 0);
        }
    }
}
