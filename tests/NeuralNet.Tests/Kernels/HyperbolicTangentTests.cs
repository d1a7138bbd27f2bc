using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

public class HyperbolicTangentTests
{
    [Fact]
    public void AMillionValuesAreWithinFourUnitsInTheLastPlaceOfMathTanh()
    {
        var random = new Random(3);
        var x = new double[1_000_000];
        for (int i = 0; i < x.Length; i++)
        {
            double magnitude = i % 2 == 0 ? 25 * random.NextDouble() : Math.Pow(10, (320 * random.NextDouble()) - 318);
            x[i] = random.Next(2) == 0 ? magnitude : -magnitude;
        }

        var y = new double[x.Length];
        Functions.Tanh.Function(x, y);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Tanh(x[i]);
            double unit = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
            if (!(Math.Abs(y[i] - expected) <= 4 * unit))
            {
                Assert.Fail(FormattableString.Invariant($"tanh({x[i]:R}) is {y[i]:R}, Math.Tanh gives {expected:R}"));
            }
        }
    }

    [Fact]
    public void AValueHasTheSameBitsWhereverItStands()
    {
        var values = new KernelValues(4);
        for (int length = 0; length <= 13; length++)
        {
            double[] x = values.Dense(length);
            var y = values.Border(KernelValues.Unset(length));
            Functions.Tanh.Function(values.Border(x).Values, y.Values);
            y.ShouldBeExactly([.. x.Select(Alone)], "y");
        }
    }

    private static double Alone(double x)
    {
        var y = new double[1];
        Functions.Tanh.Function([x], y);
        return y[0];
    }

    [Fact]
    public void TheEndsAndTheSignsAreExact()
    {
        double[] x = [0, -0.0, 1000, -1000, double.PositiveInfinity, double.NegativeInfinity, double.NaN, double.Epsilon];
        var y = new double[x.Length];
        Functions.Tanh.Function(x, y);
        y.Should().Equal(0, -0.0, 1, -1, 1, -1, double.NaN, double.Epsilon);
        double.IsNegative(y[1]).Should().BeTrue();
    }
}
