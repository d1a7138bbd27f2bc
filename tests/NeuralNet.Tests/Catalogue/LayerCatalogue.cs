namespace NeuralNet.Tests.Catalogue;

/// <summary>One row for each kind of layer: the library's, and what a user writes on the same contract.</summary>
internal static class LayerCatalogue
{
    public static IReadOnlyList<LayerCase> All { get; } =
    [
        new("FCLayer", random => new FCLayer(5, 4, random: random), 1, 5),
        new("FCLayer of several rows", random => new FCLayer(5, 4, random: random), 3, 5),
        new("ActivationLayer", _ => BuiltIn.Layer("Tanh"), 3, 4) { HasOneShape = false },
        new("ConvLayer", random => new ConvLayer((6, 5, 2), (3, 2), 3, random: random), 6, 10)
        {
            StreamRefusal = "For a sequence take a Conv1DLayer with Padding.Causal",
        },
        new("ConvLayer, stride and padding", random => new ConvLayer((6, 5, 2), (3, 2), 3, (2, 1), Padding.Same, random: random), 6, 10)
        {
            StreamRefusal = "For a sequence take a Conv1DLayer with Padding.Causal",
        },
        new("Conv1DLayer", random => new Conv1DLayer(3, 4, 2, random: random), 5, 3)
        {
            BadInput = Layers.Conv1DLayerTests.BadInput,
            StreamRefusal = "Take padding: Padding.Causal",
        },
        new(
            "Conv1DLayer, stride, padding and dilation",
            random => new Conv1DLayer(2, 3, 3, stride: 2, Padding.Same, dilation: 2, random: random),
            7,
            2)
        {
            StreamRefusal = "Take stride: 1",
        },
        new("Conv1DLayer, causal", random => new Conv1DLayer(2, 3, 3, padding: Padding.Causal, dilation: 2, random: random), 4, 2),
        new("EmbeddingLayer", random => new EmbeddingLayer(6, 3, random: random), 5, 1)
        {
            BadInput = Layers.EmbeddingLayerTests.BadInput,
            Draw = (rows, columns, random) => Draw.Matrix(rows, columns, random).Map(value => Math.Floor(3 * (value + 1))),
        },
        new("FlattenLayer", _ => new FlattenLayer(2), 3, 8)
        {
            HasOneShape = false,
            StreamRefusal = "take a recurrent layer that returns its last state",
        },
        new("MaxPoolLayer", _ => new MaxPoolLayer((5, 6, 2), (2, 3)), 5, 12)
        {
            StreamRefusal = "take a GlobalMaxPoolLayer or GlobalAveragePoolLayer",
        },
        new("AveragePoolLayer", _ => new AveragePoolLayer((5, 6, 2), (2, 3), (1, 2)), 5, 12)
        {
            StreamRefusal = "take a GlobalMaxPoolLayer or GlobalAveragePoolLayer",
        },
        new("GlobalMaxPoolLayer", _ => new GlobalMaxPoolLayer(), 5, 3)
        {
            HasOneShape = false,
            BadInput = Layers.GlobalPoolLayerTests.BadInput,
        },
        new("GlobalMaxPoolLayer of images", _ => new GlobalMaxPoolLayer((4, 3, 2)), 4, 6)
        {
            StreamRefusal = "take new GlobalMaxPoolLayer()",
        },
        new("GlobalAveragePoolLayer", _ => new GlobalAveragePoolLayer(), 5, 3) { HasOneShape = false },
        new("GlobalAveragePoolLayer of images", _ => new GlobalAveragePoolLayer((4, 3, 2)), 4, 6)
        {
            StreamRefusal = "take new GlobalAveragePoolLayer()",
        },
        new("DropoutLayer", _ => new DropoutLayer(0.4), 3, 4) { HasOneShape = false, DependsOnBatch = true },
        new("BatchNormLayer of rows", _ => new BatchNormLayer(5), 1, 5)
        {
            NeedsBatch = true,
            DependsOnBatch = true,
            StreamRefusal = "Take a LayerNormLayer",
        },
        new("BatchNormLayer of images", _ => new BatchNormLayer((4, 3, 2)), 4, 6)
        {
            DependsOnBatch = true,
            StreamRefusal = "Take a LayerNormLayer",
        },
        new("LayerNormLayer", random => new LayerNormLayer(4) { Gamma = Draw.Matrix(1, 4, random) }, 3, 4)
        {
            BadInput = Layers.LayerNormLayerTests.BadInput,
        },
        new(
            "NormalizationLayer",
            random => new NormalizationLayer(4)
            {
                Mean = Draw.Matrix(1, 4, random),
                StandardDeviation = Draw.Matrix(1, 4, random).PointwiseAbs() + Draw.Row(0.5, 0.5, 0.5, 0.5),
            },
            3,
            4)
        {
            BadInput = Layers.NormalizationLayerTests.BadInput,
        },
        new("RnnLayer", random => Recurrent.Drawn("rnn", 3, 5, sequences: false, random), 4, 3)
        {
            BadInput = Layers.RecurrentLayerTests.BadInput,
        },
        new("RnnLayer that returns sequences", random => Recurrent.Drawn("rnn", 3, 2, sequences: true, random), 4, 3),
        new("GruLayer", random => Recurrent.Drawn("gru", 2, 5, sequences: false, random), 3, 2),
        new("GruLayer that returns sequences", random => Recurrent.Drawn("gru", 3, 4, sequences: true, random), 5, 3),
        new("LstmLayer", random => Recurrent.Drawn("lstm", 3, 2, sequences: false, random), 4, 3),
        new("LstmLayer that returns sequences", random => Recurrent.Drawn("lstm", 2, 5, sequences: true, random), 4, 2),
        new("SelfAttentionLayer", random => new SelfAttentionLayer(4, 2, initializer: Initializer.Uniform(-1, 1), random: random), 3, 4)
        {
            BadInput = Layers.SelfAttentionLayerTests.BadInput,
            StreamRefusal = "Make it causal: true",
        },
        new(
            "SelfAttentionLayer, causal",
            random => new SelfAttentionLayer(6, 2, causal: true, Initializer.Uniform(-1, 1), random),
            5,
            6),
        new("PositionalEncodingLayer", random => new PositionalEncodingLayer(3, 5, random: random), 4, 3)
        {
            BadInput = Layers.PositionalEncodingLayerTests.BadInput,
        },
        new("PositionalEncodingLayer, sinusoidal", _ => PositionalEncodingLayer.Sinusoidal(3), 4, 3),
        new("SoftmaxLayer", _ => new SoftmaxLayer(), 2, 3) { HasOneShape = false },
        new(
            "ResidualLayer",
            random => new ResidualLayer([new FCLayer(5, 4, random: random), BuiltIn.Layer("Tanh"), new FCLayer(4, 5, random: random)]),
            1,
            5),
        new(
            "ResidualLayer with a shortcut",
            random => new ResidualLayer(
                [new ConvLayer((6, 5, 2), (3, 3), 3, (2, 2), Padding.Same, random: random)],
                [new ConvLayer((6, 5, 2), (1, 1), 3, (2, 2), random: random)]),
            6,
            10)
        {
            StreamRefusal = "For a sequence take a Conv1DLayer with Padding.Causal",
        },
        new(
            "ConcatenateLayer",
            random =>
                new ConcatenateLayer([new FCLayer(5, 3, random: random)], [], [new FCLayer(5, 2, random: random), BuiltIn.Layer("Tanh")]),
            1,
            5),
        new(
            "BidirectionalLayer",
            random => new BidirectionalLayer(
                Recurrent.Drawn("lstm", 3, 2, sequences: true, random), Recurrent.Drawn("gru", 3, 4, sequences: true, random)),
            4,
            3)
        {
            BadInput = Layers.BidirectionalLayerTests.BadInput,
            StreamRefusal = "Take its forward layer alone",
        },
        new(
            "BidirectionalLayer of last states",
            random => new BidirectionalLayer(
                Recurrent.Drawn("gru", 2, 3, sequences: false, random), Recurrent.Drawn("gru", 2, 3, sequences: false, random)),
            5,
            2)
        {
            StreamRefusal = "Take its forward layer alone",
        },
        new(
            "NetworkLayer",
            random => new NetworkLayer(new Network().Add(new FCLayer(5, 4, random: random)).Add(BuiltIn.Layer("Tanh"))),
            1,
            5),
        new("a user's dense layer", random => new DenseLayer(5, 4, random), 1, 5) { Registry = DenseLayer.Registry },
        new("a user's layer that learns on the way back", random => new TracingLayer(5, random), 1, 5)
        {
            Registry = TracingLayer.Registry,
            StreamRefusal = "Override its NewStreamState",
        },
    ];

    public static TheoryData<string> Names => [.. All.Select(row => row.Name)];

    public static LayerCase Named(string name) => All.Single(row => row.Name == name);
}
