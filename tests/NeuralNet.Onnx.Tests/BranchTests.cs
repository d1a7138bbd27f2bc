using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx.Tests;

/// <summary>Networks that branch, out to ONNX and in again.</summary>
public class BranchTests
{
    [Theory]
    [InlineData(OnnxDataType.Float32)]
    [InlineData(OnnxDataType.Float64)]
    public void AResidualNetworkPredictsTheSameInTheRuntimeAndImportedAgain(OnnxDataType type)
    {
        var network = ResNet(new Xoshiro256StarStar(1));
        var samples = Case.Draw((16, 16, 1), 5, 3);
        byte[] model = Runtime.Export(network, new OnnxExportOptions { DataType = type });
        using var runtime = new Runtime(model);
        var expected = network.Predict(samples);

        runtime.Run(samples).ShouldBeNear(expected, type == OnnxDataType.Float32 ? 1e-5 : 1e-12);
        var again = Roundtrip.Import(model);
        if (type == OnnxDataType.Float64)
        {
            again.Predict(samples).ShouldBeTheSameBitsAs(expected);
        }
        else
        {
            again.Predict(samples).ShouldBeNear(expected, 1e-5);
        }

        again.Layers.OfType<ResidualLayer>().Select(layer => $"{layer}").Should().Equal(
            "ResidualLayer(5 layers), 1,200 parameters",
            "ResidualLayer(5 layers, shortcut of 2 layers), 3,728 parameters",
            "ResidualLayer(5 layers), 4,704 parameters",
            "ResidualLayer(5 layers, shortcut of 2 layers), 14,624 parameters");
    }

    [Fact]
    public void AnImportedResidualNetworkLearns()
    {
        var network = Roundtrip.Of(ResNet(new Xoshiro256StarStar(1))).Use(Losses.Mse, Losses.MsePrime);
        var x = Case.Draw((16, 16, 1), 8, 3);
        Matrix<double>[] y = [.. Enumerable.Range(0, 8).Select(i => Matrix<double>.Build.Dense(1, 10, (_, column) => column == i ? 1 : 0))];

        var history = network.Fit(x, y, new FitOptions { Epochs = 10, BatchSize = 4, Optimizer = new Adam(0.003), Seed = 1 });

        history.Losses[^1].Should().BeLessThan(history.Losses[0] / 2);
    }

    [Fact]
    public void BranchesAreWrittenAsAddAndConcat()
    {
        var graph = Wire.Model(Runtime.Export(new Network()
            .Add(new ResidualLayer([new FCLayer(4, 4)], [new FCLayer(4, 4)])).Add(new ConcatenateLayer([new FCLayer(4, 3)], [])))).Graph;

        graph.Node.Select(node => $"{node.Name} {node.OpType}({string.Join(", ", node.Input)})").Should().Equal(
            "layer0.body.0.Gemm Gemm(input, layer0.body.0.Weights, layer0.body.0.Bias)",
            "layer0.shortcut.0.Gemm Gemm(input, layer0.shortcut.0.Weights, layer0.shortcut.0.Bias)",
            "layer0.Add Add(layer0.body.0.Gemm, layer0.shortcut.0.Gemm)",
            "layer1.branches.0.0.Gemm Gemm(layer0.Add, layer1.branches.0.0.Weights, layer1.branches.0.0.Bias)",
            "layer1.Concat Concat(layer1.branches.0.0.Gemm, layer0.Add)");
    }

    [Fact]
    public void LayersWithinLayersComeBackAsTheyWere()
    {
        var network = new Network().Add(new ResidualLayer(
            [new ConcatenateLayer([new FCLayer(4, 1), new ResidualLayer([Tanh()])], [Tanh(), new FCLayer(4, 3)])],
            [new ResidualLayer([new FCLayer(4, 4)])]));

        string.Join('\n', Tree(Roundtrip.Of(network).Layers)).Should().Be(string.Join('\n', Tree(network.Layers)));
    }

