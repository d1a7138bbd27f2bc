using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Convolution along steps against PyTorch's figures, by hand, and against ConvLayer.</summary>
public class Conv1DLayerTests
{
    private static readonly JsonElement s_golden = GoldenFile.Read("sequences.json").GetProperty("convolution");

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. new[] { 0, -1, int.MinValue }.SelectMany(size => (BadInput[])
        [
            OutOfRange(
                "Conv1DLayer.ctor(inputSize)", $"{size}", _ => new Conv1DLayer(size, 2, 3), "Conv1DLayer's inputSize", "1 or more",
                $"{size}"),
            OutOfRange(
                "Conv1DLayer.ctor(filters)", $"{size}", _ => new Conv1DLayer(2, size, 3), "Conv1DLayer's filters", "1 or more", $"{size}"),
            OutOfRange(
                "Conv1DLayer.ctor(kernelSize)", $"{size}", _ => new Conv1DLayer(2, 2, size), "Conv1DLayer's kernelSize", "1 or more",
                $"{size}"),
            OutOfRange(
                "Conv1DLayer.ctor(stride)", $"{size}", _ => new Conv1DLayer(2, 2, 3, size), "Conv1DLayer's stride", "1 or more", $"{size}"),
            OutOfRange(
                "Conv1DLayer.ctor(dilation)", $"{size}", _ => new Conv1DLayer(2, 2, 3, dilation: size), "Conv1DLayer's dilation",
                "1 or more", $"{size}"),
        ]),
        OutOfRange("Conv1DLayer.ctor(dilation)", "a reach over more steps than there are",
            _ => new Conv1DLayer(1, 1, 4, dilation: 1_000_000_000), "Conv1DLayer(1 -> 1, kernel 4, dilation 1000000000)'s reach",
            "3,000,000,001"),
        OutOfRange("Conv1DLayer.ctor(filters)", "more weights than a matrix holds", _ => new Conv1DLayer(50_000, 50_000, 3),
            "Conv1DLayer(50000 -> 50000, kernel 3)'s Weights", "7,500,000,000"),
        Fine("Conv1DLayer.ctor(stride)", "more than there are steps",
            _ => new Conv1DLayer(1, 1, 2, int.MaxValue, Padding.Same).Predict(Draw.Matrix(5, 1, Draw.Seeded(1)))),
        Wrong("Conv1DLayer.ctor(padding)", "rows and columns", _ => new Conv1DLayer(1, 1, 2, 1, new Padding(2, 1)),
            "Conv1DLayer expects a number of steps as its padding", "but got 2 x 1", "new Padding(2)"),
        Fine("Conv1DLayer.ctor(padding)", "a number", _ => new Conv1DLayer(1, 1, 2, 1, 3).Predict(Draw.Row(1))),
        Fine("Conv1DLayer.ctor(initializer)", "null is Glorot's", _ => new Conv1DLayer(1, 1, 2, initializer: null)),
        Fine("Conv1DLayer.ctor(random)", "null is a shared one", _ => new Conv1DLayer(1, 1, 2, random: null)),
        Null("Conv1DLayer.Weights(value)", _ => new Conv1DLayer(2, 3, 4).Weights = null!),
        Wrong("Conv1DLayer.Weights(value)", "transposed", _ => new Conv1DLayer(2, 3, 4).Weights = Draw.Matrix(3, 8, Draw.Seeded(1)),
            "Conv1DLayer(2 -> 3, kernel 4) expects Weights of 8 x 3, but got 3 x 8."),
        Null("Conv1DLayer.Bias(value)", _ => new Conv1DLayer(2, 3, 4).Bias = null!),
        Wrong("Conv1DLayer.Bias(value)", "NaN", _ => new Conv1DLayer(2, 3, 4).Bias = Draw.Row(1, 2, double.NaN),
            "Conv1DLayer(2 -> 3, kernel 4)'s Bias", "finite", "NaN at [0, 2]"),
        OutOfRange("Conv1DLayer.L2(value)", "-1", _ => new Conv1DLayer(2, 3, 4).L2 = -1, "L2 of Weights", "0 or more"),
        Wrong("Conv1DLayer.Predict(input)", "other features",
            _ => new Conv1DLayer(2, 3, 4, padding: Padding.Same).Predict(Draw.Matrix(5, 4, Draw.Seeded(1))),
            "Conv1DLayer(2 -> 3, kernel 4, padding same) expects an input of 2 columns, one step a row, but got 5 x 4.",
            "new Conv1DLayer(4, 3, 4)"),
        Wrong("Conv1DLayer.Predict(input)", "too few steps",
            _ => new Conv1DLayer(2, 3, 4, 2, 1, 3).Predict(Draw.Matrix(7, 2, Draw.Seeded(1))),
            "Conv1DLayer(2 -> 3, kernel 4, stride 2, padding 1, dilation 3) expects 8 steps or more, but got 7 x 2.", "Padding.Causal"),
        Wrong("ConvLayer.ctor(padding)", "causal",
            _ => new ConvLayer((5, 6, 2), (2, 3), 3, (1, 1), Padding.Causal), "ConvLayer", "no past", "Padding.Same", "Conv1DLayer"),
    ];

    public static TheoryData<int> Figures => [.. Enumerable.Range(0, s_golden.GetArrayLength())];

    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 9)];

    private static Padding[] Paddings => [Padding.Valid, Padding.Same, Padding.Causal, 2];

    [Theory]
    [MemberData(nameof(Figures))]
    public void AgreesWithPyTorch(int index)
    {
        const double Tolerance = 1e-10;
        var golden = s_golden[index];
        var weight = golden.GetProperty("parameters").GetProperty("weight");
        var layer = new Conv1DLayer(
            weight[0].GetArrayLength(),
            weight.GetArrayLength(),
            golden.Int("kernelSize"),
            golden.Int("stride"),
            golden.GetProperty("padding").GetString() switch { "same" => Padding.Same, "causal" => Padding.Causal, _ => Padding.Valid },
            golden.Int("dilation"))
        {
            Weights = Weights(weight),
            Bias = golden.GetProperty("parameters").GetProperty("bias").Row(),
        };

        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            Matrix<double> Of(string name) => golden.GetProperty(name)[sample].Matrix();
            layer.ForwardPropagation(Of("input")).ShouldBeNear(Of("output"), Tolerance, Tolerance, "output");
            layer.Predict(Of("input")).ShouldBeNear(Of("output"), Tolerance, Tolerance, "prediction");
            layer.Backward(Of("outputError")).ShouldBeNear(Of("inputError"), Tolerance, Tolerance, "inputError");
        }

        var errors = golden.GetProperty("parameterErrors");
        layer.Parameters[0].Gradient.ShouldBeNear(Weights(errors.GetProperty("weight")), Tolerance, Tolerance, "weight");
        layer.Parameters[1].Gradient.ShouldBeNear(errors.GetProperty("bias").Row(), Tolerance, Tolerance, "bias");
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void GradientsAreThoseOfFiniteDifferencesForAnyLength(int steps)
    {
        var random = Draw.Seeded(steps);
        foreach (var padding in Paddings)
        {
            foreach (var (stride, dilation) in (ReadOnlySpan<(int, int)>)[(1, 1), (2, 1), (1, 2), (3, 2)])
            {
                var layer = new Conv1DLayer(2, 3, 3, stride, padding, dilation, random: random);
                if (padding == Padding.Valid ? steps > 2 * dilation : padding != 2 || steps + 4 > 2 * dilation)
                {
                    GradientCheck.Run(layer, Draw.Matrix(steps, 2, random)).WorstRelativeError.Should().BeLessThan(1e-6, $"{layer}");
                }
            }
        }
    }

    [Fact]
    public void AFilterIsLaidOverStepsOfAllFeatures()
    {
        var x = Matrices.Of([1, 10], [2, 20], [3, 30], [4, 40]);
        Conv1DLayer Layer(Padding padding, int stride = 1, int dilation = 1) => new(2, 1, 2, stride, padding, dilation)
        {
            Weights = Matrices.Of([1], [2], [100], [1000]),
            Bias = Draw.Row(0.5),
        };

        // Windows of two steps: 1 and 2 for the first, 100 and 1000 for the second.
        Layer(Padding.Valid).Predict(x).ShouldBeBitForBit(Matrices.Of([20_221.5], [30_342.5], [40_463.5]));
        Layer(Padding.Same).Predict(x).ShouldBeBitForBit(Matrices.Of([20_221.5], [30_342.5], [40_463.5], [84.5]));
        Layer(Padding.Causal).Predict(x).ShouldBeBitForBit(Matrices.Of([10_100.5], [20_221.5], [30_342.5], [40_463.5]));
        Layer(Padding.Valid, stride: 2).Predict(x).ShouldBeBitForBit(Matrices.Of([20_221.5], [40_463.5]));
        Layer(Padding.Valid, dilation: 2).Predict(x).ShouldBeBitForBit(Matrices.Of([30_321.5], [40_442.5]));
        Layer(1).Predict(x).ShouldBeBitForBit(Matrices.Of([10_100.5], [20_221.5], [30_342.5], [40_463.5], [84.5]));
    }

    [Fact]
    public void AConvLayerOverRowsAsWideAsAStepIsTheSame()
    {
        var random = Draw.Seeded(3);
        var x = Draw.Matrix(9, 4, random);
        var image = new ConvLayer((9, 4, 1), (3, 4), 5, (2, 1), random: random);
        var layer = new Conv1DLayer(4, 5, 3, stride: 2) { Weights = image.Weights, Bias = image.Bias };

        layer.Predict(x).ShouldBeNear(image.Predict(x));
    }

    [Fact]
    public void NoStepOfACausalOutputSeesALaterOne()
    {
        var random = Draw.Seeded(4);
        var layer = new Conv1DLayer(3, 2, 3, padding: Padding.Causal, dilation: 2, random: random);
        var x = Draw.Matrix(8, 3, random);
        var y = layer.Predict(x);

        for (int steps = 1; steps < 8; steps++)
        {
            layer.Predict(x.SubMatrix(0, steps, 0, 3)).ShouldBeBitForBit(y.SubMatrix(0, steps, 0, 2));
        }
    }

    [Fact]
    public void TheOutputOfSameAndCausalIsTheLengthDividedByTheStrideRoundedUp()
    {
        foreach (var padding in (ReadOnlySpan<Padding>)[Padding.Same, Padding.Causal])
        {
            for (int steps = 1; steps < 12; steps++)
            {
                for (int stride = 1; stride < 5; stride++)
                {
                    var y = new Conv1DLayer(1, 2, 3, stride, padding, dilation: 2).Predict(Draw.Matrix(steps, 1, Draw.Seeded(1)));
                    y.RowCount.Should().Be((steps + stride - 1) / stride);
                }
            }
        }
    }

    [Fact]
    public void WeightsStartAsGlorotsAndTheBiasAtZero()
    {
        var layer = new Conv1DLayer(20, 30, 5, random: Draw.Seeded(1));
        double end = Math.Sqrt(6.0 / (5 * (20 + 30)));

        layer.Weights.Enumerate().Should().OnlyContain(w => Math.Abs(w) <= end);
        layer.Weights.Enumerate().Max().Should().BeGreaterThan(0.98 * end);
        layer.Bias.ShouldBeBitForBit(Matrix<double>.Build.Dense(1, 30));
        new Conv1DLayer(2, 1, 1, initializer: Initializer.Constant(3)).Bias[0, 0].Should().Be(3);
    }

    [Fact]
    public void WeightsOfPyTorchsModuleAreLoadedByKindAndSize()
    {
        var (first, second) = (new Conv1DLayer(2, 3, 2, padding: Padding.Causal), new Conv1DLayer(3, 1, 1));
        var net = new Network().Add(first).Add(second);
        using var file = Models.TensorFile.Of(
            ("conv.weight", [3, 2, 2], [.. Enumerable.Range(0, 12).Select(i => (double)i)]), ("conv.bias", [3], [7, 8, 9]),
            ("head.weight", [1, 3, 1], [1, 2, 3]), ("head.bias", [1], [4]));

        net.LoadWeights(file);

        // [filter][feature][place] to a column for each filter, place by place.
        first.Weights.ShouldBeBitForBit(Matrices.Of([0, 4, 8], [2, 6, 10], [1, 5, 9], [3, 7, 11]));
        first.Bias.ShouldBeBitForBit(Draw.Row(7, 8, 9));
        second.Weights.ShouldBeBitForBit(Matrices.Of([1], [2], [3]));
        second.Bias.ShouldBeBitForBit(Draw.Row(4));
    }

    [Fact]
    public void APaddingIsReadBackAndNamed()
    {
        foreach (var padding in Paddings)
        {
            var net = new Network().Add(new Conv1DLayer(2, 3, 3, 2, padding, 2));
            using var file = new MemoryStream();
            net.Save(file);
            file.Position = 0;

            var again = (Conv1DLayer)Network.Load(file).Layers[0];

            (again.InputSize, again.Filters, again.KernelSize, again.Stride, again.Padding, again.Dilation)
                .Should().Be((2, 3, 3, 2, padding, 2));
        }

        Padding.Causal.ToString().Should().Be("causal");
        new Conv1DLayer(2, 3, 3, 1, 2).Name.Should().Be("Conv1DLayer(2 -> 3, kernel 3, padding 2)");
        new Conv1DLayer(2, 3, 3, 2, Padding.Causal, 4).Name
            .Should().Be("Conv1DLayer(2 -> 3, kernel 3, stride 2, padding causal, dilation 4)");
    }

    /// <summary>[filter][feature][place] as the layer's matrix.</summary>
    private static Matrix<double> Weights(JsonElement weight) => Matrix<double>.Build.DenseOfColumnArrays(
        weight.EnumerateArray().Select(filter => filter.Matrix().ToColumnMajorArray()));
}
