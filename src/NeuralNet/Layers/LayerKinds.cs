using NeuralNet.Models;

namespace NeuralNet.Layers;

/// <summary>The list of all kinds of layers that the library has, for files.</summary>
internal static class LayerKinds
{
    private static readonly LayerKind[] s_all =
    [
        FCLayer.Kind,
        ActivationLayer.Kind,
        ConvLayer.Kind,
        Conv1DLayer.Kind,
        EmbeddingLayer.Kind,
        FlattenLayer.Kind,
        MaxPoolLayer.Kind,
        AveragePoolLayer.Kind,
        GlobalMaxPoolLayer.Kind,
        GlobalAveragePoolLayer.Kind,
        DropoutLayer.Kind,
        BatchNormLayer.Kind,
        LayerNormLayer.Kind,
        NormalizationLayer.Kind,
        SelfAttentionLayer.Kind,
        PositionalEncodingLayer.Kind,
        SoftmaxLayer.Kind,
        RnnLayer.Kind,
        GruLayer.Kind,
        LstmLayer.Kind,
        ResidualLayer.Kind,
        ConcatenateLayer.Kind,
        BidirectionalLayer.Kind,
        NetworkLayer.Kind,
    ];

    private static readonly Dictionary<Type, LayerKind> s_ofType = s_all.ToDictionary(kind => kind.Type);
    private static readonly Dictionary<string, LayerKind> s_named = s_all.ToDictionary(kind => kind.Name);

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<LayerKind> All => s_all;

    /// <summary>The kind of a layer; null for a user's own.</summary>
    public static LayerKind? Of(Layer layer) => s_ofType.GetValueOrDefault(layer.GetType());

    /// <summary>The kind that files call by a name; null where there is none.</summary>
    public static LayerKind? Named(string name) => s_named.GetValueOrDefault(name);
}
