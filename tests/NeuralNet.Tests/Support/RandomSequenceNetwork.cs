using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>
/// A random network of layers for sequences, old and new ones, with branches among them, and samples of several lengths for it: made twice
/// of one seed, it gives twins.
/// </summary>
/// <param name="seed">Seeds the recipe, the weights and the samples.</param>
/// <param name="isSmooth">Whether all functions have a derivative everywhere, as a check by finite differences needs.</param>
internal sealed class RandomSequenceNetwork(int seed, bool isSmooth)
{
    private const int DeepestBranch = 2, Words = 7, Longest = 9;

    private static readonly ActivationFunction[] s_smooth =
    [
        ActivationFunction.Tanh, ActivationFunction.Sigmoid, ActivationFunction.Softplus, ActivationFunction.Swish, ActivationFunction.Mish,
        ActivationFunction.Gelu, ActivationFunction.Linear,
    ];

    private static readonly ActivationFunction[] s_all =
    [
        .. s_smooth, ActivationFunction.Relu, ActivationFunction.LeakyRelu, ActivationFunction.LeakyReluWith(0.2), ActivationFunction.Relu6,
        ActivationFunction.Elu, ActivationFunction.EluWith(0.5), ActivationFunction.Selu, ActivationFunction.HardSigmoid,
        ActivationFunction.HardSwish,
    ];

    private static readonly LossFunction[] s_losses =
        [LossFunction.Mse, LossFunction.SoftmaxCrossEntropy, LossFunction.BinaryCrossEntropyFromLogits, LossFunction.Huber];

    /// <summary>The loss that <see cref="Make"/> has chosen.</summary>
    public LossFunction Loss => MakeWithLoss().Loss;

    /// <summary>Whether its first layer takes sequences only.</summary>
    public bool TellsItsSteps => Make().Layers[0]
        is EmbeddingLayer or RecurrentLayer or BidirectionalLayer or Conv1DLayer or SelfAttentionLayer;

    public Network Make() => MakeWithLoss().Network;

    /// <summary>Samples of 1 to 9 steps, several of a length among them, and targets that every loss takes.</summary>
    public (Matrix<double>[] X, Matrix<double>[] Y) Samples(int count)
    {
        var random = Draw.Seeded(seed);
        bool ofWords = random.Next(4) == 0;
        int size = random.Next(1, 5);
        var draw = Draw.Seeded(~seed);
        int[] lengths = [.. Enumerable.Range(0, (count + 1) / 2).Select(_ => draw.Next(1, Longest + 1))];
        Matrix<double>[] x =
        [
            .. Enumerable.Range(0, count).Select(i => ofWords
                ? Matrix<double>.Build.Dense(lengths[i % lengths.Length], 1, (_, _) => draw.Next(Words))
                : Draw.Matrix(lengths[i % lengths.Length], size, draw)),
        ];
        var y = Make().Predict(x).Select(output => new SoftmaxLayer().Predict(Draw.Matrix(output.RowCount, output.ColumnCount, draw)));
        return (x, [.. y]);
    }

    public override string ToString() => $"seed {seed}: {Make()}";

    private (Network Network, LossFunction Loss) MakeWithLoss()
    {
        var random = Draw.Seeded(seed);
        var layers = new List<Layer>();
        bool ofWords = random.Next(4) == 0;
        int size = random.Next(1, 5);
        if (ofWords)
        {
            layers.Add(new EmbeddingLayer(Words, size, random: random));
        }

        size = Add(layers, size, random.Next(1, 5), random, 0);
        size = AddEnd(layers, size, random);
        var network = layers.Aggregate(new Network(), (network, layer) => network.Add(layer));
        var loss = size == 1 ? s_losses[0] : s_losses[random.Next(s_losses.Length)];
        return (network.Use(loss), loss);
    }

