using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Golden;

/// <summary>The article's three networks against golden runs: initial weights exactly, everything after that to 1e-9 relative.</summary>
/// <remarks>
/// Each runs twice: through the buffers of the library's own layers, and layer by layer as a network with a user's layer does.
/// </remarks>
public class GoldenTrajectoryTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void TheInitialWeightsOfXorAreDrawnRowByRowLayerByLayer()
    {
        var golden = GoldenFile.Read("xor.json");
        var network = Xor(golden);

        Parameters(network).Select(parameter => parameter.Value).ToArray()
            .ShouldBeBitForBit([.. golden.GetProperty("initial").EnumerateArray().Select(GoldenFile.Matrix)], "initial");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void XorFollowsTheGoldenRun(bool layerByLayer)
    {
        var golden = GoldenFile.Read("xor.json");
        var network = Xor(golden);
        Matrix<double>[] x = [Matrices.Of([0, 0]), Matrices.Of([0, 1]), Matrices.Of([1, 0]), Matrices.Of([1, 1])];
        Matrix<double>[] y = [Matrices.Of([0]), Matrices.Of([1]), Matrices.Of([1]), Matrices.Of([0])];

        Fit(network, layerByLayer, golden, x, y);

        var final = golden.GetProperty("final").EnumerateArray().Select(GoldenFile.Matrix).ToArray();
        final.Should().HaveCount(4);
        foreach (var (parameter, expected) in Parameters(network).Zip(final))
        {
            parameter.Value.ShouldBeNear(expected, Tolerance, what: parameter.Name);
        }

        PredictionsAreGolden(network, golden, x);

        // The same run in 50-digit arithmetic: the golden figures are up to 1.4e-9 from it.
        double[] exact = [0.00098088361547215617, 0.97705405000685340, 0.97721702270077788, -0.0016672444174617834];
        for (int i = 0; i < x.Length; i++)
        {
            network.Predict(x[i])[0, 0].ShouldBeNear(exact[i], Tolerance, what: $"prediction {i} against 50 digits");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheFullyConnectedNetworkFollowsTheGoldenRunOnDigits(bool layerByLayer)
    {
        var golden = GoldenFile.Read("digits_fc.json");
        var random = new GoldenRandom((uint)golden.Int("seed"));
        var sizes = golden.GetProperty("layers").EnumerateArray().Select(size => size.GetInt32()).ToArray();
        var network = new Network();
        for (int i = 1; i < sizes.Length; i++)
        {
            network.Add(new FCLayer(sizes[i - 1], sizes[i], random: random))
                .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        }

        Fit(network, layerByLayer, golden, Digits.Train(golden.Int("samples")).Rows, Digits.TrainTargets(golden.Int("samples")));

        var layers = network.Layers.OfType<FCLayer>().ToArray();
        layers.Should().HaveCount(3);
        for (int i = 0; i < layers.Length; i++)
        {
            var weights = layers[i].Weights.Enumerate().ToArray();
            weights.Sum()
                .ShouldBeNear(golden.GetProperty("sumOfWeights")[i].GetDouble(), Tolerance, what: $"the sum of layer {i}'s weights");
            weights.Sum(weight => weight * weight).ShouldBeNear(
                golden.GetProperty("sumOfSquares")[i].GetDouble(), Tolerance, what: $"the sum of layer {i}'s squared weights");
        }

        layers[^1].Bias.ShouldBeNear(golden.GetProperty("lastBias").Matrix(), Tolerance, what: "the last bias");
        PredictionsAreGolden(network, golden, Digits.Test(5).Rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheConvolutionalNetworkFollowsTheGoldenRunOnDigits(bool layerByLayer)
    {
        var golden = GoldenFile.Read("digits_conv.json");
        var random = new GoldenRandom((uint)golden.Int("seed"));
        var convolution = new ConvLayer((28, 28, 1), (3, 3), 1, random: random);
        var network = new Network()
            .Add(convolution)
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new FlattenLayer())
            .Add(new FCLayer(26 * 26, 100, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(100, 10, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));

        Fit(network, layerByLayer, golden, Digits.Train(golden.Int("samples")).Images, Digits.TrainTargets(golden.Int("samples")));

        convolution.Weights.ShouldBeNear(Matrices.Of(golden.GetProperty("kernel").Numbers()).Transpose(), Tolerance, what: "the kernel");
        convolution.Bias[0, 0].ShouldBeNear(golden.Double("bias"), Tolerance, what: "the kernel's bias");
        PredictionsAreGolden(network, golden, Digits.Test(5).Images);
    }

    private static Network Xor(JsonElement golden)
    {
        var random = new GoldenRandom((uint)golden.Int("seed"));
        return new Network()
            .Add(new FCLayer(2, 3, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(3, 1, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    }

    private static void Fit(
        Network network, bool layerByLayer, JsonElement golden, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y)
    {
        if (layerByLayer)
        {
            network.Add(new PassOn());
        }

        network.Use(Losses.Mse, Losses.MsePrime);
        var history = network.Fit(x, y, golden.Int("epochs"), golden.Double("learningRate"));
        Matrices.Of([.. history.Losses]).ShouldBeNear(golden.GetProperty("errors").Row(), Tolerance, what: "errors");
    }

    private static void PredictionsAreGolden(Network network, JsonElement golden, IReadOnlyList<Matrix<double>> x)
    {
        var expected = golden.GetProperty("predictions").EnumerateArray().Select(GoldenFile.Matrix).ToArray();
        expected.Should().HaveCount(x.Count);
        var predictions = network.Predict(x);
        for (int i = 0; i < x.Count; i++)
        {
            predictions[i].ShouldBeNear(expected[i], Tolerance, what: $"prediction {i}");
        }
    }

    private static IEnumerable<Parameter> Parameters(Network network) =>
        network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters);

    private sealed class PassOn : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => Output = Input = input;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError;
    }
}
