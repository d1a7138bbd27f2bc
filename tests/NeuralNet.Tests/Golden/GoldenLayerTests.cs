using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Golden;

/// <summary>Layers, activations and losses against PyTorch's in float64, to 1e-10 relative.</summary>
public class GoldenLayerTests
{
    private const double Tolerance = 1e-10;
    private static readonly JsonElement s_golden = GoldenFile.Read("layers.json");

    public static TheoryData<int> Convolutions => Indices("conv");

    public static TheoryData<int> Poolings => Indices("pooling");

    public static TheoryData<int> BatchNorms => Indices("batchNorm");

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
            layer.ForwardPropagation(inputs[sample].Planes())
                .ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "output");
            layer.Predict(inputs[sample].Planes())
                .ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "prediction");
            layer.Backward(golden.GetProperty("outputError")[sample].Planes())
                .ShouldBeNear(golden.GetProperty("inputError")[sample].Planes(), Tolerance, what: "inputError");
        }

        layer.Parameters[0].Gradient.ShouldBeNear(golden.GetProperty("weightsError").Kernels(), Tolerance, what: "weightsError");
        layer.Parameters[1].Gradient.ShouldBeNear(golden.GetProperty("biasError").Row(), Tolerance, what: "biasError");
    }

    [Theory]
    [MemberData(nameof(Poolings))]
    public void PoolLayerAgreesWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("pooling")[index];
        var inputs = golden.GetProperty("input").EnumerateArray().ToArray();
        (int, int, int) shape = (inputs[0][0].GetArrayLength(), inputs[0][0][0].GetArrayLength(), inputs[0].GetArrayLength());
        var (window, stride) = ((golden.Int("size"), golden.Int("size")), (golden.Int("stride"), golden.Int("stride")));
        Layer layer = golden.GetProperty("kind").GetString() switch
        {
            "max" => new MaxPoolLayer(shape, window, stride),
            "average" => new AveragePoolLayer(shape, window, stride),
            var kind => throw new NotSupportedException(kind),
        };

        for (int sample = 0; sample < inputs.Length; sample++)
        {
            layer.ForwardPropagation(inputs[sample].Planes())
                .ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "output");
            layer.Predict(inputs[sample].Planes())
                .ShouldBeNear(golden.GetProperty("output")[sample].Planes(), Tolerance, what: "prediction");
            layer.BackwardPropagation(golden.GetProperty("outputError")[sample].Planes(), 0.1)
                .ShouldBeNear(golden.GetProperty("inputError")[sample].Planes(), Tolerance, what: "inputError");
        }
    }

    [Theory]
    [MemberData(nameof(BatchNorms))]
    public void BatchNormLayerAgreesWithPyTorch(int index)
    {
        var golden = s_golden.GetProperty("batchNorm")[index];
        var inputs = golden.GetProperty("input").EnumerateArray().ToArray();
        bool images = inputs[0][0].ValueKind == JsonValueKind.Array;
        Matrix<double>[] All(string name) =>
            [.. golden.GetProperty(name).EnumerateArray().Select(sample => images ? sample.Planes() : sample.Row())];
        var (momentum, epsilon) = (golden.Double("momentum"), golden.Double("epsilon"));
        var layer = images
            ? new BatchNormLayer(
                (inputs[0][0].GetArrayLength(), inputs[0][0][0].GetArrayLength(), inputs[0].GetArrayLength()), momentum, epsilon)
            : new BatchNormLayer(inputs[0].GetArrayLength(), momentum, epsilon);
        var (gamma, beta) = (golden.GetProperty("gamma").Row(), golden.GetProperty("beta").Row());
        (layer.Gamma, layer.Beta) = (gamma, beta);
        var (before, after) = (new Spy(), new Spy());

        // A loss whose derivative by the output is what stands in its place among the targets.
        var network = new Network().Add(before).Add(layer).Add(after)
            .Use((error, y) => error.PointwiseMultiply(y).Enumerate().Sum(), (error, _) => error);
        network.Fit(All("input"), All("outputError"), new FitOptions { BatchSize = inputs.Length, Optimizer = new Sgd(1) });

        for (int sample = 0; sample < inputs.Length; sample++)
        {
            after.Inputs[sample].ShouldBeNear(All("output")[sample], Tolerance, what: "output");
            before.Errors[sample].ShouldBeNear(All("inputError")[sample], Tolerance, what: "inputError");
        }

        // A step of 1 against the mean gradient.
        ((gamma - layer.Gamma) * inputs.Length).ShouldBeNear(golden.GetProperty("gammaError").Row(), Tolerance, what: "gammaError");
        ((beta - layer.Beta) * inputs.Length).ShouldBeNear(golden.GetProperty("betaError").Row(), Tolerance, what: "betaError");
        layer.RunningMean.ShouldBeNear(golden.GetProperty("runningMean").Row(), Tolerance, what: "runningMean");
        layer.RunningVariance.ShouldBeNear(golden.GetProperty("runningVariance").Row(), Tolerance, what: "runningVariance");
        (layer.Gamma, layer.Beta) = (gamma, beta);
        for (int sample = 0; sample < inputs.Length; sample++)
        {
            layer.Predict(All("input")[sample]).ShouldBeNear(All("predict")[sample], Tolerance, what: "predict");
        }
    }

    [Fact]
    public void SoftmaxLayerAgreesWithPyTorch()
    {
        var golden = s_golden.GetProperty("softmax");
        var layer = new SoftmaxLayer();
        for (int row = 0; row < golden.GetProperty("input").GetArrayLength(); row++)
        {
            layer.ForwardPropagation(golden.GetProperty("input")[row].Row())
                .ShouldBeNear(golden.GetProperty("output")[row].Row(), Tolerance, what: "output");
            layer.Predict(golden.GetProperty("input")[row].Row())
                .ShouldBeNear(golden.GetProperty("output")[row].Row(), Tolerance, what: "prediction");
            layer.BackwardPropagation(golden.GetProperty("outputError")[row].Row(), 0.1)
                .ShouldBeNear(golden.GetProperty("inputError")[row].Row(), Tolerance, what: "inputError");
        }
    }

    [Fact]
    public void NothingInTheFileIsLeftOut()
    {
        string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
        void EachHas(string section, int count, params string[] names)
        {
            s_golden.GetProperty(section).GetArrayLength().Should().Be(count);
            foreach (var entry in s_golden.GetProperty(section).EnumerateArray())
            {
                Names(entry).Except(["axes"]).Should().Equal(names, section);
            }
        }

        Names(s_golden).Should().Equal("conv", "pooling", "batchNorm", "softmax", "activations", "losses");
        EachHas(
            "conv", 6, "stride", "padding", "input", "weights", "bias", "output", "outputError", "inputError", "weightsError", "biasError");
        EachHas("pooling", 6, "kind", "size", "stride", "input", "output", "outputError", "inputError");
        EachHas(
            "batchNorm", 2, "momentum", "epsilon", "input", "gamma", "beta", "output", "outputError", "inputError", "gammaError",
            "betaError", "runningMean", "runningVariance", "runningBefore", "predict");
        s_golden.GetProperty("batchNorm").EnumerateArray()
            .Should().OnlyContain(entry => entry.GetProperty("runningBefore").GetString() == "mean 0, variance 1");
        Names(s_golden.GetProperty("softmax")).Should().Equal("rows", "input", "output", "outputError", "inputError");
        Names(s_golden.GetProperty("activations")).Should().BeEquivalentTo(Named("activations", BuiltIn.Activation.Keys));

        // The loss from logits is the mean over three rows: GoldenSoftmaxTests has it, and the probabilities' loss against the
        // same figures.
        Names(s_golden.GetProperty("losses"))
            .Should().BeEquivalentTo(Named("losses", BuiltIn.Loss.Keys).Append("softmaxCrossEntropyFromLogits"));
    }

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
            // Two of PyTorch's own values are rounded: sigmoid'(30) is y(1 - y) with 1 - y left with three digits, and gelu(-30), -1.5e-196
            // in truth, is 0.
            double absolute = (name, x[i]) is ("sigmoid", 30) or ("gelu", -30) ? 1e-15 : 0;
            y[0, i].ShouldBeNear(golden.GetProperty("y")[i].GetDouble(), Tolerance, absolute, $"{name}({x[i]})");
            derivative[0, i].ShouldBeNear(golden.GetProperty("derivative")[i].GetDouble(), Tolerance, absolute, $"{name}'({x[i]})");
        }
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

    private static TheoryData<int> Indices(string section) => [.. Enumerable.Range(0, s_golden.GetProperty(section).GetArrayLength())];

    /// <summary>Y = X, and remembers what passed.</summary>
    private sealed class Spy : TrainableLayer
    {
        public List<Matrix<double>> Inputs { get; } = [];

        public List<Matrix<double>> Errors { get; } = [];

        public override IReadOnlyList<Parameter> Parameters => [];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Inputs.Add(input);
            return input;
        }

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            Errors.Add(outputError);
            return outputError;
        }
    }
}
