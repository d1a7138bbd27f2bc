using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Training;

/// <summary>Networks with each kind of layer, large enough for threads where they should be.</summary>
internal static class Networks
{
    public static readonly string[] Kinds = ["rows", "images", "everything"];

    public static readonly IReadOnlyDictionary<string, Func<Optimizer>> Optimizers = new Dictionary<string, Func<Optimizer>>
    {
        ["Sgd"] = () => new Sgd(0.05),
        ["Sgd clipped by norm"] = () => new Sgd(0.05) { ClipNorm = 0.1 },
        ["Sgd clipped by value"] = () => new Sgd(0.05) { ClipValue = 0.01 },
        ["Sgd with momentum"] = () => new Sgd(0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01),
        ["Adagrad"] = () => new Adagrad(0.02),
        ["RmsProp"] = () => new RmsProp(0.005),
        ["Adam"] = () => new Adam(0.01),
        ["AdamW clipped"] = () => new AdamW(0.01) { ClipNorm = 1 },
    };

    public static Network Make(string kind, int seed = 1)
    {
        var random = Draw.Seeded(seed);
        var network = new Network();
        switch (kind)
        {
            case "rows":
                network.Add(new FCLayer(60, 300, Initializer.HeUniform, random)).Add(BuiltIn.Layer("Tanh"))
                    .Add(new FCLayer(300, 70, Initializer.GlorotNormal, random)).Add(BuiltIn.Layer("Relu"))
                    .Add(new FCLayer(70, 5, Initializer.LeCunNormal, random));
                break;
            case "images":
                network.Add(new ConvLayer((12, 5, 1), (3, 2), 6, (1, 1), Padding.Same, Initializer.HeNormal, random))
                    .Add(BuiltIn.Layer("Relu")).Add(new MaxPoolLayer((12, 5, 6), (2, 1)))
                    .Add(new ConvLayer((6, 5, 6), (3, 3), 40, (1, 2), 1, Initializer.HeNormal, random)).Add(BuiltIn.Layer("Tanh"))
                    .Add(new AveragePoolLayer((6, 3, 40), (2, 2), (1, 1)))
                    .Add(new FlattenLayer()).Add(new FCLayer(400, 5, random: random));
                break;
            default:
                network.Add(new ConvLayer((12, 5, 1), (3, 2), 16, random: random)).Add(new BatchNormLayer((10, 4, 16)))
                    .Add(BuiltIn.Layer("Relu")).Add(new MaxPoolLayer((10, 4, 16), (2, 2)))
                    .Add(new FlattenLayer()).Add(new DropoutLayer(0.3))
                    .Add(new FCLayer(160, 200, Initializer.HeUniform, random) { L2 = 1e-3 })
                    .Add(new BatchNormLayer(200)).Add(BuiltIn.Layer("Sigmoid")).Add(new FCLayer(200, 5, random: random));
                break;
        }

        return network.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }

    /// <summary>Images of 12 x 5, or rows of 60, in five classes that can be told apart.</summary>
    public static (Matrix<double>[] X, Matrix<double>[] Y) Samples(string kind, int count, int seed = 2)
    {
        var random = Draw.Seeded(seed);
        var (rows, columns) = kind == "rows" ? (1, 60) : (12, 5);
        var y = Enumerable.Range(0, count).Select(i => Matrix<double>.Build.Dense(1, 5, (_, column) => column == i % 5 ? 1 : 0)).ToArray();
        var x = Enumerable.Range(0, count).Select(i => Draw.Matrix(rows, columns, random).Map(value => 0.5 * value)).ToArray();
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < 12; k++)
            {
                int at = (i % 5 * 12) + k;
                x[i][kind == "rows" ? 0 : at / 5, kind == "rows" ? at : at % 5] += 1;
            }
        }

        return (x, y);
    }

    public static string Hash(Network network) => Fingerprint.OfParameters(network.Layers)
        + Fingerprint.Of(network.Layers.OfType<BatchNormLayer>().SelectMany(layer => new[] { layer.RunningMean, layer.RunningVariance }));
}
