using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class LossesTests
{
    public static TheoryData<string> Names => [.. BuiltIn.Loss.Keys];

    [Fact]
    public void EveryPublicLossIsInTheTables() => typeof(Losses).GetMethods()
        .Where(method => method.IsStatic && method.ReturnType != typeof(LossFunction)).Select(method => method.Name)
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
    [InlineData(0, 1e-20, 1e-20, 1)]
    [InlineData(0, 1e-300, 1e-300, 1)]
    [InlineData(1, 1e-20, 46.05170185988091, -1e20)]
    [InlineData(1, 1e-60, 138.15510557964274, -1e60)]
    [InlineData(1, 1e-300, 690.7755278982137, -1e300)]
    [InlineData(0.25, 1e-300, 172.69388197455342, -0.25e300)]
    [InlineData(0, 0.99999999999999988898, 36.7368005696771, 9007199254740992)]
    [InlineData(1, 0.99999999999999988898, 1.1102230246251565e-16, -1)]
    public void BinaryCrossEntropyIsExactForEveryProbabilityThatADoubleTellsFromZeroAndOne(
        double yTrue, double yPred, double loss, double derivative)
    {
        Losses.BinaryCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])).ShouldBeNear(loss, 1e-15);
        Losses.BinaryCrossEntropyPrime(Matrices.Of([yTrue]), Matrices.Of([yPred]))[0, 0].ShouldBeNear(derivative, 1e-15);
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 1, 0, -1)]
    [InlineData(1, 0, 744.4400719213812, -double.MaxValue)]
    [InlineData(0.5, 0, 372.2200359606906, -double.MaxValue)]
    [InlineData(0, 1, 36.7368005696771, double.MaxValue)]
    [InlineData(0.5, 1, 18.36840028483855, double.MaxValue)]
    public void BinaryCrossEntropyIsFiniteWhereThePredictionIsCertain(double yTrue, double yPred, double loss, double derivative)
    {
        Losses.BinaryCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])).ShouldBeNear(loss, 1e-15);
        Losses.BinaryCrossEntropyPrime(Matrices.Of([yTrue]), Matrices.Of([yPred]))[0, 0].Should().Be(derivative);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void BinaryCrossEntropyOfWhatIsNoProbabilityIsNotANumber(double yPred)
    {
        foreach (double yTrue in new[] { 0, 0.5, 1 })
        {
            Losses.BinaryCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])).Should().Be(double.NaN);
        }
    }

    [Theory]
    [InlineData(30, 0)]
    [InlineData(-30, 1)]
    [InlineData(-600, 1)]
    public void TheArticlesLoopThroughASigmoidHasTheRightDerivative(double z, double t)
    {
        var layer = new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime);
        var y = layer.ForwardPropagation(Matrices.Of([z]));

        layer.BackwardPropagation(Losses.BinaryCrossEntropyPrime(Matrices.Of([t]), y), 0)[0, 0].ShouldBeNear(t == 0 ? 1 : -1, 1e-12);
    }

    [Fact]
    public void TheArticlesLoopThroughASoftmaxHasTheRightDerivative()
    {
        var layer = new SoftmaxLayer();
        var y = layer.ForwardPropagation(Matrices.Of([-500, 0]));

        layer.BackwardPropagation(Losses.CategoricalCrossEntropyPrime(Matrices.Of([1, 0]), y), 0).ShouldBeNear(
            Matrices.Of([-1, 1]), 1e-12);
    }

    [Fact]
    public void SoftmaxCrossEntropyIsExactWhereTheTrueClassIsAllButCertain()
    {
        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0, 0]), Matrices.Of([50, 0, -800])).ShouldBeNear(1.9287498479639178e-22, 1e-15);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([1, 0, 0]), Matrices.Of([50, 0, -800])).ShouldBeNear(
            Matrices.Of([-1.9287498479639178e-22, 1.9287498479639178e-22, 0]), 1e-15);
    }

    [Fact]
    public void BinaryCrossEntropyIsFiniteForEveryProbability() => Gen.Select(
        Gen.Double[0, 1],
        Gen.OneOf(Gen.Double[0, 1], Gen.Double[-320, 0].Select(exponent => Math.Pow(10, exponent)), Gen.Const(Math.BitDecrement(1))))
        .Sample((yTrue, yPred) =>
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
    public void SoftmaxCrossEntropyDoesNotChangeWithAShiftOfAllLogits() =>
        Gen.Select(Gen.Int[1, 12], Gen.Double[-1000, 1000], Gen.Int).Sample((classes, shift, seed) =>
        {
            var random = Draw.Seeded(seed);
            var yTrue = Matrices.Uniform(1, classes, random, 0, 1);
            var logits = Matrices.Uniform(1, classes, random, -10, 10);

            Losses.SoftmaxCrossEntropy(yTrue, logits + shift).ShouldBeNear(Losses.SoftmaxCrossEntropy(yTrue, logits), 1e-11, 1e-11);
            Losses.SoftmaxCrossEntropyPrime(yTrue, logits + shift)
                .ShouldBeNear(Losses.SoftmaxCrossEntropyPrime(yTrue, logits), 1e-11, 1e-11);
            Losses.SoftmaxCrossEntropyPrime(yTrue, logits).Enumerate().Sum().ShouldBeNear(0, 0, 1e-13 * classes);
        });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void SoftmaxCrossEntropyOfWhatIsNotFiniteIsNotANumber(double logit)
    {
        Losses.SoftmaxCrossEntropy(Matrices.Of([1, 0]), Matrices.Of([0, logit])).Should().Be(double.NaN);
        Losses.SoftmaxCrossEntropyPrime(Matrices.Of([1, 0]), Matrices.Of([0, logit])).ToRowMajorArray()
            .Should().Equal(double.NaN, double.NaN);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(1, 0, 744.4400719213812, -double.MaxValue)]
    [InlineData(1, 1, 0, -1)]
    [InlineData(0.5, 0, 372.2200359606906, -double.MaxValue)]
    [InlineData(0.5, 1e-200, 230.25850929940458, -0.5e200)]
    [InlineData(1, 1e-20, 46.05170185988091, -1e20)]
    public void CategoricalCrossEntropyIsExactForEveryProbabilityAndFiniteForCertainOnes(
        double yTrue, double yPred, double loss, double derivative)
    {
        Losses.CategoricalCrossEntropy(Matrices.Of([yTrue]), Matrices.Of([yPred])).ShouldBeNear(loss, 1e-15);
        Losses.CategoricalCrossEntropyPrime(Matrices.Of([yTrue]), Matrices.Of([yPred]))[0, 0].ShouldBeNear(derivative, 1e-15);
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
    public void ARightPredictionCostsNothing(string name) =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int).Sample((rows, columns, seed) =>
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
