using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>Recurrent layers against PyTorch's in float64, to 1e-10 relative.</summary>
public class GoldenRecurrentTests
{
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_golden = GoldenFile.Read("sequences.json").GetProperty("recurrent");

    public static TheoryData<int> Figures => Indices(bidirectional: false);

    public static TheoryData<int> BidirectionalFigures => Indices(bidirectional: true);

    [Theory]
    [MemberData(nameof(Figures))]
    public void ALayerAgreesWithPyTorch(int index)
    {
        var golden = s_golden[index];
        var layer = LayerOf(golden);
        layer.SetFromTorch(golden.GetProperty("parameters"));

        CompareSamples(layer, golden);

        CompareGradients(layer, golden.GetProperty("parameterErrors"), "");
    }

    [Theory]
    [MemberData(nameof(BidirectionalFigures))]
    public void BothDirectionsAgreeWithPyTorch(int index)
    {
        var golden = s_golden[index];
        var (forward, backward) = (LayerOf(golden), LayerOf(golden));
        forward.SetFromTorch(golden.GetProperty("parameters"));
        backward.SetFromTorch(golden.GetProperty("parameters"), "_reverse");

        CompareSamples(new BidirectionalLayer(forward, backward), golden);

        CompareGradients(forward, golden.GetProperty("parameterErrors"), "");
        CompareGradients(backward, golden.GetProperty("parameterErrors"), "_reverse");
    }

    [Theory]
    [MemberData(nameof(Figures))]
    [MemberData(nameof(BidirectionalFigures))]
    public void WeightsAreLoadedAsPyTorchHasThem(int index)
    {
        var golden = s_golden[index];
        bool bidirectional = golden.GetProperty("bidirectional").GetBoolean();
        Layer layer = bidirectional ? new BidirectionalLayer(LayerOf(golden), LayerOf(golden)) : LayerOf(golden);
        using var file = Models.TensorFile.Of(
            [.. golden.GetProperty("parameters").EnumerateObject().Select(tensor => (
                $"model.rnn.{tensor.Name}",
                tensor.Value[0].ValueKind == JsonValueKind.Array
                    ? new long[] { tensor.Value.GetArrayLength(), tensor.Value[0].GetArrayLength() }
                    : [tensor.Value.GetArrayLength()],
                tensor.Value.Numbers()))]);

        var report = new Network().Add(layer).LoadWeights(file);

        report.Missing.Should().BeEmpty();
        report.Unused.Should().BeEmpty();
        CompareSamples((TrainableLayer)layer, golden);
    }

    private static TheoryData<int> Indices(bool bidirectional) =>
    [
        .. Enumerable.Range(0, s_golden.GetArrayLength())
            .Where(i => s_golden[i].GetProperty("bidirectional").GetBoolean() == bidirectional),
    ];

    private static RecurrentLayer LayerOf(JsonElement golden)
    {
        var weights = golden.GetProperty("parameters").GetProperty("weight_ih_l0");
        int hidden = golden.GetProperty("parameters").GetProperty("weight_hh_l0")[0].GetArrayLength();
        return Recurrent.New(
            golden.GetProperty("kind").GetString()!,
            weights[0].GetArrayLength(),
            hidden,
            golden.GetProperty("returnSequences").GetBoolean());
    }

    private static void CompareSamples(TrainableLayer layer, JsonElement golden)
    {
        bool sequences = golden.GetProperty("returnSequences").GetBoolean();
        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            Matrix<double> Y(string name) => sequences ? golden.GetProperty(name)[sample].Matrix() : golden.GetProperty(name)[sample].Row();
            var x = golden.GetProperty("input")[sample].Matrix();
            layer.ForwardPropagation(x).ShouldBeNear(Y("output"), Tolerance, what: "output");
            layer.Predict(x).ShouldBeNear(Y("output"), Tolerance, what: "prediction");
            layer.Backward(Y("outputError"))
                .ShouldBeNear(golden.GetProperty("inputError")[sample].Matrix(), Tolerance, what: "inputError");
        }
    }

    private static void CompareGradients(RecurrentLayer layer, JsonElement golden, string suffix)
    {
        foreach (var parameter in layer.Parameters)
        {
            parameter.Gradient.ShouldBeNear(parameter.OfTorch(golden, suffix, adds: false), Tolerance, what: parameter.Name);
        }
    }
}
