using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Models;

namespace NeuralNet.Tests;

/// <summary>Losses that have a number of their own, and the binary cross-entropy of logits.</summary>
public class NumberedLossTests
{
    private static readonly Matrix<double> s_true = Draw.Row(0, 0, 0, 0, 0);
    private static readonly Matrix<double> s_pred = Draw.Row(-2, -0.25, 0, 0.5, 4);

    [Fact]
    public void HuberIsAParabolaUpToDeltaAndALineFromThere()
    {
        var huber = LossFunction.HuberWith(0.5);

        huber.Function(s_true, s_pred).Should().Be(((0.5 * 1.75) + 0.03125 + 0 + 0.125 + (0.5 * 3.75)) / 5);
        huber.Derivative(s_true, s_pred).ShouldBeNear(Draw.Row(-0.5, -0.25, 0, 0.5, 0.5) / 5, 1e-15);
        LossFunction.HuberWith(1).Should().BeSameAs(LossFunction.Huber);
        LossFunction.HuberWith(1e308).Function(Draw.Row(0), Draw.Row(3)).Should().Be(4.5);
    }

    [Fact]
    public void QuantileWeighsWhatIsTooLowByQAndWhatIsTooHighByTheRest()
    {
        var quantile = LossFunction.Quantile(0.75);

        quantile.Function(s_true, s_pred).Should().Be(((0.75 * 2.25) + (0.25 * 4.5)) / 5);
        quantile.Derivative(s_true, s_pred).ShouldBeNear(Draw.Row(-0.75, -0.75, 0, 0.25, 0.25) / 5, 1e-15);
    }

    [Fact]
    public void ANetworkLearnsTheQuantileOfItsTargets()
    {
        // One weight and one bias, X = 0: the bias becomes what nine of ten of the targets 1, 2, ..., 100 stay below.
        var net = new Network().Add(new FCLayer(1, 1, Initializer.Zeros)).Use(LossFunction.Quantile(0.9));
        Matrix<double>[] x = [.. Enumerable.Repeat(Draw.Row(0), 100)];
        Matrix<double>[] y = [.. Enumerable.Range(1, 100).Select(value => Draw.Row(value))];

        net.Fit(x, y, new FitOptions { Epochs = 2000, BatchSize = 100, Optimizer = new Sgd(1) });

        net.Predict(x[0])[0, 0].Should().BeInRange(89, 92);
    }

    [Theory]
    [InlineData("Huber(0.3)")]
    [InlineData("Quantile(0.9)")]
    [InlineData("Quantile(0.30000000000000004)")]
    [InlineData("BinaryCrossEntropyFromLogits")]
    public void ItIsSavedAndLoadedWithItsNumberAndItsDerivativeIsThatOfFiniteDifferences(string name)
    {
        var loss = LossFunction.Named(name)!;
        var random = Draw.Seeded(1);
        var (yTrue, yPred) = (Draw.Matrix(3, 4, random), Draw.Matrix(3, 4, random) * 2);
        var net = new Network().Add(new FCLayer(2, 2, random: random)).Use(loss);
        var (x, y) = (Draw.Matrices(6, 1, 2, random), Draw.Matrices(6, 1, 2, random));

        loss.Name.Should().Be(name);
        GradientCheck.RunLoss(loss, yTrue, yPred).WorstRelativeError.Should().BeLessThan(1e-6);
        GradientCheck.RunLoss(loss.Function, loss.Derivative, yTrue, yPred).WorstRelativeError.Should().BeLessThan(1e-6);
        var loaded = ModelBytes.Load(ModelBytes.Of(net));
        loaded.Evaluate(x, y).Loss.Should().Be(net.Evaluate(x, y).Loss);
        loaded.Fit(x, y, 3, 0.1);
        net.Fit(x, y, 3, 0.1);
        loaded.Predict(x[0]).ShouldBeBitForBit(net.Predict(x[0]));
        ModelBytes.Of(new Network().Add(new FCLayer(2, 2)).Use(loss.Function, loss.Derivative)).Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("Huber(0)")]
    [InlineData("Huber(NaN)")]
    [InlineData("Huber()")]
    [InlineData("Huber(1")]
    [InlineData("Quantile(1)")]
    [InlineData("Quantile")]
    [InlineData("Mse(1)")]
    [InlineData("(1)")]
    [InlineData("")]
    public void AnotherNameIsNone(string name) => LossFunction.Named(name).Should().BeNull();

    [Fact]
    public void NumbersOutOfRangeAreRefused()
    {
        foreach (double delta in new[] { 0, -1, double.NaN, double.PositiveInfinity })
        {
            FluentActions.Invoking(() => LossFunction.HuberWith(delta)).Should().ThrowExactly<ArgumentOutOfRangeException>()
                .WithMessage("Huber's delta must be a finite number above 0*");
        }

        foreach (double quantile in new[] { 0, 1, -0.5, 2, double.NaN })
        {
            FluentActions.Invoking(() => LossFunction.Quantile(quantile)).Should().ThrowExactly<ArgumentOutOfRangeException>()
                .WithMessage("Quantile's quantile must be a finite number above 0 and below 1*");
        }

        FluentActions.Invoking(() => LossFunction.Create("Huber(0.5)", (_, _) => 0, (_, _, _) => { })).Should().Throw<ArgumentException>()
            .WithMessage("*has a loss 'Huber(0.5)' already*");
    }

    [Theory]
    [InlineData(-1000, 1, 1000, -1)]
    [InlineData(-1000, 0, 0, 0)]
    [InlineData(1000, 0, 1000, 1)]
    [InlineData(1000, 1, 0, 0)]
    [InlineData(-30, 1, 30.000000000000092, -0.99999999999990641)]
    [InlineData(40, 1, 4.2483542552915889e-18, -4.2483542552915889e-18)]
    [InlineData(1e308, 0, 1e308, 1)]
    public void TheCrossEntropyOfALogitIsExactHoweverFarItIs(double z, double t, double loss, double derivative)
    {
        Losses.BinaryCrossEntropyFromLogits(Draw.Row(t), Draw.Row(z)).ShouldBeNear(loss, 1e-15);
        Losses.BinaryCrossEntropyFromLogitsPrime(Draw.Row(t), Draw.Row(z))[0, 0].ShouldBeNear(derivative, 1e-15);
    }

    [Fact]
    public void ANetworkOfLogitsLearnsWhatOneOfProbabilitiesLearnsAndPredictsTheSame()
    {
        var random = Draw.Seeded(1);
        var x = Draw.Matrices(20, 1, 2, random);
        Matrix<double>[] y = [.. x.Select(one => Draw.Row(one[0, 0] > one[0, 1] ? 1 : 0))];
        Network Make() => new Network().Add(new FCLayer(2, 1, random: Draw.Seeded(2)));
        var logits = Make().Use(LossFunction.BinaryCrossEntropyFromLogits);
        var probabilities = Make().Add(new ActivationLayer(ActivationFunction.Sigmoid)).Use(LossFunction.BinaryCrossEntropy);

        var options = new FitOptions { Epochs = 50, BatchSize = 5, Optimizer = new Sgd(0.5) };
        logits.Fit(x, y, options).Losses.Should().Equal(probabilities.Fit(x, y, options).Losses);

        logits.Predict(x).Should().Contain(one => one[0, 0] < 0);
        logits.PredictProbabilities(x[0]).ShouldBeBitForBit(probabilities.Predict(x[0]));
        logits.PredictClasses(x).Should().Equal(probabilities.PredictClasses(x)).And.Contain(0).And.Contain(1);
    }
}
