using System.Numerics.Tensors;

namespace NeuralNet;

/// <summary>A copy of the layers' parameters to go back to.</summary>
internal sealed class Snapshot
{
    private readonly (Parameter Parameter, double[] Values)[] _copies;

    public Snapshot(IEnumerable<Layer> layers) => _copies =
        [.. layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Select(parameter => (parameter, parameter.Values.ToArray()))];

    /// <summary>Copies the parameters as they are now, if all are finite; else keeps the last copy.</summary>
    public bool TryRenew()
    {
        foreach (var (parameter, _) in _copies)
        {
            if (!TensorPrimitives.IsFiniteAll(parameter.Values))
            {
                return false;
            }
        }

        foreach (var (parameter, values) in _copies)
        {
            parameter.Values.CopyTo(values);
        }

        return true;
    }

    public void Restore()
    {
        foreach (var (parameter, values) in _copies)
        {
            values.CopyTo(parameter.Values);
        }
    }
}