    [Fact]
    public void FiftyLayersWithinOneAnotherComeBack()
    {
        Layer layer = new FCLayer(3, 3);
        for (int i = 0; i < 50; i++)
        {
            layer = new ResidualLayer([layer, Tanh()]);
        }

        var network = new Network().Add(layer);
        var samples = Case.Draw((1, 3, 1), 3, 1);

        var again = Roundtrip.Of(network, new OnnxExportOptions { DataType = OnnxDataType.Float64 });

        again.Predict(samples).ShouldBeTheSameBitsAs(network.Predict(samples));
    }

    [Fact]
    public void ALayerOfAUserWithinABranchIsRefusedByName() =>
        FluentActions.Invoking(() => Runtime.Export(new Network().Add(new ResidualLayer([new FCLayer(2, 2), new OwnLayer()]))))
            .Should().Throw<NotSupportedException>().WithMessage("*OwnLayer*");

    [Fact]
    public void EveryPublicLayerHasACase()
    {
        var tested = Case.All.SelectMany(entry => Leaves(entry.Network().Layers)).Select(layer => layer.GetType()).Distinct();

        tested.Should().BeEquivalentTo(
            typeof(Layer).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract));
    }

    [Fact]
    public void EveryOperatorIsInTheListOnce()
    {
        var operators = typeof(Operator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract);

        OperatorList.All.Select(one => one.GetType()).Should().BeEquivalentTo(operators.Where(type => type != typeof(Operators.OwnLayer)));
    }

    private static IEnumerable<Layer> Leaves(IEnumerable<Layer> layers)
    {
        var operators = new OperatorList([]);
        return layers.SelectMany(layer => Leaves(operators.Of(layer).Within(layer)).Prepend(layer));
    }

    private static IEnumerable<string> Tree(IEnumerable<Layer> layers) => layers.SelectMany(layer => layer switch
    {
        ResidualLayer residual => ["Residual", .. Tree(residual.Layers), "+", .. Tree(residual.Shortcut), "."],
        ConcatenateLayer concatenate => ["Concatenate", .. concatenate.Layers.SelectMany(branch => Tree(branch).Prepend("|")), "."],
        _ => (string[])[$"{layer}"],
    });

    /// <summary>
    /// As He and others have it: blocks of two convolutions, each with batch normalisation, and 1 x 1 convolutions where planes halve and
    /// double.
    /// </summary>
    private static Network ResNet(Random random)
    {
        var network = new Network().Add(Conv((16, 16, 1), 8, 3, 1, random)).Add(Norm((16, 16, 8), random)).Add(Relu());
        foreach (var (size, depth, stride) in ((int, int, int)[])[(16, 8, 1), (16, 8, 2), (8, 16, 1), (8, 16, 2)])
        {
            int planes = depth * stride;
            var (input, output) = ((size, size, depth), (size / stride, size / stride, planes));
            Layer[] body =
            [
                Conv(input, planes, 3, stride, random), Norm(output, random), Relu(), new DropoutLayer(0.1),
                Conv(output, planes, 3, 1, random), Norm(output, random),
            ];
            Layer[]? shortcut = stride == 1 ? null : [Conv(input, planes, 1, stride, random), Norm(output, random)];
            network.Add(new ResidualLayer(body, shortcut)).Add(Relu());
        }

        return network.Add(new AveragePoolLayer((4, 4, 32), (4, 4))).Add(new FlattenLayer())
            .Add(new FCLayer(32, 10, Initializer.GlorotUniform, random)).Add(new SoftmaxLayer());
    }

    private static ConvLayer Conv((int Height, int Width, int Depth) input, int depth, int kernel, int stride, Random random) =>
        new(input, (kernel, kernel), depth, (stride, stride), new Padding(kernel / 2), Initializer.HeNormal, random);

    private static BatchNormLayer Norm((int Height, int Width, int Depth) shape, Random random)
    {
        var layer = Case.BatchNorm(new BatchNormLayer(shape), random);
        layer.RunningVariance += 0.5;
        return layer;
    }

    private static ActivationLayer Relu() => new(Activations.Relu, Activations.ReluPrime);

    private static ActivationLayer Tanh() => new(Activations.Tanh, Activations.TanhPrime);

    private sealed class OwnLayer : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input * 2;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError * 2;
    }
}
