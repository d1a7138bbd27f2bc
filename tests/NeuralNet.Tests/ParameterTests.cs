namespace NeuralNet.Tests;

public class ParameterTests
{
    [Fact]
    public void L2AddsTwiceLambdaTimesTheValueToTheGradient()
    {
        var parameter = new Parameter("Weights", Draw.Row(1, -2, 3, 0, 5)) { L2 = 0.25 };
        Draw.Row(1, 1, 1, 1, 1).CopyTo(parameter.Gradient);

        parameter.AddL2Gradient();

        parameter.Gradient.ShouldBeBitForBit(Draw.Row(1.5, 0, 2.5, 1, 3.5));
        parameter.Value.ShouldBeBitForBit(Draw.Row(1, -2, 3, 0, 5));
    }

    [Fact]
    public void WithoutL2TheGradientStays()
    {
        var parameter = new Parameter("Weights", Draw.Row(double.MaxValue));
        parameter.Gradient[0, 0] = 3;

        parameter.AddL2Gradient();

        parameter.L2.Should().Be(0);
        parameter.Gradient[0, 0].Should().Be(3);
    }
}
