using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Optimizers;

public class ClippingTests
{
    public static TheoryData<string> All => BuiltInOptimizers.Names;

    [Fact]
    public void TheNormIsOverAllParametersTogether()
    {
        var (first, second) = (Of(2, 0, 4), Of(-5, 2, 4, 4)); // 4 + 16 + 25 + 4 + 16 + 16 = 81
        new Sgd(1) { ClipNorm = 4.5 }.Step([first, second]);

        double coefficient = 4.5 / 9.000001;
        first.Gradient.ShouldBeNear(Draw.Row(2 * coefficient, 0, 4 * coefficient), 1e-15);
        second.Gradient.ShouldBeNear(Draw.Row(-5 * coefficient, 2 * coefficient, 4 * coefficient, 4 * coefficient), 1e-15);
        first.Value.ShouldBeNear(Draw.Row(-2 * coefficient, 0, -4 * coefficient), 1e-15);
    }

    [Fact]
    public void ANormThatIsSmallEnoughIsLeftAlone()
    {
        var parameter = Of(3, 4);
        new Sgd(1) { ClipNorm = 5.1 }.Step([parameter]);

        parameter.Gradient.ShouldBeBitForBit(Draw.Row(3, 4));
    }

    [Fact]
    public void ANormAtItsLimitIsMultipliedAsInPyTorch()
    {
        var parameter = Of(3, 4);
        new Sgd(1) { ClipNorm = 5 }.Step([parameter]);

        parameter.Gradient.ShouldBeNear(Draw.Row(3 * (5 / 5.000001), 4 * (5 / 5.000001)), 1e-15);
    }

    [Fact]
    public void ANormOverManyValuesIsExact()
    {
        var random = Draw.Seeded(1);
        foreach (int size in new[] { 1, 15, 16, 17, 31, 1000 })
        {
            var gradient = Draw.Matrix(1, size, random);
            var parameter = new Parameter("W", Matrix<double>.Build.Dense(1, size));
            gradient.CopyTo(parameter.Gradient);

            new Sgd(1) { ClipNorm = 1e-3 }.Step([parameter]);

            parameter.Gradient.ShouldBeNear(gradient * (1e-3 / (gradient.FrobeniusNorm() + 1e-6)), 1e-13);
        }
    }

    [Fact]
    public void ValuesAreClampedOneByOne()
    {
        var (first, second) = (Of(2, -0.25, -3), Of(0.5, -0.5, 0));
        new Sgd(1) { ClipValue = 0.5 }.Step([first, second]);

        first.Gradient.ShouldBeBitForBit(Draw.Row(0.5, -0.25, -0.5));
        second.Gradient.ShouldBeBitForBit(Draw.Row(0.5, -0.5, 0));
        first.Value.ShouldBeBitForBit(Draw.Row(-0.5, 0.25, 0.5));
    }

    [Fact]
    public void ValuesAreClampedBeforeTheNormIsTaken()
    {
        var parameter = Of(300, -4);
        new Sgd(1) { ClipNorm = 1, ClipValue = 3 }.Step([parameter]);

        double coefficient = 1 / (Math.Sqrt(18) + 1e-6);
        parameter.Gradient.ShouldBeNear(Draw.Row(3 * coefficient, -3 * coefficient), 1e-15);
    }

    [Fact]
    public void WhatIsNotANumberStaysSo()
    {
        var (byValue, byNorm) = (Of(double.NaN, 1), Of(double.NaN, 1));
        new Sgd(1) { ClipValue = 0.5 }.Step([byValue]);
        new Sgd(1) { ClipNorm = 0.5 }.Step([byNorm]);

        byValue.Value[0, 0].Should().Be(double.NaN);
        byNorm.Value.Enumerate().Should().OnlyContain(value => double.IsNaN(value));
    }

    [Fact]
    public void UpdateAloneDoesNotClip()
    {
        var parameter = Of(300, -4);
        new Sgd(1) { ClipNorm = 1, ClipValue = 3 }.Update(parameter);

        parameter.Value.ShouldBeBitForBit(Draw.Row(-300, 4));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void EveryOptimizerUpdatesByTheClippedGradients(string name)
    {
        var random = Draw.Seeded(2);
        var (clipping, plain) = (BuiltInOptimizers.New[name](), BuiltInOptimizers.New[name]());
        (clipping.ClipValue, clipping.ClipNorm) = (0.5, 0.75);
        var value = Draw.Matrix(1, 9, random);
        var (clipped, expected) = (new Parameter("W", value), new Parameter("W", value));
        for (int step = 0; step < 3; step++)
        {
            var gradient = Draw.Matrix(1, 9, random);
            gradient.CopyTo(clipped.Gradient);
            clipping.Step([clipped]);

            var clamped = gradient.Map(g => Math.Clamp(g, -0.5, 0.5));
            clamped.FrobeniusNorm().Should().BeGreaterThan(0.75);
            clipped.Gradient.ShouldBeNear(clamped * (0.75 / (clamped.FrobeniusNorm() + 1e-6)), 1e-14);
            clipped.Gradient.CopyTo(expected.Gradient);
            plain.Update(expected);
        }

        clipped.Value.ShouldBeBitForBit(expected.Value);
    }

    /// <summary>A parameter of zeros with this gradient.</summary>
    private static Parameter Of(params double[] gradient)
    {
        var parameter = new Parameter("W", Matrix<double>.Build.Dense(1, gradient.Length));
        Draw.Row(gradient).CopyTo(parameter.Gradient);
        return parameter;
    }
}
