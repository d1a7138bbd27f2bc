namespace NeuralNet;

/// <summary>The library's layers inside those of a user's, as far as a network can see them: by their parameters, which a <see cref="TrainableLayer"/> lists.</summary>
internal static class InnerLayers
{
    /// <summary>The layer, and the library's whose parameters it lists.</summary>
    public static IEnumerable<Layer> With(Layer layer) =>
        ((layer as TrainableLayer)?.Parameters ?? []).Select(parameter => parameter?.Owner).OfType<Layer>().Prepend(layer).Distinct();
}
