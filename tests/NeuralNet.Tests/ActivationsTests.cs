using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class ActivationsTests
{
    private static readonly double s_ln2 = Math.Log(2);

    private static readonly Gen<double> s_finite =
        Gen.OneOf(Gen.Double[-40, 40], Gen.Double[-1e-9, 1e-9], Gen.Double.Where(double.IsFinite));

    public static TheoryData<string> Names => [.. BuiltIn.Activation.Keys];

    /// <summary>f and f' at -1000, 0 and 1000.</summary>
    public static TheoryData<string, double[], double[]> Ends => new()
    {
        { "Tanh", [-1, 0, 1], [0, 1, 0] },
        { "Sigmoid", [0, 0.5, 1], [0, 0.25, 0] },
        { "Relu", [0, 0, 1000], [0, 0, 1] },
        { "LeakyRelu", [-10, 0, 1000], [0.01, 0.01, 1] },
        { "Elu", [-1, 0, 1000], [0, 1, 1] },
        { "Softplus", [0, s_ln2, 1000], [0, 0.5, 1] },
        { "Swish", [0, 0, 1000], [0, 0.5, 1] },
        { "Relu6", [0, 0, 6], [0, 0, 0] },
        { "Selu", [-1.7580993408473766, 0, 1050.7009873554805], [0, 1.7580993408473766, 1.0507009873554805] },
        { "Mish", [0, 0, 1000], [0, 0.6, 1] },
        { "HardSigmoid", [0, 0.5, 1], [0, 1.0 / 6, 0] },
        { "HardSwish", [0, 0, 1000], [0, 0.5, 1] },
        { "Gelu", [0, 0, 1000], [0, 0.5, 1] },
        { "Linear", [-1000, 0, 1000], [1, 1, 1] },
    };

    /// <summary>f at -∞ and ∞, as each function's documentation has it.</summary>
    public static TheoryData<string, double, double> Limits => new()
    {
        { "Tanh", -1, 1 },
        { "Sigmoid", 0, 1 },
        { "Relu", 0, double.PositiveInfinity },
        { "LeakyRelu", double.NegativeInfinity, double.PositiveInfinity },
        { "Elu", -1, double.PositiveInfinity },
        { "Softplus", 0, double.PositiveInfinity },
        { "Swish", double.NaN, double.PositiveInfinity },
        { "Relu6", 0, 6 },
        { "Selu", -1.7580993408473766, double.PositiveInfinity },
        { "Mish", double.NaN, double.PositiveInfinity },
        { "HardSigmoid", 0, 1 },
        { "HardSwish", 0, double.PositiveInfinity },
        { "Gelu", double.NaN, double.PositiveInfinity },
        { "Linear", double.NegativeInfinity, double.PositiveInfinity },
    };

    [Fact]
    public void EveryPublicActivationIsInTheTables()
    {
        var functions = typeof(Activations).GetMethods().Where(method => method.IsStatic).Select(method => method.Name);
        functions.Should().BeEquivalentTo(BuiltIn.Activation.Keys.Concat(BuiltIn.Activation.Keys.Select(name => name + "Prime")));
        Ends.Select<object[], object>(row => row[0]).Should().BeEquivalentTo(BuiltIn.Activation.Keys);
        Limits.Select<object[], object>(row => row[0]).Should().BeEquivalentTo(BuiltIn.Activation.Keys);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void ValuesAndDerivativesAreExactAtBothEndsAndAtZero(string name, double[] values, double[] derivatives)
    {
        var x = Matrices.Of([-1000, 0, 1000]);

        BuiltIn.Activation[name].Function(x).ToRowMajorArray().Should().Equal(values);
        BuiltIn.Activation[name].Prime(x).ToRowMajorArray().Should().Equal(derivatives);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void ValuesAtInfinityAreTheDocumentedOnes(string name, double low, double high)
    {
        var y = BuiltIn.Activation[name].Function(Matrices.Of([double.NegativeInfinity, double.PositiveInfinity]));

        y.ToRowMajorArray().Should().Equal(low, high);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NotANumberStaysNotANumber(string name) =>
        BuiltIn.Activation[name].Function(Matrices.Of([1, double.NaN, -1])).ToRowMajorArray().Select(double.IsNaN)
            .Should().Equal(false, true, false);

    [Theory]
    [MemberData(nameof(Names))]
    public void FiniteArgumentsGiveFiniteValuesAndDerivatives(string name) => s_finite.Sample(x =>
        double.IsFinite(Function(name, x)) && double.IsFinite(Prime(name, x)));

    [Theory]
    [InlineData("Tanh")]
    [InlineData("Sigmoid")]
    [InlineData("Relu")]
    [InlineData("LeakyRelu")]
    [InlineData("Elu")]
    [InlineData("Softplus")]
    [InlineData("Relu6")]
    [InlineData("Selu")]
    [InlineData("HardSigmoid")]
    [InlineData("Linear")]
    public void MonotoneActivationsNeverFall(string name) => Gen.Select(s_finite, s_finite).Sample((a, b) =>
    {
        double low = Function(name, Math.Min(a, b));
        double high = Function(name, Math.Max(a, b));
        return low <= high + (1e-15 * Math.Abs(high)) && Prime(name, a) >= 0;
    });

    [Theory]
    [InlineData("Tanh", -1, 1)]
    [InlineData("Sigmoid", 0, 1)]
    [InlineData("Relu", 0, double.PositiveInfinity)]
    [InlineData("Elu", -1, double.PositiveInfinity)]
    [InlineData("Softplus", 0, double.PositiveInfinity)]
    [InlineData("Swish", -0.27847, double.PositiveInfinity)]
    [InlineData("Gelu", -0.16998, double.PositiveInfinity)]
    [InlineData("Mish", -0.30885, double.PositiveInfinity)]
    [InlineData("Relu6", 0, 6)]
    [InlineData("Selu", -1.7580993408473766, double.PositiveInfinity)]
    [InlineData("HardSigmoid", 0, 1)]
    [InlineData("HardSwish", -0.375, double.PositiveInfinity)]
    public void ValuesStayInTheirRange(string name, double low, double high) =>
        s_finite.Sample(x => Function(name, x) >= low && Function(name, x) <= high);

    [Theory]
    [InlineData("Tanh", 0, 1)]
    [InlineData("Sigmoid", 0, 0.25)]
    [InlineData("Relu", 0, 1)]
    [InlineData("LeakyRelu", 0.01, 1)]
    [InlineData("Elu", 0, 1)]
    [InlineData("Softplus", 0, 1)]
    [InlineData("Swish", -0.0999, 1.0999)]
    [InlineData("Gelu", -0.1290, 1.1290)]
    [InlineData("Mish", -0.1132, 1.0885)]
    [InlineData("HardSwish", -0.5, 1.5)]
    public void DerivativesStayInTheirRange(string name, double low, double high) =>
        s_finite.Sample(x => Prime(name, x) >= low && Prime(name, x) <= high);

    [Fact]
    public void TanhIsOdd() => s_finite.Sample(x => Function("Tanh", -x) == -Function("Tanh", x));

    [Fact]
    public void SigmoidOfMinusXIsOneLessSigmoid() => s_finite.Sample(x => Near(Function("Sigmoid", x) + Function("Sigmoid", -x), 1));

    [Theory]
    [InlineData("Relu")]
    [InlineData("Softplus")]
    [InlineData("Swish")]
    [InlineData("Gelu")]
    public void TheValuesAtXAndMinusXDifferByX(string name) =>
        Gen.Double[-1000, 1000].Sample(x => Near(Function(name, x) - Function(name, -x), x));

    [Fact]
    public void SmallArgumentsLoseNoDigits() => Gen.Double[-300, -10].Sample(exponent =>
    {
        double x = Math.Pow(10, exponent);
        Function("Tanh", x).ShouldBeNear(x, 1e-14);
        Function("Elu", -x).ShouldBeNear(-x, 1e-9);
        Function("Swish", x).ShouldBeNear(x / 2, 1e-9);
        Function("Gelu", x).ShouldBeNear(x / 2, 1e-9);
    });

    [Fact]
    public void TanhIsOffByAFewUnitsInTheLastPlaceOfOneAtMost() =>
        Gen.OneOf(Gen.Double[-20, 20], Gen.Double[-1e-3, 1e-3]).Sample(x => Function("Tanh", x).ShouldBeNear(Math.Tanh(x), 0, 1e-15));

    [Fact]
    public void FarToTheLeftSoftplusSigmoidAndSwishFallAsTheExponentialDoes() => Gen.Double[-700, -40].Sample(x =>
    {
        Function("Softplus", x).ShouldBeNear(Math.Exp(x), 1e-13);
        Function("Sigmoid", x).ShouldBeNear(Math.Exp(x), 1e-13);
        Function("Swish", x).ShouldBeNear(x * Math.Exp(x), 1e-13);
        Prime("Sigmoid", x).ShouldBeNear(Math.Exp(x), 1e-13);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void EachValueDependsOnItsOwnArgumentOnlyWhateverTheShape(string name) =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int).Sample(
            (rows, columns, seed) =>
            {
                var x = Matrices.Uniform(rows, columns, Draw.Seeded(seed), -8, 8);
                var (function, prime) = BuiltIn.Activation[name];
                var alone = x.Clone();
                var argument = x.Clone();

                // A single value may go another way through the arithmetic than those of a vector: equal to a few units in the last place
                // of 1.
                function(x).ShouldBeNear(alone.Map(v => function(Matrices.Of([v]))[0, 0], Zeros.Include), 1e-14, 1e-15, name);
                prime(x).ShouldBeNear(alone.Map(v => prime(Matrices.Of([v]))[0, 0], Zeros.Include), 1e-14, 1e-15, name + "'");
                x.ShouldBeBitForBit(argument, "the argument");
            },
            iter: 200);

    [Theory]
    [MemberData(nameof(Names))]
    public void TheResultIsANewDenseMatrix(string name)
    {
        var (function, prime) = BuiltIn.Activation[name];
        Matrix<double>[] arguments =
        [
            Matrices.Of([1, -2], [0, 3]),
            Matrix<double>.Build.SparseOfRowArrays([[1, -2], [0, 3]]),
            Matrix<double>.Build.DiagonalOfDiagonalArray([1, -2])
        ];
        foreach (var x in arguments)
        {
            var dense = Matrix<double>.Build.DenseOfMatrix(x);
            var (y, derivative) = (function(x), prime(x));
            y.Storage.IsDense.Should().BeTrue();
            derivative.Storage.IsDense.Should().BeTrue();
            y.ShouldBeBitForBit(function(dense));
            derivative.ShouldBeBitForBit(prime(dense));

            x[0, 0] = 7;
            y.ShouldBeBitForBit(function(dense));
            derivative.ShouldBeBitForBit(prime(dense));
        }
    }

    // In a row of 13 the first value is in the body of a vector of any width, not in its tail.
    private static double Function(string name, double x) => BuiltIn.Activation[name].Function(Matrix<double>.Build.Dense(1, 13, x))[0, 0];

    private static double Prime(string name, double x) => BuiltIn.Activation[name].Prime(Matrix<double>.Build.Dense(1, 13, x))[0, 0];

    private static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-13 * Math.Max(1, Math.Abs(b));
}
