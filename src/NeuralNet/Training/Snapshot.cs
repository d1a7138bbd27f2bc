using System.Numerics.Tensors;
using NeuralNet.Models;

namespace NeuralNet.Training;

/// <summary>A copy of what the layers have learnt, to go back to.</summary>
internal sealed class Snapshot
{
    private readonly IReadOnlyList<Layer> _layers;
    private readonly (TensorValues Live, double[] Copy)[] _tensors;

    public Snapshot(IReadOnlyList<Layer> layers)
    {
        _layers = layers;
        _tensors = [.. TensorValues.Of(layers).Select(tensor => (tensor, (double[])tensor.Values.Clone()))];
    }

    /// <summary>The copies, under the names that files have the live numbers by.</summary>
    public IEnumerable<TensorValues> Copies => _tensors.Select(tensor => tensor.Live with { Values = tensor.Copy });

    /// <summary>What error messages call a layer's numbers: <c>layers.0.Weights of FCLayer(4 -> 2)</c>, with their name in files.</summary>
    public static string NameOf(IReadOnlyList<Layer> layers, double[] values) =>
        layers.SelectMany((layer, place) => TensorValues.Of(layer, place).Select(tensor => (tensor, layer)))
            .Where(pair => pair.tensor.Values == values)
            .Select(pair => $"{pair.tensor.Name} of {pair.layer.Name}")
            .First();

    /// <summary>Copies the values as they are now, if all are finite; else keeps the last copy.</summary>
    /// <returns>What is no longer finite, in words; null where all is.</returns>
    public string? TryRenew()
    {
        foreach (var (live, _) in _tensors)
        {
            if (!TensorPrimitives.IsFiniteAll<double>(live.Values))
            {
                return $"{NameOf(_layers, live.Values)} is no longer finite";
            }
        }

        foreach (var (live, copy) in _tensors)
        {
            live.Values.CopyTo(copy, 0);
        }

        return null;
    }

    public void Restore()
    {
        foreach (var (live, copy) in _tensors)
        {
            copy.CopyTo(live.Values, 0);
        }
    }
}
