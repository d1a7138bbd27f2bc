using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Golden;

/// <summary>Twelve updates of a Transformer's encoder block against PyTorch's in float64, to 1e-9 relative.</summary>
public class GoldenEncoderTests
{
    private const double Tolerance = 1e-9;
    private static readonly JsonElement s_golden = GoldenFile.Read("networks.json").GetProperty("encoder");

    [Fact]
    public void AnEncoderBlockLearnsAsPyTorchs()
    {
        var net = Encoder();
        SetAll(net, s_golden.GetProperty("initial"));
        Matrix<double>[] x = [.. s_golden.GetProperty("input").EnumerateArray().Select(GoldenFile.Matrix)];

        var history = net.Fit(
            x, Targets(), new FitOptions { Epochs = 12, BatchSize = x.Length, Optimizer = new Adam(0.01), Shuffle = false });

        Matrices.Of([.. history.Losses]).ShouldBeNear(s_golden.GetProperty("losses").Row(), Tolerance, what: "losses");
        foreach (var (name, value, convert) in Named(net))
        {
            value.ShouldBeNear(convert(s_golden.GetProperty("final").GetProperty(name)), Tolerance, Tolerance, name);
        }

        for (int i = 0; i < x.Length; i++)
        {
            net.Predict(x[i]).ShouldBeNear(s_golden.GetProperty("predictions")[i].Row(), Tolerance, what: "prediction");
        }
    }

    [Fact]
    public void PyTorchsWeightsOfTheBlockAreLoadedByName()
    {
        var (byHand, loaded) = (Encoder(), Encoder());
        SetAll(byHand, s_golden.GetProperty("initial"));
        using var file = Models.TensorFile.Of([.. s_golden.GetProperty("initial").EnumerateObject().Select(tensor => (
            tensor.Name,
            (long[])[tensor.Value.GetArrayLength(), .. tensor.Value[0].ValueKind == JsonValueKind.Array
                ? new[] { (long)tensor.Value[0].GetArrayLength() }
                : []],
            tensor.Value.Numbers()))]);

        var report = loaded.LoadWeights(file);

        report.Missing.Should().BeEmpty();
        report.Unused.Should().BeEmpty();
        LayerTree.Parameters(loaded.Layers).Select(parameter => parameter.Value).ToArray()
            .ShouldBeBitForBit([.. LayerTree.Parameters(byHand.Layers).Select(parameter => parameter.Value)], "weights");
    }

    private static Network Encoder() => new Network()
        .Add(new ResidualLayer([new LayerNormLayer(6), new SelfAttentionLayer(6, 2)]))
        .Add(new ResidualLayer(
            [new LayerNormLayer(6), new FCLayer(6, 9), new ActivationLayer(Activations.Gelu, Activations.GeluPrime), new FCLayer(9, 6)]))
        .Add(new GlobalAveragePoolLayer())
        .Add(new FCLayer(6, 3))
        .Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);

    private static Matrix<double>[] Targets() =>
    [
        .. s_golden.GetProperty("target").Numbers()
            .Select(target => Matrices.Of([.. Enumerable.Range(0, 3).Select(i => i == target ? 1.0 : 0)])),
    ];

    private static void SetAll(Network net, JsonElement initial)
    {
        foreach (var (name, value, convert) in Named(net))
        {
            convert(initial.GetProperty(name)).CopyTo(value);
        }
    }

    /// <summary>The network's numbers under PyTorch's names, and how to read PyTorch's layout.</summary>
    private static IEnumerable<(string Name, Matrix<double> Value, Func<JsonElement, Matrix<double>> Convert)> Named(Network net)
    {
        var (first, second) = (((ResidualLayer)net.Layers[0]).Layers, ((ResidualLayer)net.Layers[1]).Layers);
        (string Path, string Weight, string Bias, Layer Layer)[] layers =
        [
            ("norm1.", "weight", "bias", first[0]),
            ("attention.", "in_proj_weight", "in_proj_bias", first[1]),
            ("norm2.", "weight", "bias", second[0]),
            ("feedForward.0.", "weight", "bias", second[1]),
            ("feedForward.2.", "weight", "bias", second[3]),
            ("output.", "weight", "bias", net.Layers[3]),
        ];
        foreach (var (path, weight, bias, layer) in layers)
        {
            var parameters = ((TrainableLayer)layer).Parameters;
            yield return (
                path + weight, parameters[0].Value, golden => layer is LayerNormLayer ? golden.Row() : golden.Matrix().Transpose());
            yield return (path + bias, parameters[1].Value, GoldenFile.Row);
        }

        var attention = (SelfAttentionLayer)first[1];
        yield return ("attention.out_proj.weight", attention.OutputWeights, golden => golden.Matrix().Transpose());
        yield return ("attention.out_proj.bias", attention.OutputBias, GoldenFile.Row);
    }
}
