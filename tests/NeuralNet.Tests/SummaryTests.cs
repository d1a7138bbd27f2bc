using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>How layers and networks print.</summary>
public class SummaryTests
{
    private static readonly Network s_network = new Network()
        .Add(new ConvLayer((28, 28, 1), (3, 3), 8))
        .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
        .Add(new FlattenLayer())
        .Add(new FCLayer(5408, 100))
        .Add(new ActivationLayer(x => x, Activations.LinearPrime))
        .Add(new FCLayer(100, 10));

    [Fact]
    public void LayersPrintKindSizesAndParameters()
    {
        new FCLayer(784, 100).ToString().Should().Be("FCLayer(784 -> 100), 78,500 parameters");
        new FCLayer(1, 1).ToString().Should().Be("FCLayer(1 -> 1), 2 parameters");
        new ConvLayer((28, 28, 1), (3, 3), 1).ToString().Should().Be("ConvLayer(28 x 28 x 1 -> 26 x 26 x 1, kernel 3 x 3), 10 parameters");
        new ConvLayer((6, 5, 2), (3, 2), 3).ToString().Should().Be("ConvLayer(6 x 5 x 2 -> 4 x 4 x 3, kernel 3 x 2), 39 parameters");
        new ActivationLayer(Activations.LeakyRelu, Activations.LeakyReluPrime).ToString().Should().Be("ActivationLayer(LeakyRelu)");
        new FlattenLayer().ToString().Should().Be("FlattenLayer");
        new FlattenLayer(3).ToString().Should().Be("FlattenLayer(depth 3)");
        new UsersOwn().ToString().Should().Be("UsersOwn");
    }

    [Fact]
    public void TheLayersOfADigitNetworkPrintWhatTheyWereMadeWith()
    {
        new ConvLayer((9, 8, 2), (3, 2), 4, (2, 1)).ToString()
            .Should().Be("ConvLayer(9 x 8 x 2 -> 4 x 7 x 4, kernel 3 x 2, stride 2 x 1), 52 parameters");
        new ConvLayer((9, 8, 2), (3, 2), 4, (1, 1), Padding.Same).ToString()
            .Should().Be("ConvLayer(9 x 8 x 2 -> 9 x 8 x 4, kernel 3 x 2, padding same), 52 parameters");
        new ConvLayer((9, 8, 1), (3, 3), 1, (2, 2), new Padding(2, 0)).ToString()
            .Should().Be("ConvLayer(9 x 8 x 1 -> 6 x 3 x 1, kernel 3 x 3, stride 2 x 2, padding 2 x 0), 10 parameters");
        new ConvLayer((9, 8, 1), (3, 3), 1, (1, 1), 0).ToString()
            .Should().Be("ConvLayer(9 x 8 x 1 -> 7 x 6 x 1, kernel 3 x 3), 10 parameters");
        new MaxPoolLayer((9, 8, 3), (2, 3)).ToString().Should().Be("MaxPoolLayer(9 x 8 x 3 -> 4 x 2 x 3, pool 2 x 3)");
        new MaxPoolLayer((9, 8, 3), (2, 3), (1, 2)).ToString()
            .Should().Be("MaxPoolLayer(9 x 8 x 3 -> 8 x 3 x 3, pool 2 x 3, stride 1 x 2)");
        new AveragePoolLayer((9, 8, 3), (2, 3)).ToString().Should().Be("AveragePoolLayer(9 x 8 x 3 -> 4 x 2 x 3, pool 2 x 3)");
        new AveragePoolLayer((9, 8, 3), (2, 3), (3, 3)).ToString()
            .Should().Be("AveragePoolLayer(9 x 8 x 3 -> 3 x 2 x 3, pool 2 x 3, stride 3 x 3)");
        new DropoutLayer(0.25).ToString().Should().Be("DropoutLayer(0.25)");
        new BatchNormLayer(1234).ToString().Should().Be("BatchNormLayer(1234), 2,468 parameters");
        new BatchNormLayer((9, 8, 3)).ToString().Should().Be("BatchNormLayer(9 x 8 x 3), 6 parameters");
        new SoftmaxLayer().ToString().Should().Be("SoftmaxLayer");
    }

