using System.Text.Json;

namespace NeuralNet.Tests;

/// <summary>Layers, activations and losses against PyTorch's in float64, to 1e-10 relative.</summary>
public class GoldenLayerTests
{
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_golden = GoldenFile.Read("layers.json");

    public static TheoryData<int> Convolutions =>
        [.. Enumerable.Range(0, s_golden.GetProperty("conv").GetArrayLength()).Where(i => Stride(i) == 1 && Padding(i) == 0)];

    public static TheoryData<string> ActivationNames => [.. Named("activations", BuiltIn.Activation.Keys)];

    public static TheoryData<string> LossNames => [.. Named("losses", BuiltIn.Loss.Keys)];

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void ConvLayerAgreesWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("conv")[index];
        var weights = golden.GetProperty("weights");
        var inputs = golden.GetProperty("input").EnumerateArray().ToArray();
        var layer = new ConvLayer(
            (inputs[0][0].GetArrayLength(), inputs[0][0][0].GetArrayLength(), inputs[0].GetArrayLength()),
            (weights[0][0].GetArrayLength(), weights[0][0][0].GetArrayLength()),
            weights.GetArrayLength())
        {
            Weights = weights.Kernels(),
            Bias = golden.GetProperty("bias").Row(),
        };

        for (int sample = 0; sample < inputs.Length; sample++)
        {
            layer.ForwardPropagation(inputs[sample].Planes()).ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "output");
            layer.Predict(inputs[sample].Planes()).ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "prediction");
            layer.Backward(golden.GetProperty("outputError")[sample].Planes()).ShouldBeNear(golden.GetProperty("inputError")[sample].Planes(), Tolerance, what: "inputError");
        }

        layer.Parameters[0].Gradient.ShouldBeNear(golden.GetProperty("weightsError").Kernels(), Tolerance, what: "weightsError");
        layer.Parameters[1].Gradient.ShouldBeNear(golden.GetProperty("biasError").Row(), Tolerance, what: "biasError");
    }

    [Fact]
    public void ThreeGoldenConvolutionsHaveStrideOneAndNoPadding() => Convolutions.Should<object[]>().HaveCount(3);

    [Theory]
    [MemberData(nameof(ActivationNames))]
    public void ActivationAndDerivativeAgreeWithPyTorch(string name)
    {
        var golden = s_golden.GetProperty("activations").GetProperty(name);
        double[] x = golden.GetProperty("x").Numbers();
        var (function, prime) = BuiltIn.Activation[Capital(name)];
        var y = function(Matrices.Of(x));
        var derivative = prime(Matrices.Of(x));
        for (int i = 0; i < x.Length; i++)
        {
            // Two of PyTorch's own values are rounded: sigmoid'(30) is y(1 - y) with 1 - y left with three digits, and gelu(-30), -1.5e-196 in truth, is 0.
            double absolute = (name, x[i]) is ("sigmoid", 30) or ("gelu", -30) ? 1e-15 : 0;
            y[0, i].ShouldBeNear(golden.GetProperty("y")[i].GetDouble(), Tolerance, absolute, $"{name}({x[i]})");
            derivative[0, i].ShouldBeNear(golden.GetProperty("derivative")[i].GetDouble(), Tolerance, absolute, $"{name}'({x[i]})");
        }
    }

    [Fact]
    public void EveryGoldenActivationAndTheFourLossesAreCompared()
    {
        ActivationNames.Should<object[]>().HaveCount(s_golden.GetProperty("activations").EnumerateObject().Count());
        LossNames.Should<object[]>().HaveCount(4);
    }

    [Theory]
    [MemberData(nameof(LossNames))]
    public void LossAndDerivativeAgreeWithPyTorch(string name)
    {
        var golden = s_golden.GetProperty("losses").GetProperty(name);
        var yTrue = golden.GetProperty("yTrue").Matrix();
        var yPred = golden.GetProperty("yPred").Matrix();
        var (loss, prime) = BuiltIn.Loss[Capital(name)];

        loss(yTrue, yPred).ShouldBeNear(golden.Double("loss"), Tolerance, what: name);
        prime(yTrue, yPred).ShouldBeNear(golden.GetProperty("derivative").Matrix(), Tolerance, what: $"{name}'");
    }

    private static IEnumerable<string> Named(string section, IEnumerable<string> builtIn) =>
        s_golden.GetProperty(section).EnumerateObject().Select(property => property.Name).Where(name => builtIn.Contains(Capital(name)));

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static int Stride(int convolution) => s_golden.GetProperty("conv")[convolution].Int("stride");

    private static int Padding(int convolution) => s_golden.GetProperty("conv")[convolution].Int("padding");
}
