using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>Layers, activations and losses against PyTorch's in float64, to 1e-10 relative.</summary>
public class GoldenLayerTests
{
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_golden = GoldenFile.Read("layers.json");

    public static TheoryData<int> Convolutions =>
        [.. Enumerable.Range(0, s_golden.GetProperty("conv").GetArrayLength())];

    public static TheoryData<int> Poolings => [.. Enumerable.Range(0, s_golden.GetProperty("pooling").GetArrayLength())];

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
            weights.GetArrayLength(),
            (golden.Int("stride"), golden.Int("stride")),
            golden.Int("padding"))
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

    [Theory]
    [MemberData(nameof(Poolings))]
    public void PoolLayersAgreeWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("pooling")[index];
        var inputs = golden.GetProperty("input").EnumerateArray().ToArray();
        var inputShape = (inputs[0][0].GetArrayLength(), inputs[0][0][0].GetArrayLength(), inputs[0].GetArrayLength());
        var (size, stride) = ((golden.Int("size"), golden.Int("size")), (golden.Int("stride"), golden.Int("stride")));
        Layer layer = golden.GetProperty("kind").GetString() == "max" ? new MaxPoolLayer(inputShape, size, stride) : new AveragePoolLayer(inputShape, size, stride);
        for (int sample = 0; sample < inputs.Length; sample++)
        {
            layer.ForwardPropagation(inputs[sample].Planes()).ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "output");
            layer.BackwardPropagation(golden.GetProperty("outputError")[sample].Planes(), 0).ShouldBeNear(golden.GetProperty("inputError")[sample].Planes(), Tolerance, what: "inputError");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void BatchNormLayerAgreesWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("batchNorm")[index];
        bool images = golden.GetProperty("input")[0][0].ValueKind == JsonValueKind.Array;
        Matrix<double>[] Samples(string name) => [.. golden.GetProperty(name).EnumerateArray().Select(sample => images ? sample.Planes() : sample.Row())];
        var x = Samples("input");
        int planes = golden.GetProperty("gamma").GetArrayLength();
        var layer = images ? new BatchNormLayer((x[0].RowCount, x[0].ColumnCount / planes, planes)) : new BatchNormLayer(planes);
        layer.Gamma = golden.GetProperty("gamma").Row();
        layer.Beta = golden.GetProperty("beta").Row();
        layer.Momentum.Should().Be(golden.Double("momentum"));
        layer.Epsilon.Should().Be(golden.Double("epsilon"));

        var pass = OneBatch.Through(layer, x, Samples("outputError"));

        OneBatch.Samples(pass.Output, x.Length).ShouldAllBeNear(Samples("output"), Tolerance, "output");
        OneBatch.Samples(pass.InputError, x.Length).ShouldAllBeNear(Samples("inputError"), Tolerance, "inputError");
        layer.Parameters[0].Gradient.ShouldBeNear(golden.GetProperty("gammaError").Row(), Tolerance, what: "gammaError");
        layer.Parameters[1].Gradient.ShouldBeNear(golden.GetProperty("betaError").Row(), Tolerance, what: "betaError");
        layer.RunningMean.ShouldBeNear(golden.GetProperty("runningMean").Row(), Tolerance, what: "runningMean");
        layer.RunningVariance.ShouldBeNear(golden.GetProperty("runningVariance").Row(), Tolerance, what: "runningVariance");
        x.Select(layer.Predict).ToArray().ShouldAllBeNear(Samples("predict"), Tolerance, "predict");
    }

    [Fact]
    public void SoftmaxLayerAgreesWithPyTorch()
    {
        var golden = s_golden.GetProperty("softmax");
        var layer = new SoftmaxLayer();
        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            layer.ForwardPropagation(golden.GetProperty("input")[sample].Row()).ShouldBeNear(golden.GetProperty("output")[sample].Row(), Tolerance, what: "output");
            layer.BackwardPropagation(golden.GetProperty("outputError")[sample].Row(), 0).ShouldBeNear(golden.GetProperty("inputError")[sample].Row(), Tolerance, 1e-17, "inputError");
        }
    }

    [Fact]
    public void EverythingInTheFileIsCompared() => s_golden.EnumerateObject().Where(section => section.Value.ValueKind != JsonValueKind.String).Select(section => section.Name)
        .Should().BeEquivalentTo("conv", "pooling", "batchNorm", "softmax", "activations", "losses");

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
}