    [Fact]
    public void NumbersPrintTheSameInEveryCulture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NumberGroupSeparator) = (",", ".");
            CultureInfo.CurrentCulture = commas;
            new DropoutLayer(0.25).ToString().Should().Be("DropoutLayer(0.25)");
            new BatchNormLayer(1234).ToString().Should().Be("BatchNormLayer(1234), 2,468 parameters");
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void InitializersPrintTheirNumbers()
    {
        Initializer.Default.ToString().Should().Be("Uniform(-0.5, 0.5)");
        Initializer.Uniform(0, 1e-3).ToString().Should().Be("Uniform(0, 0.001)");
    }

    [Fact]
    public void ANetworkPrintsItsLayersAndParameters()
    {
        s_network.ToString().Should().Be(
            "Network(ConvLayer(28 x 28 x 1 -> 26 x 26 x 8, kernel 3 x 3), ActivationLayer(Tanh), FlattenLayer(depth 8), FCLayer(5408 -> "
            + "100), ActivationLayer(custom), FCLayer(100 -> 10)), 541,990 parameters");
        new Network().ToString().Should().Be("Network(), 0 parameters");
    }

    [Fact]
    public void TheSummaryIsKerasTable() => s_network.Summary().Should().Be(
        """
        Model: "Network"
        ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓
        ┃ Layer (type)                                        ┃ Output Shape ┃ Param # ┃
        ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩
        │ ConvLayer(28 x 28 x 1 -> 26 x 26 x 8, kernel 3 x 3) │ 26 x 26 x 8  │      80 │
        ├─────────────────────────────────────────────────────┼──────────────┼─────────┤
        │ ActivationLayer(Tanh)                               │ 26 x 26 x 8  │       0 │
        ├─────────────────────────────────────────────────────┼──────────────┼─────────┤
        │ FlattenLayer(depth 8)                               │ 1 x 5408     │       0 │
        ├─────────────────────────────────────────────────────┼──────────────┼─────────┤
        │ FCLayer(5408 -> 100)                                │ 1 x 100      │ 540,900 │
        ├─────────────────────────────────────────────────────┼──────────────┼─────────┤
        │ ActivationLayer(custom)                             │ 1 x 100      │       0 │
        ├─────────────────────────────────────────────────────┼──────────────┼─────────┤
        │ FCLayer(100 -> 10)                                  │ 1 x 10       │   1,010 │
        └─────────────────────────────────────────────────────┴──────────────┴─────────┘
         Total params: 541,990 (4.14 MB)
         Trainable params: 541,990 (4.14 MB)
         Non-trainable params: 0 (0.00 B)
         custom: not a function of the library. The network runs on one thread, is saved by a LayerRegistry only, has no ONNX model.

        """.ReplaceLineEndings("\n"));

    [Fact]
    public void TheSummaryOfADigitNetworkFollowsItsShapes() => new Network()
        .Add(new ConvLayer((9, 8, 1), (3, 3), 4, (2, 1), 1))
        .Add(new BatchNormLayer((5, 8, 4)))
        .Add(BuiltIn.Layer("Relu"))
        .Add(new MaxPoolLayer((5, 8, 4), (2, 2)))
        .Add(new DropoutLayer(0.5))
        .Add(new AveragePoolLayer((2, 4, 4), (2, 2), (1, 1)))
        .Add(new FlattenLayer())
        .Add(new FCLayer(12, 3))
        .Add(new BatchNormLayer(3))
        .Add(new SoftmaxLayer())
        .Summary().Split('\n').Where(line => line.StartsWith('│') || line.StartsWith(" T", StringComparison.Ordinal)).Should().Equal(
            "│ ConvLayer(9 x 8 x 1 -> 5 x 8 x 4, kernel 3 x 3, stride 2 x 1, padding 1 x 1) │ 5 x 8 x 4    │      40 │",
            "│ BatchNormLayer(5 x 8 x 4)                                                    │ 5 x 8 x 4    │      16 │",
            "│ ActivationLayer(Relu)                                                        │ 5 x 8 x 4    │       0 │",
            "│ MaxPoolLayer(5 x 8 x 4 -> 2 x 4 x 4, pool 2 x 2)                             │ 2 x 4 x 4    │       0 │",
            "│ DropoutLayer(0.5)                                                            │ 2 x 4 x 4    │       0 │",
            "│ AveragePoolLayer(2 x 4 x 4 -> 1 x 3 x 4, pool 2 x 2, stride 1 x 1)           │ 1 x 3 x 4    │       0 │",
            "│ FlattenLayer(depth 4)                                                        │ 1 x 12       │       0 │",
            "│ FCLayer(12 -> 3)                                                             │ 1 x 3        │      39 │",
            "│ BatchNormLayer(3)                                                            │ 1 x 3        │      12 │",
            "│ SoftmaxLayer                                                                 │ 1 x 3        │       0 │",
            " Total params: 107 (856.00 B)",
            " Trainable params: 93 (744.00 B)");

    /// <summary>Running means and variances are saved but not trained: Keras counts them with the layer, and below by themselves.</summary>
    [Fact]
    public void RunningStatisticsAreNonTrainable()
    {
        Layer[] Layers() => [new BatchNormLayer(5), new FCLayer(5, 5)];
        string Counts(params Layer[] layers) => string.Join('\n', layers.Aggregate(new Network(), (net, layer) => net.Add(layer))
            .Summary().Split('\n').Where(line => line.Contains("params: ", StringComparison.Ordinal)));
        const string Expected =
            " Total params: 50 (400.00 B)\n Trainable params: 40 (320.00 B)\n Non-trainable params: 10 (80.00 B)";

        Counts(Layers()).Should().Be(Expected);
        Counts(new ResidualLayer(Layers())).Should().Be(Expected);
        Counts(new ConcatenateLayer([], [new NetworkLayer(new Network().Add(new ResidualLayer(Layers())))])).Should().Be(Expected);
    }

    [Fact]
    public void ShapesThatNobodyKnowsAreQuestionMarksUntilALayerTells()
    {
        var network = new Network().Add(new FlattenLayer()).Add(new UsersOwn()).Add(new FCLayer(2, 1));

        network.Summary().Should().Be(
            """
            Model: "Network"
            ┏━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓
            ┃ Layer (type)    ┃ Output Shape ┃ Param # ┃
            ┡━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩
            │ FlattenLayer    │ ?            │       0 │
            ├─────────────────┼──────────────┼─────────┤
            │ UsersOwn        │ ?            │       0 │
            ├─────────────────┼──────────────┼─────────┤
            │ FCLayer(2 -> 1) │ 1 x 1        │       3 │
            └─────────────────┴──────────────┴─────────┘
             Total params: 3 (24.00 B)
             Trainable params: 3 (24.00 B)
             Non-trainable params: 0 (0.00 B)

            """.ReplaceLineEndings("\n"));
    }

    private sealed class UsersOwn : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError;
    }
}
