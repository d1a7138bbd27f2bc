using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class LossesTests
{
    public static TheoryData<string> Names => [.. BuiltIn.Loss.Keys];

    [Fact]
    public void EveryPublicLossIsInTheTables() => typeof(Losses).GetMethods().Where(method => method.IsStatic).Select(method => method.Name)
        .Should().BeEquivalentTo(BuiltIn.Loss.Keys.Concat(BuiltIn.Loss.Keys.Select(name => name + "Prime")));

    [Fact]
    public void MseIsTheMeanOfTheSquares()
    {
        var yTrue = Matrices.Of([1, 2], [3, 4]);
        var yPred = Matrices.Of([2, 2], [0, 6]);

        Losses.Mse(yTrue, yPred).Should().Be((1 + 0 + 9 + 4) / 4.0);
        Losses.MsePrime(yTrue, yPred).ShouldBeBitForBit(Matrices.Of([0.5, 0], [-1.5, 1]));
    }

    [Fact]
    public void MaeIsTheMeanOfTheDistancesAndItsDerivativeIsZeroWhereThereIsNone()
    {
        var yTrue = Matrices.Of([1, 2], [3, 4]);
        var yPred = Matrices.Of([2, 2], [0, 6]);

        Losses.Mae(yTrue, yPred).Should().Be((1 + 0 + 3 + 2) / 4.0);
        Losses.MaePrime(yTrue, yPred).ShouldBeBitForBit(Matrices.Of([0.25, 0], [-0.25, 0.25]));
    }

    [Fact]
    public void HuberIsAParabolaUpToOneAndALineFromThere()
    {
        var yTrue = Matrices.Of([0, 0, 0, 0]);
        var yPred = Matrices.Of([0.5, -1, 3, -5]);

        Losses.Huber(yTrue, yPred).Should().Be((0.125 + 0.5 + 2.5 + 4.5) / 4);
        Losses.HuberPrime(yTrue, yPred).ShouldBeBitForBit(Matrices.Of([0.125, -0.25, 0.25, -0.25]));
    }

    [Fact]
    public void BinaryCrossEntropyIsTheMeanOfTheMissingBelief()
    {
        var yTrue = Matrices.Of([1, 0]);
        var yPred = Matrices.Of([0.5, 0.75]);

        Losses.BinaryCrossEntropy(yTrue, yPred).ShouldBeNear((Math.Log(2) + Math.Log(4)) / 2, 1e-15);
        Losses.BinaryCrossEntropyPrime(yTrue, yPred).ShouldBeNear(Matrices.Of([-1, 2]), 1e-15);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 1, 100, 1e12)]
    [InlineData(1, 0, 100, -1e12)]
    [InlineData(1, 1, 0, 0)]
    [InlineData(0.5, 0, 50, -0.5e12)]
    [InlineData(0.5, 1, 50, 0.5e12)]
    public void BinaryCrossEntropyIsFiniteWhereThePredictionIsCertain(double yTrue, double yPred, double loss, double derivative)
    {
        Losses.BinaryCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])).Should().Be(loss);
        Losses.BinaryCrossEntropyPrime(Matrices.Of([yTrue]), Matrices.Of([yPred]))[0, 0].Should().Be(derivative);
    }

    [Fact]
    public void BinaryCrossEntropyIsFiniteForEveryProbability() => Gen.Select(Gen.Double[0, 1], Gen.OneOf(Gen.Double[0, 1], Gen.Double[-320, 0].Select(exponent => Math.Pow(10, exponent)), Gen.Const(Math.BitDecrement(1)))).Sample((yTrue, yPred) =>
        double.IsFinite(Losses.BinaryCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])))
        && double.IsFinite(Losses.BinaryCrossEntropyPrime(Matrices.Of([yTrue]), Matrices.Of([yPred]))[0, 0]));

    [Fact]
    public void SoftmaxCrossEntropyIsTheMissingBeliefInTheTrueClass()
    {
        var logits = Matrices.Of([Math.Log(1), Math.Log(2), Math.Log(5)]);

        Losses.SoftmaxCrossEntropy(Matrices.Of([0, 1, 0]), logits).ShouldBeNear(Math.Log(4), 1e-15);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([0, 1, 0]), logits).ShouldBeNear(Matrices.Of([0.125, -0.75, 0.625]), 1e-15);
        Losses.SoftmaxCrossEntropy(Matrices.Of([0.5, 0, 0.5]), logits).ShouldBeNear((Math.Log(8) + Math.Log(1.6)) / 2, 1e-15);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([0.5, 0, 0.5]), logits).ShouldBeNear(Matrices.Of([-0.375, 0.25, 0.125]), 1e-15);
    }

    [Fact]
    public void SoftmaxCrossEntropysDerivativeCountsTargetsThatDoNotAddUpToOne() =>
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([2, 1]), Matrices.Of([0, 0])).ShouldBeNear(Matrices.Of([-0.5, 0.5]), 1e-15);

    [Fact]
    public void CategoricalCrossEntropyIsTheMissingBeliefInTheTrueClass()
    {
        var yPred = Matrices.Of([0.125, 0.25, 0.625]);

        Losses.CategoricalCrossEntropy(Matrices.Of([0, 1, 0]), yPred).ShouldBeNear(Math.Log(4), 1e-15);
        Losses.CategoricalCrossEntropyPrime(Matrices.Of([0, 1, 0]), yPred).ShouldBeNear(Matrices.Of([0, -4, 0]), 1e-15);
        Losses.CategoricalCrossEntropy(Matrices.Of([0.5, 0, 0.5]), yPred).ShouldBeNear((Math.Log(8) + Math.Log(1.6)) / 2, 1e-15);
        Losses.CategoricalCrossEntropyPrime(Matrices.Of([0.5, 0, 0.5]), yPred).ShouldBeNear(Matrices.Of([-4, 0, -0.8]), 1e-15);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1e100)]
    [InlineData(8e307)]
    public void SoftmaxCrossEntropyIsExactHoweverFarApartTheLogitsAre(double far)
    {
        var logits = Matrices.Of([far, -far, 0]);

        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0, 0]), logits).Should().Be(0);
        Losses.SoftmaxCrossEntropy(Matrices.Of([0, 1, 0]), logits).Should().Be(2 * far);
        Losses.SoftmaxCrossEntropy(Matrices.Of([0, 0, 1]), logits).Should().Be(far);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([1, 0, 0]), logits).ToRowMajorArray().Should().Equal(0, 0, 0);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([0, 1, 0]), logits).ToRowMajorArray().Should().Equal(1, -1, 0);
        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0]), Matrices.Of([far, far])).Should().Be(Math.Log(2));
        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0]), Matrices.Of([-far, -far])).Should().Be(Math.Log(2));
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([1, 0]), Matrices.Of([-far, -far])).ToRowMajorArray().Should().Equal(-0.5, 0.5);
    }

    [Fact]
    public void SoftmaxCrossEntropyIsFiniteWhereLogitsAreFartherApartThanADoubleReaches()
    {
        var logits = Matrices.Of([double.MaxValue, -double.MaxValue]);

        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0]), logits).Should().Be(0);
        Losses.SoftmaxCrossEntropy(Matrices.Of([0.75, 0.25]), logits).Should().Be(double.MaxValue / 2);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([0, 1]), logits).ToRowMajorArray().Should().Equal(1, -1);
    }

    [Fact]
    public void SoftmaxCrossEntropyDoesNotChangeWithAShiftOfAllLogits() => Gen.Select(Gen.Int[1, 12], Gen.Double[-1000, 1000], Gen.Int).Sample((classes, shift, seed) =>
    {
        var random = Draw.Seeded(seed);
        var yTrue = Matrices.Uniform(1, classes, random, 0, 1);
        var logits = Matrices.Uniform(1, classes, random, -10, 10);

        Losses.SoftmaxCrossEntropy(yTrue, logits + shift).ShouldBeNear(Losses.SoftmaxCrossEntropy(yTrue, logits), 1e-11, 1e-11);
        Losses.SoftmaxCrossEntropyPrime(yTrue, logits + shift).ShouldBeNear(Losses.SoftmaxCrossEntropyPrime(yTrue, logits), 1e-11, 1e-11);
        Losses.SoftmaxCrossEntropyPrime(yTrue, logits).Enumerate().Sum().ShouldBeNear(0, 0, 1e-13 * classes);
    });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void SoftmaxCrossEntropyOfWhatIsNotFiniteIsNotANumber(double logit)
    {
        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0]), Matrices.Of([0, logit])).Should().Be(double.NaN);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([1, 0]), Matrices.Of([0, logit])).ToRowMajorArray().Should().Equal(double.NaN, double.NaN);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(1, 0, 100, -1e12)]
    [InlineData(1, 1, 0, -1)]
    [InlineData(0.5, 0, 50, -0.5e12)]
    [InlineData(0.5, 1e-200, 50, -0.5e12)]
    public void CategoricalCrossEntropyIsFiniteWhereThePredictionIsCertain(double yTrue, double yPred, double loss, double derivative)
    {
        Losses.CategoricalCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])).Should().Be(loss);
        Losses.CategoricalCrossEntropyPrime(Matrices.Of([yTrue]), Matrices.Of([yPred]))[0, 0].Should().Be(derivative);
    }

    [Fact]
    public void CategoricalCrossEntropyOfWhatIsNoProbabilityIsNotANumber()
    {
        Losses.CategoricalCrossEntropy(Matrices.Of([1]), Matrices.Of([-0.1])).Should().Be(double.NaN);
        Losses.CategoricalCrossEntropy(Matrices.Of([0, 1]), Matrices.Of([double.NaN, 1])).Should().Be(double.NaN);
    }

    [Theory]
    [InlineData("Mse", 1e6, 2000)]
    [InlineData("Mae", 1000, 1)]
    [InlineData("Huber", 999.5, 1)]
    public void LossesAreExactFarFromTheTarget(string name, double loss, double derivative)
    {
        var (function, prime) = BuiltIn.Loss[name];
        foreach (double far in new double[] { -1000, 1000 })
        {
            function(Matrices.Of([0]), Matrices.Of([far])).Should().Be(loss);
            prime(Matrices.Of([0]), Matrices.Of([far]))[0, 0].Should().Be(Math.Sign(far) * derivative);
        }
    }

    [Theory]
    [InlineData("Mse")]
    [InlineData("Mae")]
    [InlineData("Huber")]
    public void ARightPredictionCostsNothing(string name) => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int).Sample((rows, columns, seed) =>
    {
        var y = Draw.Matrix(rows, columns, Draw.Seeded(seed));
        var (function, prime) = BuiltIn.Loss[name];
        return function(y, y) == 0 && prime(y, y).Enumerate().All(v => v == 0);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void SparseMatricesGiveTheSameAndNothingIsModified(string name)
    {
        var (function, prime) = BuiltIn.Loss[name];
        var yTrue = Matrices.Of([0, 1, 0], [0, 0, 1]);
        var yPred = Matrices.Of([0.25, 0, 0], [0.5, 0, 0.75]);
        var sparseTrue = Matrix<double>.Build.SparseOfMatrix(yTrue);
        var sparsePred = Matrix<double>.Build.SparseOfMatrix(yPred);
        var (clonedTrue, clonedPred) = (yTrue.Clone(), yPred.Clone());

        function(sparseTrue, sparsePred).Should().Be(function(yTrue, yPred));
        prime(sparseTrue, sparsePred).ShouldBeBitForBit(prime(yTrue, yPred));
        yTrue.ShouldBeBitForBit(clonedTrue);
        yPred.ShouldBeBitForBit(clonedPred);
        sparsePred.ShouldBeBitForBit(clonedPred);
    }
}
