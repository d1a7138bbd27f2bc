using System.Numerics.Tensors;

namespace NeuralNet;

/// <summary>A copy of what the layers have learnt, to go back to.</summary>
internal sealed class Snapshot
{
    private readonly (double[] Live, double[] Copy)[] _values;

    public Snapshot(IReadOnlyList<Layer> layers) => _values =
    [
        .. from live in layers.SelectMany(layer => layer.Statistics.Concat((layer as TrainableLayer)?.Parameters.Select(parameter => parameter.Memory) ?? []))
           select (live, (double[])live.Clone()),
    ];

    /// <summary>Copies the values as they are now, if all are finite; else keeps the last copy.</summary>
    public bool TryRenew()
    {
        foreach (var (live, _) in _values)
        {
            if (!TensorPrimitives.IsFiniteAll<double>(live))
            {
                return false;
            }
        }

        foreach (var (live, copy) in _values)
        {
            live.CopyTo(copy, 0);
        }

        return true;
    }

    public void Restore()
    {
        foreach (var (live, copy) in _values)
        {
            copy.CopyTo(live, 0);
        }
    }
}
