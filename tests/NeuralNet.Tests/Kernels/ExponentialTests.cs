using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

public class ExponentialTests
{
    [Fact]
    public void AMillionValuesAreWithinTwoUnitsInTheLastPlaceOfMathExp()
    {
        var random = Draw.Seeded(3);
        var x = new double[1_000_000];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = i % 2 == 0 ? -708 * random.NextDouble() : -Math.Pow(10, (320 * random.NextDouble()) - 318);
        }

        var y = new double[x.Length];
        Exponential.OfNegative(x, y);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = x[i] < -708 ? 0 : Math.Exp(x[i]);
            double unit = Math.BitIncrement(expected) - expected;
            if (!(Math.Abs(y[i] - expected) <= 2 * unit))
            {
                Assert.Fail(FormattableString.Invariant($"exp({x[i]:R}) is {y[i]:R}, Math.Exp gives {expected:R}"));
            }
        }
    }

    [Fact]
    public void AValueHasTheSameBitsWhereverItStands()
    {
        var values = new KernelValues(4);
        for (int length = 0; length <= 13; length++)
        {
            double[] x = [.. values.Dense(length).Select(value => -10 * Math.Abs(value))];
            var y = values.Border(KernelValues.Unset(length));
            Exponential.OfNegative(values.Border(x).Values, y.Values);
            y.ShouldBeExactly([.. x.Select(Alone)], "y");

            Exponential.OfNegative(x, x);
            y.ShouldBeExactly(x, "in place");
        }
    }

    [Fact]
    public void TheEndsAreExact()
    {
        double[] x = [0, -0.0, -708.5, -1e300, double.NegativeInfinity, double.NaN, -double.Epsilon];
        Exponential.OfNegative(x, x);
        x.Should().Equal(1, 1, 0, 0, 0, double.NaN, 1);
    }

    private static double Alone(double x)
    {
        var y = new double[1];
        Exponential.OfNegative([x], y);
        return y[0];
    }
}