    /// <summary>Adds layers that keep the number of steps. Returns the values of a step behind them.</summary>
    private int Add(List<Layer> layers, int size, int count, Random random, int depth)
    {
        for (; count > 0; count--)
        {
            int next = random.Next(1, 5);
            switch (random.Next(depth < DeepestBranch ? 13 : 10))
            {
                case 0:
                    layers.Add(new FCLayer(size, next, Initializer.GlorotUniform, random));
                    size = next;
                    break;
                case 1:
                    layers.Add(new ActivationLayer(Of(isSmooth ? s_smooth : s_all, random)));
                    break;
                case 3:
                    layers.Add(Recurrent(size, next, sequences: true, random));
                    size = next;
                    break;
                case 4:
                    layers.Add(new BidirectionalLayer(
                        Recurrent(size, next, sequences: true, random), Recurrent(size, 2, sequences: true, random)));
                    size = next + 2;
                    break;
                case 5:
                    var padding = random.Next(2) == 0 ? Padding.Causal : Padding.Same;
                    layers.Add(new Conv1DLayer(
                        size, next, random.Next(1, 4), padding: padding, dilation: random.Next(1, 3), random: random));
                    size = next;
                    break;
                case 6:
                    layers.Add(new SelfAttentionLayer(size, size % 2 == 0 ? 2 : 1, causal: random.Next(2) == 0, random: random));
                    break;
                case 7:
                    layers.Add(random.Next(2) == 0
                        ? new PositionalEncodingLayer(size, Longest, random: random)
                        : PositionalEncodingLayer.Sinusoidal(size));
                    break;
                case 8 when size > 1:
                    layers.Add(new SoftmaxLayer());
                    break;
                case 9 when depth == 0 && layers.Count == 0:
                    layers.Add(new NormalizationLayer(size).Adapt(Draw.Matrices(4, 2, size, random)));
                    break;
                case 10:
                    var body = new List<Layer>();
                    int given = Add(body, size, random.Next(1, 4), random, depth + 1);
                    if (given != size)
                    {
                        body.Add(new FCLayer(given, size, Initializer.GlorotUniform, random));
                    }

                    layers.Add(new ResidualLayer(body));
                    break;
                case 11:
                    // Where no layer within works on steps, two alike could be planes of an image.
                    var (one, other) = (new List<Layer>(), new List<Layer>());
                    AddNorm(one, size, random);
                    size = Add(one, size, random.Next(1, 3), random, depth + 1) + Add(other, size, random.Next(3), random, depth + 1);
                    layers.Add(new ConcatenateLayer(one, other));
                    break;
                case 12:
                    var inner = new List<Layer>();
                    size = Add(inner, size, random.Next(1, 4), random, depth + 1);
                    layers.Add(new NetworkLayer(inner.Aggregate(new Network(), (network, layer) => network.Add(layer))));
                    break;
                default:
                    AddNorm(layers, size, random);
                    break;
            }
        }

        return size;
    }

    /// <summary>Leaves the steps as they are, or makes a row of them.</summary>
    private int AddEnd(List<Layer> layers, int size, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return size;
            case 1:
                layers.Add(Recurrent(size, 3, sequences: false, random));
                size = 3;
                break;
            case 2 when random.Next(2) == 0:
                layers.Add(new BidirectionalLayer(
                    Recurrent(size, 2, sequences: false, random), Recurrent(size, 1, sequences: false, random)));
                size = 3;
                break;
            case 2 when !isSmooth:
                layers.Add(new GlobalMaxPoolLayer());
                break;
            default:
                layers.Add(new GlobalAveragePoolLayer());
                break;
        }

        layers.Add(new FCLayer(size, 2, Initializer.GlorotUniform, random));
        return 2;
    }

    /// <summary>Of one value a layer normalisation would leave nothing.</summary>
    private static void AddNorm(List<Layer> layers, int size, Random random) =>
        layers.Add(size > 1 ? new LayerNormLayer(size, epsilon: 1) : new FCLayer(size, size, Initializer.GlorotUniform, random));

    private static Layer Recurrent(int size, int hidden, bool sequences, Random random) => random.Next(3) switch
    {
        0 => new RnnLayer(size, hidden, sequences, random: random),
        1 => new GruLayer(size, hidden, sequences, random: random),
        _ => new LstmLayer(size, hidden, sequences, random: random),
    };

    private static ActivationFunction Of(ActivationFunction[] functions, Random random) => functions[random.Next(functions.Length)];
}
