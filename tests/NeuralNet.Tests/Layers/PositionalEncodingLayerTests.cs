using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

public class PositionalEncodingLayerTests
{
    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. new[] { 0, -1, int.MinValue }.SelectMany(number => new[]
        {
            OutOfRange(
                "PositionalEncodingLayer.ctor(size)", $"{number}", _ => new PositionalEncodingLayer(number, 5),
                "PositionalEncodingLayer's size", "1 or more", $"{number}"),
            OutOfRange(
                "PositionalEncodingLayer.ctor(maxLength)", $"{number}", _ => new PositionalEncodingLayer(5, number),
                "PositionalEncodingLayer's maxLength", "1 or more", $"{number}"),
            OutOfRange(
                "PositionalEncodingLayer.Sinusoidal(size)", $"{number}", _ => PositionalEncodingLayer.Sinusoidal(number),
                "PositionalEncodingLayer's size", "1 or more", $"{number}"),
        }),
        OutOfRange(
            "PositionalEncodingLayer.ctor(maxLength)", "more than a matrix holds", _ => new PositionalEncodingLayer(4, int.MaxValue),
            "PositionalEncodingLayer(4, at most 2147483647 steps)'s Positions", "would have 8,589,934,588 values"),
        Fine("PositionalEncodingLayer.ctor(initializer)", "null", _ => new PositionalEncodingLayer(3, 5, initializer: null)),
        Fine("PositionalEncodingLayer.ctor(random)", "null", _ => new PositionalEncodingLayer(3, 5, random: null)),
        Null("PositionalEncodingLayer.Positions(value)", _ => new PositionalEncodingLayer(3, 5).Positions = null!),
        Wrong(
            "PositionalEncodingLayer.Positions(value)", "transposed",
            _ => new PositionalEncodingLayer(3, 5).Positions = Matrix<double>.Build.Dense(3, 5),
            "PositionalEncodingLayer(3, at most 5 steps) expects Positions of 5 x 3, but got 3 x 5."),
        Order(
            "PositionalEncodingLayer.Positions(value)", "of sinusoids",
            _ => PositionalEncodingLayer.Sinusoidal(3).Positions = Matrix<double>.Build.Dense(5, 3),
            "PositionalEncodingLayer(3, sinusoidal) has positions that are not learnt."),
    ];

    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 9)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void TheFirstRowsOfThePositionsAreAdded(int steps)
    {
        var layer = new PositionalEncodingLayer(4, 9, random: Draw.Seeded(1));
        var x = Draw.Matrix(steps, 4, Draw.Seeded(2));

        layer.Predict(x).ShouldBeBitForBit(x + layer.Positions!.SubMatrix(0, steps, 0, 4));
        GradientCheck.Run(layer, x).WorstRelativeError.Should().BeLessThan(1e-6);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void OrSinesAndCosines(int steps)
    {
        var layer = PositionalEncodingLayer.Sinusoidal(3);
        var x = Draw.Matrix(steps, 3, Draw.Seeded(2));
        double period = Math.Pow(10_000, 2.0 / 3);

        layer.Predict(x).ShouldBeNear(
            x.MapIndexed((t, column, value) => value + (column switch { 0 => Math.Sin(t), 1 => Math.Cos(t), _ => Math.Sin(t / period) })),
            1e-14,
            1e-14);
        GradientCheck.Run(layer, x).WorstRelativeError.Should().BeLessThan(1e-6);
    }

    [Fact]
    public void SinusoidsAreTheSameForSequencesOfAnyLength()
    {
        var layer = PositionalEncodingLayer.Sinusoidal(5);
        var zeros = Matrix<double>.Build.Dense(1000, 5);

        var (few, many) = (layer.Predict(zeros.SubMatrix(0, 3, 0, 5)), layer.Predict(zeros));

        many.SubMatrix(0, 3, 0, 5).ShouldBeBitForBit(few);
        many[999, 1].ShouldBeNear(Math.Cos(999), 1e-14);
        layer.Parameters.Should().BeEmpty();
        (layer.MaxLength, layer.Positions).Should().Be((null, null));
    }

    [Fact]
    public void MoreStepsThanTheGreatestLengthAreRefusedInWords()
    {
        var layer = new PositionalEncodingLayer(3, 5);

        layer.Invoking(one => one.Predict(Matrix<double>.Build.Dense(6, 3))).Should().Throw<ArgumentException>().WithMessage(
            "PositionalEncodingLayer(3, at most 5 steps) expects at most 5 steps, one a row, but got 6 x 3. Cut the sequence, make this "
            + "one new PositionalEncodingLayer(3, 6), or take PositionalEncodingLayer.Sinusoidal, which takes any number.*");
    }

    [Fact]
    public void PositionsStartSmall()
    {
        var layer = new PositionalEncodingLayer(40, 50, random: Draw.Seeded(1));

        Math.Sqrt(layer.Positions!.Enumerate().Average(value => value * value)).Should().BeApproximately(0.02, 0.001);
    }
}
