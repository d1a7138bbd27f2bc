using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Tests;

public class PredictedClassTests
{
    private readonly Matrix<double>[] _x = Draw.Matrices(9, 1, 4, Draw.Seeded(1));

    public static TheoryData<string> Probable => ["CategoricalCrossEntropy", "BinaryCrossEntropy", "SoftmaxLayer", "Sigmoid"];

    [Fact]
    public void AfterSoftmaxCrossEntropyTheProbabilitiesAreTheSoftmaxOfTheOutput()
    {
        var network = Of(3).Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
        var logits = network.Predict(_x);
        Matrix<double>[] expected = [.. logits.Select(y => y.Map(Math.Exp) / y.Map(Math.Exp).Enumerate().Sum())];

        var probabilities = network.PredictProbabilities(_x);

        foreach (var (probability, y) in probabilities.Zip(expected))
        {
            probability.ShouldBeNear(y, 1e-14);
        }

        probabilities.Should().OnlyContain(y => Math.Abs(y.Enumerate().Sum() - 1) < 1e-14);
        logits.Should().Contain(y => y.Exists(value => value < 0), "logits are no probabilities");
        network.PredictProbabilities(_x[2]).Should().Be(probabilities[2]);
    }

    /// <summary>By the loss, whatever a user's last layer, or by the last layer where there is no loss, as after ImportOnnx.</summary>
    [Theory]
    [MemberData(nameof(Probable))]
    public void WhereTheOutputIsProbabilitiesTheyAreGivenAsTheyAre(string by)
    {
        var network = by switch
        {
            "CategoricalCrossEntropy" => Of(3, new UserLayers.Custom(new SoftmaxLayer().Predict, error => error))
                .Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime),
            "BinaryCrossEntropy" => Of(3, new UserLayers.Custom(Activations.Sigmoid, error => error))
                .Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime),
            "SoftmaxLayer" => Of(3, new SoftmaxLayer()),
            _ => Of(3, new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime)),
        };

        network.PredictProbabilities(_x).Should().Equal(network.Predict(_x));
        network.PredictClasses(_x).Should().Equal(Labels.ArgMax(network.Predict(_x)));
    }

    [Fact]
    public void TheClassIsThePlaceOfTheGreatestOutputAsAccuracyCountsIt()
    {
        Network[] networks =
        [
            Of(3),
            Of(3).Use(Losses.Mse, Losses.MsePrime),
            Of(3).Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime),
        ];
        foreach (var network in networks)
        {
            var classes = network.PredictClasses(_x);

            classes.Distinct().Should().HaveCountGreaterThan(1);
            classes.Should().Equal(_x.Select(network.PredictClass));
            network.Evaluate(_x, Labels.OneHot(classes, 3), Metric.Accuracy)[Metric.Accuracy].Should().Be(1);
        }
    }

    [Fact]
    public void OneProbabilityIsAYesOrNo()
    {
        var network = Of(1, new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
            .Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime);
        int[] expected = [.. network.Predict(_x).Select(y => y[0, 0] >= 0.5 ? 1 : 0)];

        expected.Should().Contain(0).And.Contain(1);
        network.PredictClasses(_x).Should().Equal(expected);
        var targets = Samples.FromRows([.. expected.Select(yes => new double[] { yes })]);
        network.Evaluate(_x, targets, Metric.BinaryAccuracy)[Metric.BinaryAccuracy].Should().Be(1);
        new Network().Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime)).PredictClass(Draw.Row(0))
            .Should().Be(1, "from 0.5 on it is a yes");
    }

    [Fact]
    public void OneClassOfOneIsRefused() =>
        Of(1).Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime).Invoking(network => network.PredictClass(_x[0]))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("*one value*Activations.Sigmoid*");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OutputsThatAreNoProbabilitiesAreRefusedAsSuch(bool own)
    {
        var network = own
            ? Of(3).Use((t, y) => 2 * Losses.Mse(t, y), (t, y) => 2 * Losses.MsePrime(t, y))
            : Of(3).Use(Losses.Mse, Losses.MsePrime);

        network.Invoking(it => it.PredictProbabilities(_x)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage(
                "PredictProbabilities expects a network that gives probabilities, "
                + $"but FCLayer(4 -> 3) with {(own ? "a loss of your own" : "Mse")} gives any numbers.*SoftmaxCrossEntropy*");
    }

    [Fact]
    public void NoSamplesGiveNone()
    {
        Of(3).PredictClasses([]).Should().BeEmpty();
        Of(3, new SoftmaxLayer()).PredictProbabilities([]).Should().BeEmpty();
    }

    private static Network Of(int outputs, Layer? last = null)
    {
        var network = new Network().Add(new FCLayer(4, outputs, random: Draw.Seeded(3)));
        return last is null ? network : network.Add(last);
    }
}
