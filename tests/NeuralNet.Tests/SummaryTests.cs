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
    public void InitializersPrintTheirNumbers()
    {
        Initializer.Default.ToString().Should().Be("Uniform(-0.5, 0.5)");
        Initializer.Uniform(0, 1e-3).ToString().Should().Be("Uniform(0, 0.001)");
    }

    [Fact]
    public void ANetworkPrintsItsLayersAndParameters()
    {
        s_network.ToString().Should().Be(
            "Network(ConvLayer(28 x 28 x 1 -> 26 x 26 x 8, kernel 3 x 3), ActivationLayer(Tanh), FlattenLayer(depth 8), FCLayer(5408 -> 100), ActivationLayer(custom), FCLayer(100 -> 10)), 541,990 parameters");
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

        """.ReplaceLineEndings("\n"));

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
