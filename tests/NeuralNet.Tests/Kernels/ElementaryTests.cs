using System.Runtime.Intrinsics;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>The elementary functions against figures of sixty digits, rounded once.</summary>
public class ElementaryTests
{
    private static readonly Dictionary<string, (Func<Vector256<double>, Vector256<double>> Function, double Units)> s_functions = new()
    {
        ["exp"] = (Elementary.Exp, 1),
        ["expMinusOne"] = (Elementary.ExpMinusOne, 2),
        ["logOnePlus"] = (Elementary.LogOnePlus, 2),
        ["normal"] = (x => Elementary.Normal(x).Distribution, 6),
        ["density"] = (x => Elementary.Normal(x).Density, 4),
    };

    public static TheoryData<string> Names => [.. s_functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ValuesAreWithinAFewUnitsInTheLastPlace(string name)
    {
        var golden = GoldenFile.Read("functions.json").GetProperty("elementary").GetProperty(name);
        var (function, units) = s_functions[name];
        double[] x = golden.GetProperty("x").Numbers();
        double[] y = golden.GetProperty("y").Numbers();
        x.Length.Should().BeGreaterThan(200);
        for (int i = 0; i < x.Length; i++)
        {
            double actual = function(Vector256.Create(x[i])).ToScalar();
            double unit = Math.BitIncrement(Math.Abs(y[i])) - Math.Abs(y[i]);
            if (!(Math.Abs(actual - y[i]) <= units * unit))
            {
                Assert.Fail(FormattableString.Invariant($"{name}({x[i]:R}) is {actual:R}, {(actual - y[i]) / unit} units from {y[i]:R}"));
            }
        }
    }

    [Fact]
    public void AMillionExponentialsAreWithinTwoUnitsInTheLastPlaceOfMathExp()
    {
        var random = Draw.Seeded(5);
        for (int i = 0; i < 1_000_000; i++)
        {
            double x = (1417 * random.NextDouble()) - 708;
            double expected = Math.Exp(x);
            double actual = Elementary.Exp(Vector256.Create(x)).ToScalar();
            if (!(Math.Abs(actual - expected) <= 2 * (Math.BitIncrement(expected) - expected)))
            {
                Assert.Fail(FormattableString.Invariant($"exp({x:R}) is {actual:R}, Math.Exp gives {expected:R}"));
            }
        }
    }

    [Fact]
    public void TheEndsAreExact()
    {
        double[] Of(Func<Vector256<double>, Vector256<double>> function, params double[] x) =>
            [.. x.Select(value => function(Vector256.Create(value)).ToScalar())];
        const double Far = double.PositiveInfinity;

        Of(Elementary.Exp, 0, -0.0, -1000, -double.MaxValue, -Far, double.NaN, -708.1).Should().Equal(1, 1, 0, 0, 0, double.NaN, 0);
        Of(Elementary.ExpMinusOne, 0, -1000, -Far, double.NaN, -double.Epsilon).Should().Equal(0, -1, -1, double.NaN, -double.Epsilon);
        Of(Elementary.LogOnePlus, 0, double.Epsilon, double.NaN).Should().Equal(0, double.Epsilon, double.NaN);
        Of(x => Elementary.Normal(x).Distribution, 0, 1000, -1000, Far, -Far, double.NaN).Should().Equal(0.5, 1, 0, 1, 0, double.NaN);
        Of(x => Elementary.Normal(x).Density, 1000, Far, -Far, double.NaN).Should().Equal(0, 0, 0, double.NaN);
        Of(x => Elementary.Logistic(x).OfX, 0, 1000, -1000, Far, -Far, double.NaN).Should().Equal(0.5, 1, 0, 1, 0, double.NaN);
    }

    [Fact]
    public void AValueHasTheSameBitsWhereverItStandsInASpan()
    {
        ElementwiseFunction[] kernels =
            [Functions.Gelu, Functions.Elu, Functions.Softplus, Functions.Swish, Functions.Mish, Functions.HardSwish];
        foreach (var kernel in kernels)
        {
            var values = new KernelValues(4);
            for (int length = 0; length <= 13; length++)
            {
                double[] x = values.Dense(length);
                var (y, d) = (values.Border(KernelValues.Unset(length)), values.Border(KernelValues.Unset(length)));
                kernel.Function(values.Border(x).Values, y.Values);
                kernel.Derivative(values.Border(x).Values, y.Values, d.Values);
                y.ShouldBeExactly([.. x.Select(value => Alone(kernel, value).Y)], "y");
                d.ShouldBeExactly([.. x.Select(value => Alone(kernel, value).Derivative)], "derivative");

                kernel.Function(x, x);
                y.ShouldBeExactly(x, "in place");
            }
        }
    }

    private static (double Y, double Derivative) Alone(ElementwiseFunction kernel, double x)
    {
        var (y, derivative) = (new double[1], new double[1]);
        kernel.Function([x], y);
        kernel.Derivative([x], y, derivative);
        return (y[0], derivative[0]);
    }
}
