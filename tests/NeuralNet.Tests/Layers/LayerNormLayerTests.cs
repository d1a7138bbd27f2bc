using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Layer normalisation against PyTorch's figures, and by hand.</summary>
public class LayerNormLayerTests
{
    private static readonly JsonElement s_golden = GoldenFile.Read("sequences.json").GetProperty("layerNorm");

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. new[] { 0, -1, int.MinValue }.Select(size => OutOfRange(
            "LayerNormLayer.ctor(size)", $"{size}", _ => new LayerNormLayer(size), "LayerNormLayer's size", "1 or more", $"{size}")),
        .. new[] { double.NaN, double.PositiveInfinity, 0, -1e-5 }.Select(epsilon => OutOfRange(
            "LayerNormLayer.ctor(epsilon)", $"{epsilon}", _ => new LayerNormLayer(3, epsilon),
            "LayerNormLayer's epsilon", "finite number above 0", $"is {epsilon}.")),
        Null("LayerNormLayer.Gamma(value)", _ => new LayerNormLayer(3).Gamma = null!),
        Null("LayerNormLayer.Beta(value)", _ => new LayerNormLayer(3).Beta = null!),
        Wrong("LayerNormLayer.Gamma(value)", "a column", _ => new LayerNormLayer(3).Gamma = Draw.Matrix(3, 1, Draw.Seeded(1)),
            "LayerNormLayer(3) expects Gamma of 1 x 3, but got 3 x 1."),
        Wrong("LayerNormLayer.Beta(value)", "NaN", _ => new LayerNormLayer(3).Beta = Draw.Row(1, 2, double.NaN),
            "LayerNormLayer(3)'s Beta", "finite", "NaN at [0, 2]"),
    ];

    public static TheoryData<int> Figures => [.. Enumerable.Range(0, s_golden.GetArrayLength())];

    [Theory]
    [MemberData(nameof(Figures))]
    public void AgreesWithPyTorch(int index)
    {
        const double Tolerance = 1e-10;
        var golden = s_golden[index];
        var parameters = golden.GetProperty("parameters");
        var (weight, bias) = (parameters.GetProperty("weight"), parameters.GetProperty("bias"));
        var layer = new LayerNormLayer(weight.GetArrayLength(), golden.Double("epsilon")) { Gamma = weight.Row(), Beta = bias.Row() };

        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            Matrix<double> Of(string name) => golden.GetProperty(name)[sample].Matrix();
            layer.ForwardPropagation(Of("input")).ShouldBeNear(Of("output"), Tolerance, Tolerance, "output");
            layer.Predict(Of("input")).ShouldBeNear(Of("output"), Tolerance, Tolerance, "prediction");
            layer.Backward(Of("outputError")).ShouldBeNear(Of("inputError"), Tolerance, Tolerance, "inputError");
        }

        var errors = golden.GetProperty("parameterErrors");
        layer.Parameters[0].Gradient.ShouldBeNear(errors.GetProperty("weight").Row(), Tolerance, Tolerance, "weight");
        layer.Parameters[1].Gradient.ShouldBeNear(errors.GetProperty("bias").Row(), Tolerance, Tolerance, "bias");
    }

    [Fact]
    public void EachRowHasMeanZeroAndVarianceOneThenGammaAndBeta()
    {
        var layer = new LayerNormLayer(2, epsilon: 1e-300) { Gamma = Draw.Row(3, 3), Beta = Draw.Row(10, 20) };

        layer.Predict(Matrices.Of([1, 5], [-2, -4], [1e9, 1e9 + 1e-6])).ShouldBeNear(Matrices.Of([7, 23], [13, 17], [7, 23]), 1e-12);
    }

    [Fact]
    public void DigitsFarFromZeroAreKept()
    {
        var x = Matrices.Of([1, 2, 4, 8]);

        new LayerNormLayer(4).Predict(x + 1e12).ShouldBeNear(new LayerNormLayer(4).Predict(x), 1e-14, 1e-14);
    }

    [Fact]
    public void SamplesMayHaveAnyNumberOfRows()
    {
        var layer = new LayerNormLayer(3);
        var x = Draw.Matrix(5, 3, Draw.Seeded(1));

        layer.Predict(x.SubMatrix(1, 2, 0, 3)).ShouldBeBitForBit(layer.Predict(x).SubMatrix(1, 2, 0, 3));
        layer.ForwardPropagation(x.SubMatrix(0, 1, 0, 3)).ShouldBeBitForBit(layer.Predict(x).SubMatrix(0, 1, 0, 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(9)]
    public void GradientsAreThoseOfFiniteDifferencesForAnyLength(int steps) => GradientCheck
        .Run(new LayerNormLayer(4) { Gamma = Draw.Matrix(1, 4, Draw.Seeded(1)) }, Draw.Matrix(steps, 4, Draw.Seeded(steps)))
        .WorstRelativeError.Should().BeLessThan(1e-6);

    [Fact]
    public void WeightsOfPyTorchsModuleAreLoadedByKindAndSize()
    {
        var (linear, norm) = (new FCLayer(2, 3), new LayerNormLayer(3));
        var net = new Network().Add(linear).Add(norm).Add(new BatchNormLayer(3));
        using var file = Models.TensorFile.Of(
            ("norm.weight", [3], [1, 2, 3]), ("norm.bias", [3], [4, 5, 6]),
            ("other.weight", [3], [7, 7, 7]), ("other.bias", [3], [7, 7, 7]),
            ("other.running_mean", [3], [7, 7, 7]), ("other.running_var", [3], [7, 7, 7]));

        net.LoadWeights(file);

        norm.Gamma.ShouldBeBitForBit(Draw.Row(1, 2, 3));
        norm.Beta.ShouldBeBitForBit(Draw.Row(4, 5, 6));
    }
}
