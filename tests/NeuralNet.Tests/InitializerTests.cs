using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class InitializerTests
{
    private const int FanIn = 400;
    private const int FanOut = 300;

    private static readonly string[] UniformNames = [nameof(Initializer.GlorotUniform), nameof(Initializer.HeUniform)];
    private static readonly string[] NormalNames =
        [nameof(Initializer.GlorotNormal), nameof(Initializer.HeNormal), nameof(Initializer.LeCunNormal)];

    public static TheoryData<string> Uniform => [.. UniformNames];

    public static TheoryData<string> Normal => [.. NormalNames];

    public static TheoryData<string> Named => [.. UniformNames, .. NormalNames];

    [Theory]
    [MemberData(nameof(Named))]
    public void AFullyConnectedLayersWeightsHaveThePapersVariance(string name)
    {
        var layer = new FCLayer(FanIn, FanOut, Of(name), Draw.Seeded(1));

        MeanAndVarianceAre(layer.Weights, Variance(name, FanIn, FanOut));
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void AConvolutionsFansCountTheKernelsPositionsAndPlanes(string name)
    {
        var layer = new ConvLayer((9, 8, 40), (5, 3), 80, Of(name), Draw.Seeded(2));

        MeanAndVarianceAre(layer.Weights, Variance(name, 5 * 3 * 40, 5 * 3 * 80));
    }

    [Theory]
    [MemberData(nameof(Uniform))]
    public void UniformWeightsFillTheirRangeAndStayInIt(string name)
    {
        double limit = Math.Sqrt(3 * Variance(name, FanIn, FanOut));
        var weights = new FCLayer(FanIn, FanOut, Of(name), Draw.Seeded(3)).Weights.Enumerate().ToArray();

        weights.Max().Should().BeInRange(0.999 * limit, limit);
        weights.Min().Should().BeInRange(-limit, -0.999 * limit);
        (weights.Count(weight => Math.Abs(weight) < limit / 2) / (double)weights.Length).Should().BeApproximately(0.5, 0.01);
    }

    [Theory]
    [MemberData(nameof(Normal))]
    public void NormalWeightsAreAsOftenFarOutAsAGaussianIs(string name)
    {
        double deviation = Math.Sqrt(Variance(name, FanIn, FanOut));
        var weights = new FCLayer(FanIn, FanOut, Of(name), Draw.Seeded(4)).Weights.Enumerate().ToArray();

        double Beyond(double deviations) => weights.Count(weight => Math.Abs(weight) > deviations * deviation) / (double)weights.Length;
        Beyond(1).Should().BeApproximately(0.3173, 0.01);
        Beyond(2).Should().BeApproximately(0.0455, 0.005);
        Beyond(3).Should().BeApproximately(0.0027, 0.001, "nothing is cut off at two deviations");
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void TheBiasStartsAtZero(string name)
    {
        new FCLayer(5, 7, Of(name), Draw.Seeded(5)).Bias.Enumerate().Should().OnlyContain(value => value == 0);
        new ConvLayer((5, 6, 2), (2, 3), 3, Of(name), Draw.Seeded(5)).Bias.Enumerate().Should().OnlyContain(value => value == 0);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void TheSameSeedGivesTheSameWeights(string name)
    {
        Matrix<double> Weights(int seed) => new FCLayer(30, 20, Of(name), Draw.Seeded(seed)).Weights;

        Weights(6).ShouldBeBitForBit(Weights(6));
        Weights(6).Should().NotBe(Weights(7));
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void NamedInitializersPrintTheirName(string name) => Of(name).ToString().Should().Be(name);

    [Fact]
    public void ZerosAndConstantSetWeightsAndBiasAndDrawNothing()
    {
        var random = Draw.Seeded(8);
        var zeros = new FCLayer(4, 3, Initializer.Zeros, random);
        var constant = new ConvLayer((5, 6, 2), (2, 3), 3, Initializer.Constant(-0.25), random);

        zeros.Weights.Enumerate().Concat(zeros.Bias.Enumerate()).Should().HaveCount(15).And.OnlyContain(value => value == 0);
        constant.Weights.Enumerate().Concat(constant.Bias.Enumerate()).Should().HaveCount(39).And.OnlyContain(value => value == -0.25);
        random.NextDouble().Should().Be(Draw.Seeded(8).NextDouble());
        Initializer.Zeros.ToString().Should().Be("Zeros");
        Initializer.Constant(-0.25).ToString().Should().Be("Constant(-0.25)");
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(9, 4)]
    [InlineData(5, 23)]
    [InlineData(1, 1)]
    [InlineData(130, 257)]
    public void OrthogonalColumnsOrRowsHaveLengthOneAndRightAngles(int rows, int columns)
    {
        var layer = new FCLayer(rows, columns, Initializer.Orthogonal, Draw.Seeded(9));

        var w = layer.Weights;
        var products = rows >= columns ? w.TransposeThisAndMultiply(w) : w.TransposeAndMultiply(w);
        products.ShouldBeNear(Matrix<double>.Build.DenseIdentity(Math.Min(rows, columns)), 1e-14, 1e-14);
        layer.Bias.Enumerate().Should().OnlyContain(value => value == 0);
        new FCLayer(rows, columns, Initializer.Orthogonal, Draw.Seeded(9)).Weights.ShouldBeBitForBit(w);
        Initializer.Orthogonal.ToString().Should().Be("Orthogonal");
    }

    [Fact]
    public void EveryOrthogonalMatrixIsAsLikelyAsAnyOther()
    {
        // Of 2 x 2 half are reflections, and the angle of the first column is uniform.
        var random = Draw.Seeded(10);
        Matrix<double>[] drawn = [.. Enumerable.Range(0, 4000).Select(_ => new FCLayer(2, 2, Initializer.Orthogonal, random).Weights)];

        drawn.Count(w => w.Determinant() > 0).Should().BeInRange(1850, 2150);
        for (int quarter = 0; quarter < 4; quarter++)
        {
            drawn.Count(w => Math.Floor(Math.Atan2(w[1, 0], w[0, 0]) / (Math.PI / 2)) + 2 == quarter).Should().BeInRange(870, 1130);
        }
    }

    private static Initializer Of(string name) => (Initializer)typeof(Initializer).GetProperty(name)!.GetValue(null)!;

    private static double Variance(string name, double fanIn, double fanOut) => name switch
    {
        nameof(Initializer.GlorotUniform) or nameof(Initializer.GlorotNormal) => 2 / (fanIn + fanOut),
        nameof(Initializer.HeUniform) or nameof(Initializer.HeNormal) => 2 / fanIn,
        _ => 1 / fanIn,
    };

    /// <summary>The mean within 4 of its standard errors, the variance within 3%.</summary>
    private static void MeanAndVarianceAre(Matrix<double> weights, double variance)
    {
        int count = weights.RowCount * weights.ColumnCount;
        weights.Enumerate().Average().Should().BeApproximately(0, 4 * Math.Sqrt(variance / count));
        weights.Enumerate().Average(weight => weight * weight).Should().BeApproximately(variance, 0.03 * variance);
    }
}
