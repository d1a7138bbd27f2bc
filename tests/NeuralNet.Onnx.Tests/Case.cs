using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Onnx.Tests;

/// <summary>A network of each built-in layer, and whole networks, with samples for them.</summary>
internal sealed record Case(
    string Name, Func<Random, Network> Make, (int Height, int Width, int Depth) Input, bool NeedsInputShape = false, double LeastScale = 0)
{
    /// <summary>How many whole numbers the samples are drawn from; null for any numbers.</summary>
    public int? Vocabulary { get; init; }

    public static IReadOnlyList<Case> Layers { get; } =
    [
        new("FC", random => new Network().Add(new FCLayer(6, 5, random: random)), (1, 6, 1)),
        new("FCOfSteps", random => new Network().Add(new FCLayer(6, 5, random: random)), (4, 6, 1), true),
        new("Conv", random => new Network().Add(new ConvLayer((7, 6, 2), (3, 2), 3, random: random)), (7, 6, 2)),
        new("ConvStride", random => new Network().Add(new ConvLayer((7, 6, 2), (3, 2), 3, (2, 3), random: random)), (7, 6, 2)),
        new(
            "ConvPadding",
            random => new Network().Add(new ConvLayer((7, 6, 2), (3, 2), 3, (1, 2), new Padding(2, 1), random: random)),
            (7, 6, 2)),
        new("ConvSame", random => new Network().Add(new ConvLayer((7, 6, 2), (3, 2), 3, (2, 1), Padding.Same, random: random)), (7, 6, 2)),
        new("MaxPool", _ => new Network().Add(new MaxPoolLayer((7, 6, 2), (3, 2), (2, 1))), (7, 6, 2)),
        new("AveragePool", _ => new Network().Add(new AveragePoolLayer((7, 6, 2), (3, 2), (2, 1))), (7, 6, 2)),
        new("BatchNormOfRows", random => new Network().Add(BatchNorm(new BatchNormLayer(5), random)), (1, 5, 1)),
        new("BatchNormOfImages", random => new Network().Add(BatchNorm(new BatchNormLayer((4, 3, 5), epsilon: 0.003), random)), (4, 3, 5)),
        new("LayerNormOfRows", random => new Network().Add(LayerNorm(new LayerNormLayer(6), random)), (1, 6, 1), true),
        new("LayerNormOfSteps", random => new Network().Add(LayerNorm(new LayerNormLayer(6, 0.0123456789), random)), (4, 6, 1), true),
        new("SelfAttention", random => new Network().Add(new SelfAttentionLayer(6, 3, random: random)), (4, 6, 1)),
        new("CausalSelfAttention", random => new Network().Add(new SelfAttentionLayer(6, 2, true, random: random)), (5, 6, 1)),
        new("SelfAttentionOfFourSteps", random => new Network().Add(new SelfAttentionLayer(6, 1, random: random)), (4, 6, 1), true),
        new("Positions", random => new Network().Add(new PositionalEncodingLayer(6, 20, random: random)), (4, 6, 1)),
        new("SinusoidalPositions", _ => new Network().Add(PositionalEncodingLayer.Sinusoidal(5)), (300, 5, 1)),
        Conv1D("Conv1D", random => new Conv1DLayer(3, 4, 2, random: random)),
        Conv1D("Conv1DStrideAndDilation", random => new Conv1DLayer(3, 4, 3, 2, 1, 2, random: random)),
        Conv1D("Conv1DSame", random => new Conv1DLayer(3, 4, 4, padding: Padding.Same, random: random)),
        Conv1D("Conv1DSameAndDilation", random => new Conv1DLayer(3, 2, 3, padding: Padding.Same, dilation: 2, random: random)),
        Conv1D("Conv1DSameAndStride", random => new Conv1DLayer(3, 4, 4, 2, Padding.Same, random: random)),
        Conv1D("Conv1DSameStrideAndDilation", random => new Conv1DLayer(3, 4, 3, 3, Padding.Same, 2, random: random)),
        Conv1D("Conv1DCausal", random => new Conv1DLayer(3, 4, 3, padding: Padding.Causal, dilation: 2, random: random)),
        Conv1D("Conv1DCausalAndStride", random => new Conv1DLayer(3, 4, 2, 3, Padding.Causal, random: random)),
        Conv1D("Conv1DOfSixSteps", random => new Conv1DLayer(3, 4, 3, 2, Padding.Same, random: random)) with { NeedsInputShape = true },
        Recurrent("Rnn", random => new RnnLayer(3, 5, false, random: random)),
        Recurrent("RnnStates", random => new RnnLayer(3, 5, true, random: random)),
        Recurrent("Gru", random => new GruLayer(3, 4, false, random: random)),
        Recurrent("GruStates", random => new GruLayer(3, 4, true, random: random)),
        Recurrent("Lstm", random => new LstmLayer(3, 2, false, random: random)),
        Recurrent("LstmStates", random => new LstmLayer(3, 2, true, random: random)),
        Recurrent("LstmOfSixSteps", random => new LstmLayer(3, 2, true, random: random)) with { NeedsInputShape = true },
        Recurrent("BidirectionalRnn", random => Both(false, (n, h, all) => new RnnLayer(n, h, all, random: random))),
        Recurrent("BidirectionalGru", random => Both(false, (n, h, all) => new GruLayer(n, h, all, random: random))),
        Recurrent("BidirectionalGruStates", random => Both(true, (n, h, all) => new GruLayer(n, h, all, random: random))),
        Recurrent("BidirectionalLstm", random => Both(false, (n, h, all) => new LstmLayer(n, h, all, random: random))),
        Recurrent("BidirectionalLstmStates", random => Both(true, (n, h, all) => new LstmLayer(n, h, all, random: random))),
        Recurrent(
            "BidirectionalOfTwoSizes",
            random => new BidirectionalLayer(new GruLayer(3, 2, random: random), new GruLayer(3, 4, random: random))),
        Recurrent(
            "BidirectionalOfTwoKinds",
            random => new BidirectionalLayer(new LstmLayer(3, 4, true, random: random), new GruLayer(3, 4, true, random: random))),
        new("Embedding", random => new Network().Add(new EmbeddingLayer(9, 4, random: random)), (6, 1, 1)) { Vocabulary = 9 },
        new("GlobalMaxPool", _ => new Network().Add(new GlobalMaxPoolLayer()), (6, 3, 1), true),
        new("GlobalMaxPoolOfImages", _ => new Network().Add(new GlobalMaxPoolLayer((5, 4, 3))), (5, 4, 3)),
        new("GlobalAveragePool", _ => new Network().Add(new GlobalAveragePoolLayer()), (6, 3, 1), true),
        new("GlobalAveragePoolOfImages", _ => new Network().Add(new GlobalAveragePoolLayer((5, 4, 3))), (5, 4, 3)),
        new("NormalizationOfRows", random => new Network().Add(Normalization(6, random)), (1, 6, 1), true),
        new("NormalizationOfSteps", random => new Network().Add(Normalization(6, random)), (4, 6, 1), true),
        new("NormalizationOfPlanes", random => new Network().Add(Normalization(6, random)), (4, 3, 2), true),
        new("Flatten", _ => new Network().Add(new FlattenLayer(3)), (4, 2, 3), true),
        new("SoftmaxOfRows", _ => new Network().Add(new SoftmaxLayer()), (1, 6, 1), true),
        new("SoftmaxOfSteps", _ => new Network().Add(new SoftmaxLayer()), (4, 6, 1), true),
        new("SoftmaxOfColumnsOfPlanes", _ => new Network().Add(new SoftmaxLayer()), (4, 3, 2), true),
        new("Dropout", _ => new Network().Add(new DropoutLayer(0.5)), (4, 3, 2), true),
        Activation("Tanh", Activations.Tanh, Activations.TanhPrime),
        Activation("Sigmoid", Activations.Sigmoid, Activations.SigmoidPrime),
        Activation("Relu", Activations.Relu, Activations.ReluPrime),
        Activation("LeakyRelu", Activations.LeakyRelu, Activations.LeakyReluPrime),
        Activation("Elu", Activations.Elu, Activations.EluPrime),
        Activation("Relu6", Activations.Relu6, Activations.Relu6Prime),
        Activation("Selu", Activations.Selu, Activations.SeluPrime),
        Activation("Mish", Activations.Mish, Activations.MishPrime),
        Activation("HardSigmoid", Activations.HardSigmoid, Activations.HardSigmoidPrime),
        Activation("HardSwish", Activations.HardSwish, Activations.HardSwishPrime),
        Numbered("LeakyReluWith", ActivationFunction.LeakyReluWith(0.2), ActivationFunction.LeakyReluWith(1.5)),
        Numbered("EluWith", ActivationFunction.EluWith(0.5), ActivationFunction.EluWith(2)),
        Activation("Softplus", Activations.Softplus, Activations.SoftplusPrime),
        Activation("Swish", Activations.Swish, Activations.SwishPrime),
        Activation("Gelu", Activations.Gelu, Activations.GeluPrime),
        Activation("Linear", Activations.Linear, Activations.LinearPrime),
    ];

    /// <summary>Networks of sequences, whose number of steps is free in the model.</summary>
    public static IReadOnlyList<Case> Sequences { get; } =
    [
        new("Words", random => new Network()
            .Add(new EmbeddingLayer(9, 6, random: random)).Add(new Conv1DLayer(6, 8, 3, padding: Padding.Same, random: random))
            .Add(Relu()).Add(new DropoutLayer(0.3)).Add(new GlobalMaxPoolLayer()).Add(new FCLayer(8, 3, random: random))
            .Add(new SoftmaxLayer()), (7, 1, 1)) { Vocabulary = 9 },
        new("CausalConvolutions", random => new Network()
            .Add(new Conv1DLayer(3, 5, 2, padding: Padding.Causal, random: random)).Add(LayerNorm(new LayerNormLayer(5), random))
            .Add(Swish())
            .Add(new ResidualLayer([new Conv1DLayer(5, 5, 2, padding: Padding.Causal, dilation: 2, random: random), Gelu()]))
            .Add(new ConcatenateLayer([], [new Conv1DLayer(5, 2, 1, random: random)])), (7, 3, 1)),
        new("Transformer", random => new Network()
            .Add(new EmbeddingLayer(9, 6, random: random)).Add(new PositionalEncodingLayer(6, 20, random: random))
            .Add(new ResidualLayer([LayerNorm(new LayerNormLayer(6), random), new SelfAttentionLayer(6, 2, causal: true, random: random)]))
            .Add(new ResidualLayer(
                [
                    LayerNorm(new LayerNormLayer(6), random),
                    new Conv1DLayer(6, 8, 1, random: random),
                    Gelu(),
                    new Conv1DLayer(8, 6, 1, random: random),
                ]))
            .Add(new GlobalAveragePoolLayer()).Add(new FCLayer(6, 3, random: random)), (7, 1, 1)) { Vocabulary = 9 },
        new("MeanOfSteps", random => new Network()
            .Add(new Conv1DLayer(3, 5, 3, 2, Padding.Same, random: random)).Add(new GlobalAveragePoolLayer())
            .Add(new FCLayer(5, 2, random: random)), (7, 3, 1)),
    ];

    /// <summary>Networks of recurrent layers.</summary>
    public static IReadOnlyList<Case> RecurrentNetworks { get; } =
    [
        new("StackedLstm", random => new Network()
            .Add(new LstmLayer(3, 6, true, random: random)).Add(new DropoutLayer(0.2)).Add(LayerNorm(new LayerNormLayer(6), random))
            .Add(new LstmLayer(6, 4, random: random)).Add(new FCLayer(4, 2, random: random)).Add(new SoftmaxLayer()), (7, 3, 1)),
        new("BothDirectionsTwice", random => new Network()
            .Add(Both(true, (n, h, all) => new GruLayer(n, h, all, random: random)))
            .Add(new Conv1DLayer(8, 3, 3, padding: Padding.Same, random: random)).Add(Relu())
            .Add(Both(false, (n, h, all) => new RnnLayer(n, h, all, random: random))).Add(new FCLayer(8, 2, random: random)),
            (7, 3, 1)),
        new("RecurrentBranches", random => new Network()
            .Add(new ConcatenateLayer([], [new GruLayer(3, 3, true, random: random)])).Add(new RnnLayer(6, 6, true, random: random))
            .Add(new ResidualLayer([new LstmLayer(6, 6, true, random: random)])).Add(new GlobalAveragePoolLayer()), (7, 3, 1)),
        new("RowsBeforeSteps", random => new Network()
            .Add(new FCLayer(3, 5, random: random)).Add(Swish()).Add(new ResidualLayer([new FCLayer(5, 5, random: random)]))
            .Add(new LstmLayer(5, 4, random: random)).Add(new FCLayer(4, 2, random: random)), (7, 3, 1)),
        new("TagsOfRecurrentSteps", random => new Network()
            .Add(new LstmLayer(3, 4, true, random: random)).Add(new FCLayer(4, 5, random: random)).Add(Swish())
            .Add(new ConcatenateLayer([], [new FCLayer(5, 2, random: random)])).Add(new FCLayer(7, 3, random: random))
            .Add(new SoftmaxLayer()), (7, 3, 1)),
    ];

    public static IReadOnlyList<Case> Networks { get; } =
    [
        .. Sequences,
        .. RecurrentNetworks,
        new("SixStepsInARow", random => new Network()
            .Add(new Conv1DLayer(3, 4, 2, 2, Padding.Causal, random: random)).Add(new FlattenLayer())
            .Add(new FCLayer(12, 2, random: random)), (6, 3, 1), true),
        new("AnImagesRowsAsSteps", random => new Network()
            .Add(new ConvLayer((5, 4, 2), (2, 2), 3, random: random)).Add(new Conv1DLayer(9, 4, 2, random: random))
            .Add(new GlobalMaxPoolLayer()), (5, 4, 2)),
        new("StepsAsAnImage", random => new Network()
            .Add(new Conv1DLayer(3, 6, 2, random: random)).Add(new MaxPoolLayer((5, 3, 2), (2, 2)))
            .Add(new FlattenLayer()), (6, 3, 1), true),
        new("ARowAsOneStep", random => new Network()
            .Add(new FCLayer(4, 3, random: random)).Add(new Conv1DLayer(3, 2, 3, padding: Padding.Causal, random: random))
            .Add(new FCLayer(2, 2, random: random)), (1, 4, 1)),
        new("Mlp", random => new Network()
            .Add(new FCLayer(20, 16, random: random)).Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(16, 10, random: random)).Add(BatchNorm(new BatchNormLayer(10), random))
            .Add(new DropoutLayer(0.2)).Add(new SoftmaxLayer()), (1, 20, 1)),
        new("RawNumbers", random => new Network()
            .Add(Normalization(6, random)).Add(new FCLayer(6, 5, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Add(new FCLayer(5, 3, random: random)), (1, 6, 1)),
        new("TagsOfSteps", random => new Network()
            .Add(new FCLayer(6, 8, random: random)).Add(LayerNorm(new LayerNormLayer(8), random)).Add(Swish())
            .Add(new ResidualLayer([new FCLayer(8, 8, random: random)])).Add(new FCLayer(8, 3, random: random))
            .Add(new SoftmaxLayer()), (5, 6, 1), true),
        new("StepsThatAreFlattened", random => new Network()
            .Add(new FCLayer(6, 3, random: random)).Add(new FlattenLayer()).Add(new FCLayer(15, 2, random: random)), (5, 6, 1), true),
        new("Lenet", random => new Network()
            .Add(new ConvLayer((28, 28, 1), (5, 5), 6, (1, 1), Padding.Same, Initializer.GlorotUniform, random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new AveragePoolLayer((28, 28, 6), (2, 2)))
            .Add(new ConvLayer((14, 14, 6), (5, 5), 16, Initializer.GlorotUniform, random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new MaxPoolLayer((10, 10, 16), (2, 2))).Add(new FlattenLayer())
            .Add(new FCLayer(400, 120, Initializer.GlorotUniform, random)).Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime))
            .Add(new FCLayer(120, 10, Initializer.GlorotUniform, random)).Add(new SoftmaxLayer()), (28, 28, 1)),
        new("ImagesOfOneRowThatAreRowsToo", random => new Network()
            .Add(new FCLayer(4, 6, random: random)).Add(new MaxPoolLayer((1, 3, 2), (1, 2), (1, 1)))
            .Add(new FCLayer(4, 3, random: random)), (1, 4, 1)),
        new("OnePlaneThatBecomesSeveral", random => new Network()
            .Add(new MaxPoolLayer((3, 7, 1), (2, 2), (1, 1))).Add(new BatchNormLayer((2, 2, 3))).Add(new FlattenLayer())
            .Add(new FCLayer(12, 2, random: random)), (3, 7, 1)),
        new("OnePlaneThatIsFlattenedAsSeveral", _ => new Network()
            .Add(new MaxPoolLayer((3, 7, 1), (2, 2), (1, 1))).Add(new FlattenLayer(2)), (3, 7, 1)),
    ];

    /// <summary>Layers within layers.</summary>
    public static IReadOnlyList<Case> Branches { get; } =
    [
        new("Residual", random => new Network().Add(new ResidualLayer([new FCLayer(6, 6, random: random)])), (1, 6, 1)),
        new("ResidualOfImages", random => new Network().Add(new ResidualLayer([Conv((5, 4, 3), 3, 1, random), Relu()])), (5, 4, 3)),
        new("ResidualWithShortcut", random => new Network().Add(new ResidualLayer(
            [Conv((5, 4, 3), 4, 2, random), BatchNorm(new BatchNormLayer((3, 2, 4)), random), Relu(), Conv((3, 2, 4), 4, 1, random)],
            [new ConvLayer((5, 4, 3), (1, 1), 4, (2, 2), random: random), BatchNorm(new BatchNormLayer((3, 2, 4)), random)])), (5, 4, 3)),
        new("ResidualInResidual", random => new Network().Add(new ResidualLayer(
            [
                new ResidualLayer([new FCLayer(6, 6, random: random), Relu()]),
                new ResidualLayer([Swish()], [new FCLayer(6, 6, random: random)]),
            ])), (1, 6, 1)),
        new("ResidualOfFormulas", random => new Network().Add(new FCLayer(6, 6, random: random))
            .Add(new ResidualLayer([Swish()])).Add(new ResidualLayer([Gelu()])).Add(new ResidualLayer([Gelu()], [Swish()]))
            .Add(new ConcatenateLayer([Swish()], [Gelu()], [Sigmoid()], [], [Swish(), Gelu()])), (1, 6, 1)),
        new("ResidualOfNothing", _ => new Network().Add(new ResidualLayer([new DropoutLayer(0.5)])), (4, 3, 2), true),
        new("ResidualOfSoftmax", _ => new Network().Add(new ResidualLayer([new SoftmaxLayer()])), (4, 3, 2), true),
        new(
            "ConcatenateOfRows",
            random => new Network().Add(new ConcatenateLayer([new FCLayer(6, 4, random: random)], [], [Relu()])),
            (1, 6, 1)),
        new("ConcatenateOfPlanes", random => new Network()
            .Add(new ConcatenateLayer([Conv((5, 4, 3), 2, 1, random)], [], [Conv((5, 4, 3), 1, 1, random), Relu()])), (5, 4, 3)),
        new("ConcatenateOfPlanesThenFlatten", random => new Network()
            .Add(new ConcatenateLayer([], [Conv((5, 4, 3), 2, 1, random)])).Add(new FlattenLayer())
            .Add(new FCLayer(100, 3, random: random)), (5, 4, 3)),
        new("ConcatenateOfColumns", _ => new Network()
            .Add(new ConcatenateLayer(
                [new MaxPoolLayer((5, 4, 1), (1, 2), (1, 1))], [], [new AveragePoolLayer((5, 4, 1), (1, 3), (1, 1))])), (5, 4, 1)),
        new("ConcatenateOfRowsAndImages", random => new Network()
            .Add(new ConcatenateLayer([new MaxPoolLayer((1, 3, 2), (1, 2), (1, 1))], [new FCLayer(6, 6, random: random)])), (1, 6, 1)),
        new("ConcatenateInConcatenate", random => new Network().Add(new ConcatenateLayer(
            [new ConcatenateLayer([new FCLayer(6, 2, random: random)], []), Relu()], [new ResidualLayer([Sigmoid()])])), (1, 6, 1)),
        new("DenseBlock", random => new Network()
            .Add(new ConcatenateLayer([], [Conv((5, 4, 2), 2, 1, random)])).Add(new ConcatenateLayer([], [Conv((5, 4, 4), 2, 1, random)]))
            .Add(new ConcatenateLayer(
                [], [BatchNorm(new BatchNormLayer((5, 4, 6)), random), Relu(), Conv((5, 4, 6), 2, 1, random)])), (5, 4, 2)),
        new("NetworkInNetwork", random => new Network().Add(new NetworkLayer(
            new Network().Add(new FCLayer(6, 4, random: random))
                .Add(new NetworkLayer(new Network().Add(new ResidualLayer([Relu()])))))), (1, 6, 1)),
        new("BranchesThatKeepAnyShape", random => new Network()
            .Add(new ResidualLayer([Relu()])).Add(new NetworkLayer(new Network().Add(new DropoutLayer(0.1))))
            .Add(new FCLayer(6, 4, random: random)), (1, 6, 1)),
    ];

    public static IEnumerable<Case> All => Layers.Concat(Branches).Concat(Networks);

    public static Case Named(string name) => All.Single(entry => entry.Name == name);

    public Network Network() => Make(new Xoshiro256StarStar(1));

    public OnnxExportOptions Options(OnnxDataType type, int opset = 17) =>
        new() { DataType = type, Opset = opset, InputShape = NeedsInputShape ? Input : null };

    public Matrix<double>[] Samples(int count) => Samples(count, Input.Height);

    /// <summary>Samples of so many rows.</summary>
    public Matrix<double>[] Samples(int count, int rows)
    {
        var x = Draw((rows, Input.Width, Input.Depth), count, 2);
        return Vocabulary is { } most ? [.. x.Select(one => one.Map(value => Math.Floor(Math.Abs(value) * 10 % most)))] : x;
    }

    /// <summary>Samples of normal distribution, as floats hold them.</summary>
    public static Matrix<double>[] Draw((int Height, int Width, int Depth) shape, int count, int seed)
    {
        var normal = new MathNet.Numerics.Distributions.Normal(0, 2, new Xoshiro256StarStar(seed));
        return [
            .. Enumerable.Range(0, count).Select(
                _ => Matrix<double>.Build.Dense(shape.Height, shape.Width * shape.Depth, (_, _) => (float)normal.Sample()))];
    }

    public override string ToString() => Name;

    private static ConvLayer Conv((int Height, int Width, int Depth) input, int depth, int stride, Random random) =>
        new(input, (3, 3), depth, (stride, stride), Padding.Same, Initializer.GlorotUniform, random);

    private static Case Conv1D(string name, Func<Random, Conv1DLayer> make) =>
        new(name, random => new Network().Add(make(random)), (6, 3, 1));

    /// <summary>A recurrent layer with biases, too.</summary>
    private static Case Recurrent(string name, Func<Random, TrainableLayer> make) => new(
        name,
        random =>
        {
            var layer = make(random);
            foreach (var parameter in layer.Parameters)
            {
                parameter.Value.MapInplace(value => value + random.NextDouble() - 0.5, Zeros.Include);
            }

            return new Network().Add(layer);
        },
        (6, 3, 1));

    private static BidirectionalLayer Both(bool sequences, Func<int, int, bool, RecurrentLayer> make) =>
        new(make(3, 4, sequences), make(3, 4, sequences));

    private static ActivationLayer Relu() => new(Activations.Relu, Activations.ReluPrime);

    private static ActivationLayer Sigmoid() => new(Activations.Sigmoid, Activations.SigmoidPrime);

    private static ActivationLayer Swish() => new(Activations.Swish, Activations.SwishPrime);

    private static ActivationLayer Gelu() => new(Activations.Gelu, Activations.GeluPrime);

    private static Case Activation(
        string name, Func<Matrix<double>, Matrix<double>> function, Func<Matrix<double>, Matrix<double>> prime) =>
        new(name, _ => new Network().Add(new ActivationLayer(function, prime)), (4, 3, 2), true);

    private static Case Numbered(string name, params ActivationFunction[] functions) => new(
        name,
        _ => functions.Aggregate(new Network(), (net, function) => net.Add(new ActivationLayer(function))).Add(new ActivationLayer(
            functions[0].Name[0] == 'E' ? ActivationFunction.Elu : ActivationFunction.LeakyRelu)),
        (4, 3, 2),
        true);

    private static LayerNormLayer LayerNorm(LayerNormLayer layer, Random random)
    {
        layer.Gamma = layer.Gamma.Map(one => one + random.NextDouble());
        layer.Beta = layer.Beta.Map(_ => random.NextDouble() - 0.5, Zeros.Include);
        return layer;
    }

    private static NormalizationLayer Normalization(int size, Random random) => new(size)
    {
        Mean = Matrix<double>.Build.Dense(1, size, (_, _) => random.NextDouble() - 0.5),
        StandardDeviation = Matrix<double>.Build.Dense(1, size, (_, column) => column == 0 ? 0 : 0.5 + random.NextDouble()),
    };

    public static BatchNormLayer BatchNorm(BatchNormLayer layer, Random random)
    {
        Matrix<double> Row(double low, double high) =>
            Matrix<double>.Build.Dense(1, layer.Gamma.ColumnCount, (_, _) => low + ((high - low) * random.NextDouble()));
        layer.Gamma = Row(-1, 2);
        layer.Beta = Row(-1, 1);
        layer.RunningMean = Row(-1, 1);
        layer.RunningVariance = Row(0, 3);
        layer.RunningVariance[0, 0] = 0;
        return layer;
    }
}
