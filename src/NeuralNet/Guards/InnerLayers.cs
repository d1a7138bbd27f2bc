using NeuralNet.Layers;

namespace NeuralNet.Guards;

/// <summary>
/// The library's layers inside those of a user's, as far as a network can see them: by their parameters, which a
/// <see cref="TrainableLayer"/> lists.
/// </summary>
internal static class InnerLayers
{
    /// <summary>The layer, and the library's whose parameters it lists.</summary>
    public static IEnumerable<Layer> With(Layer layer) =>
        ((layer as TrainableLayer)?.Parameters ?? []).Select(parameter => parameter?.Owner).OfType<Layer>().Prepend(layer).Distinct();

    /// <summary>A network keeps the statistics of its own layers only.</summary>
    /// <exception cref="InvalidOperationException">A layer of a user's has one inside that gathers statistics.</exception>
    public static void RequireVisibleState(IReadOnlyList<Layer> layers)
    {
        var visible = LayerTree.All(layers).ToHashSet();
        foreach (var layer in visible.Where(one => one is not CompositeLayer))
        {
            if (With(layer).FirstOrDefault(one => one is TrainableLayer { Buffers.Count: > 0 } && !visible.Contains(one)) is { } inner)
            {
                throw HiddenState(layer.Name, inner);
            }
        }
    }

    public static InvalidOperationException HiddenState(string outer, Layer inner) => UserCode.Refusal(
        $"{outer} has a {inner.Name} inside, whose running mean and variance the network cannot see: "
        + "files, copies, checkpoints and early stopping would lose them. "
        + $"Add the {inner.GetType().Name} to the network as a layer of its own, or leave it out.");
}
