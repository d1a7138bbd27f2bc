using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Self-attention against PyTorch's figures, by finite differences, and at the ends of the range.</summary>
public class SelfAttentionLayerTests
{
    private static readonly JsonElement s_golden = GoldenFile.Read("sequences.json").GetProperty("attention");

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. new[] { 0, -1, int.MinValue }.SelectMany(number => new[]
        {
            OutOfRange(
                "SelfAttentionLayer.ctor(size)", $"{number}", _ => new SelfAttentionLayer(number, 1),
                "SelfAttentionLayer's size", "1 or more", $"{number}"),
            OutOfRange(
                "SelfAttentionLayer.ctor(heads)", $"{number}", _ => new SelfAttentionLayer(4, number),
                "SelfAttentionLayer's heads", "1 or more", $"{number}"),
        }),
        OutOfRange(
            "SelfAttentionLayer.ctor(size)", "more than a matrix holds", _ => new SelfAttentionLayer(1 << 20, 2),
            "SelfAttentionLayer(1048576, 2 heads)'s InputWeights", "would have 3,298,534,883,328 values"),
        Wrong(
            "SelfAttentionLayer.ctor(heads)", "no divisor", _ => new SelfAttentionLayer(6, 4),
            "a size that is a multiple of its heads", "a size of 6 with 4 heads"),
        Fine("SelfAttentionLayer.ctor(causal)", "true", _ => new SelfAttentionLayer(6, 3, causal: true)),
        Fine("SelfAttentionLayer.ctor(initializer)", "null", _ => new SelfAttentionLayer(6, 3, initializer: null)),
        Fine("SelfAttentionLayer.ctor(random)", "null", _ => new SelfAttentionLayer(6, 3, random: null)),
        Null("SelfAttentionLayer.InputWeights(value)", _ => new SelfAttentionLayer(4, 2).InputWeights = null!),
        Null("SelfAttentionLayer.InputBias(value)", _ => new SelfAttentionLayer(4, 2).InputBias = null!),
        Null("SelfAttentionLayer.OutputWeights(value)", _ => new SelfAttentionLayer(4, 2).OutputWeights = null!),
        Null("SelfAttentionLayer.OutputBias(value)", _ => new SelfAttentionLayer(4, 2).OutputBias = null!),
        Wrong(
            "SelfAttentionLayer.InputWeights(value)", "as PyTorch has them",
            _ => new SelfAttentionLayer(4, 1).InputWeights = Matrix<double>.Build.Dense(12, 4),
            "SelfAttentionLayer(4, 1 head) expects InputWeights of 4 x 12, but got 12 x 4."),
        Wrong(
            "SelfAttentionLayer.InputBias(value)", "NaN",
            _ => new SelfAttentionLayer(1, 1, causal: true).InputBias = Draw.Row(1, 2, double.NaN),
            "SelfAttentionLayer(1, 1 head, causal)'s InputBias", "finite", "NaN at [0, 2]"),
        Wrong(
            "SelfAttentionLayer.OutputWeights(value)", "a row", _ => new SelfAttentionLayer(4, 2).OutputWeights = Draw.Row(1, 2, 3, 4),
            "SelfAttentionLayer(4, 2 heads) expects OutputWeights of 4 x 4, but got 1 x 4."),
        Wrong(
            "SelfAttentionLayer.OutputBias(value)", "too many", _ => new SelfAttentionLayer(2, 2).OutputBias = Draw.Row(1, 2, 3),
            "SelfAttentionLayer(2, 2 heads) expects OutputBias of 1 x 2, but got 1 x 3."),
    ];

    public static TheoryData<int> Figures => [.. Enumerable.Range(0, s_golden.GetArrayLength())];

    public static TheoryData<int, bool> Lengths
    {
        get
        {
            var data = new TheoryData<int, bool>();
            for (int steps = 1; steps <= 9; steps++)
            {
                data.Add(steps, false);
                data.Add(steps, true);
            }

            return data;
        }
    }

    [Fact]
    public void ThereAreSixFigures() => s_golden.GetArrayLength().Should().Be(6);

    [Theory]
    [MemberData(nameof(Figures))]
    public void AgreesWithPyTorch(int index)
    {
        const double Tolerance = 1e-10;
        var golden = s_golden[index];
        var parameters = golden.GetProperty("parameters");
        int size = parameters.GetProperty("out_proj.bias").GetArrayLength();
        var layer = new SelfAttentionLayer(size, golden.Int("heads"), golden.GetProperty("causal").GetBoolean());
        Matrix<double> Weights(JsonElement of, string name) => of.GetProperty(name).Matrix().Transpose();
        layer.InputWeights = Weights(parameters, "in_proj_weight");
        layer.InputBias = parameters.GetProperty("in_proj_bias").Row();
        layer.OutputWeights = Weights(parameters, "out_proj.weight");
        layer.OutputBias = parameters.GetProperty("out_proj.bias").Row();

        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            Matrix<double> Of(string name) => golden.GetProperty(name)[sample].Matrix();
            layer.ForwardPropagation(Of("input")).ShouldBeNear(Of("output"), Tolerance, Tolerance, "output");
            layer.Predict(Of("input")).ShouldBeNear(Of("output"), Tolerance, Tolerance, "prediction");
            layer.Backward(Of("outputError")).ShouldBeNear(Of("inputError"), Tolerance, Tolerance, "inputError");
        }

        var errors = golden.GetProperty("parameterErrors");
        layer.Parameters[0].Gradient.ShouldBeNear(Weights(errors, "in_proj_weight"), Tolerance, Tolerance, "in_proj_weight");
        layer.Parameters[1].Gradient.ShouldBeNear(errors.GetProperty("in_proj_bias").Row(), Tolerance, Tolerance, "in_proj_bias");
        layer.Parameters[2].Gradient.ShouldBeNear(Weights(errors, "out_proj.weight"), Tolerance, Tolerance, "out_proj.weight");
        layer.Parameters[3].Gradient.ShouldBeNear(errors.GetProperty("out_proj.bias").Row(), Tolerance, Tolerance, "out_proj.bias");
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void GradientsAreThoseOfFiniteDifferencesForAnyLength(int steps, bool causal) =>
        GradientCheck.Run(Layer(causal), 2 * Draw.Matrix(steps, 6, Draw.Seeded(steps))).WorstRelativeError.Should().BeLessThan(1e-6);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void WhereItIsCausalLaterStepsChangeNoBit(int steps)
    {
        var layer = Layer(causal: true);
        var x = Draw.Matrix(11, 6, Draw.Seeded(1));
        var other = x.Clone();
        other.SetSubMatrix(steps, 0, 1e8 * Draw.Matrix(11 - steps, 6, Draw.Seeded(2)));

        var y = layer.Predict(x).SubMatrix(0, steps, 0, 6);

        layer.Predict(other).SubMatrix(0, steps, 0, 6).ShouldBeBitForBit(y);
        layer.Predict(x.SubMatrix(0, steps, 0, 6)).ShouldBeBitForBit(y);
        Layer(causal: false).Predict(other).SubMatrix(0, steps, 0, 6).Should().NotBe(y);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AnyScoresGiveFiniteValuesAndErrors(bool causal)
    {
        // One value of 1e150 makes scores of up to 1e300 beside others of 0 and -1e300.
        var layer = new SelfAttentionLayer(2, 1, causal)
        {
            InputWeights = Matrices.Of([1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1]),
            OutputWeights = Matrix<double>.Build.DenseIdentity(2),
        };
        var x = Matrices.Of([1e150, 0], [-1e150, 1], [0, 0], [1e-300, 3]);

        var y = layer.ForwardPropagation(x);
        var inputError = layer.Backward(1e-160 * Draw.Matrix(4, 2, Draw.Seeded(1)));

        y.Enumerate().Concat(inputError.Enumerate()).Should().OnlyContain(value => double.IsFinite(value));
        y.Row(0).Should().Equal(x.Row(0), "its own score is 1e300 more than any other");
        y.Row(1).Should().Equal(x.Row(1));
    }

    [Fact]
    public void StepsThatAreAllAlikeGetTheMean()
    {
        var layer = Layer(causal: false);
        layer.InputWeights = layer.InputWeights.MapIndexed((_, column, value) => column < 12 ? 0 : value, Zeros.Include);
        var x = Draw.Matrix(5, 6, Draw.Seeded(3));
        var mean = Matrix<double>.Build.Dense(5, 6, (_, column) => x.Column(column).Average());

        layer.Predict(x).ShouldBeNear(layer.Predict(mean), 1e-12, 1e-12);
    }

    [Fact]
    public void StartsAsPyTorchs()
    {
        var layer = new SelfAttentionLayer(64, 4, random: Draw.Seeded(1));
        var (input, output) = (layer.InputWeights.Enumerate().ToArray(), layer.OutputWeights.Enumerate().ToArray());

        input.Max(Math.Abs).Should().BeInRange(0.99 * Math.Sqrt(6.0 / 256), Math.Sqrt(6.0 / 256));
        output.Max(Math.Abs).Should().BeInRange(0.99 / 8, 1.0 / 8);
        input.Average().Should().BeApproximately(0, 0.01);
        layer.InputBias.Enumerate().Concat(layer.OutputBias.Enumerate()).Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void ANetworksSeedDrawsItsWeights()
    {
        Matrix<double>[] Drawn(int seed)
        {
            var layer = new SelfAttentionLayer(6, 2);
            new Network { InitialSeed = seed }.Add(layer);
            return [.. layer.Parameters.Select(parameter => parameter.Value)];
        }

        Drawn(1).ShouldBeBitForBit(Drawn(1), "weights");
        Drawn(1)[0].Should().NotBe(Drawn(2)[0]);
        Drawn(1)[2].Should().NotBe(Drawn(2)[2]);
    }

    [Fact]
    public void TooLongASequenceIsRefusedInWords()
    {
        var layer = new SelfAttentionLayer(1, 1);

        layer.Invoking(one => one.GetOutputShape(new Shape(50_000, 1))).Should().Throw<ArgumentException>().WithMessage(
            "SelfAttentionLayer(1, 1 head) keeps a number for each head and pair of steps, "
            + "which of 50000 steps are 2,500,500,000 in all; *");
    }

    [Fact]
    public void WeightsOfPyTorchsModuleAreLoadedByKindAndSize()
    {
        var (attention, linear) = (new SelfAttentionLayer(2, 2), new FCLayer(2, 2));
        var net = new Network().Add(attention).Add(new LayerNormLayer(2)).Add(new FlattenLayer(1)).Add(new FCLayer(6, 2)).Add(linear);
        using var file = Models.TensorFile.Of(
            ("block.attention.in_proj_weight", [6, 2], [.. Enumerable.Range(1, 12).Select(i => (double)i)]),
            ("block.attention.in_proj_bias", [6], [1, 2, 3, 4, 5, 6]),
            ("block.attention.out_proj.weight", [2, 2], [1, 2, 3, 4]),
            ("block.attention.out_proj.bias", [2], [7, 8]),
            ("block.norm.weight", [2], [9, 10]),
            ("block.norm.bias", [2], [11, 12]),
            ("head.weight", [2, 2], [5, 6, 7, 8]),
            ("head.bias", [2], [9, 9]));

        var report = net.LoadWeights(file);

        attention.InputWeights.ShouldBeBitForBit(Matrices.Of([1, 3, 5, 7, 9, 11], [2, 4, 6, 8, 10, 12]));
        attention.InputBias.ShouldBeBitForBit(Draw.Row(1, 2, 3, 4, 5, 6));
        attention.OutputWeights.ShouldBeBitForBit(Matrices.Of([1, 3], [2, 4]));
        attention.OutputBias.ShouldBeBitForBit(Draw.Row(7, 8));
        ((LayerNormLayer)net.Layers[1]).Gamma.ShouldBeBitForBit(Draw.Row(9, 10));
        linear.Weights.ShouldBeBitForBit(Matrices.Of([5, 7], [6, 8]));
        report.Unused.Should().BeEmpty();
    }

    private static SelfAttentionLayer Layer(bool causal) => new(6, 3, causal, Initializer.Uniform(-1, 1), Draw.Seeded(5));
}
