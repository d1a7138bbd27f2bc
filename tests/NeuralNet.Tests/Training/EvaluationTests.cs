using System.Globalization;

namespace NeuralNet.Tests.Training;

public class EvaluationTests
{
    private static readonly Metric s_mine = new("Mine", (_, _) => 0, higherIsBetter: false);

    private readonly Evaluation _evaluation = new(0.12344, [(s_mine, -1234.5), (Metric.Accuracy, 0.987)]);

    [Fact]
    public void ItHoldsTheLossAndEachMetricByNameInTheOrderAskedFor()
    {
        _evaluation.Loss.Should().Be(0.12344);
        _evaluation.Metrics
            .Should().Equal(new KeyValuePair<string, double>("Mine", -1234.5), new KeyValuePair<string, double>("Accuracy", 0.987));
        _evaluation[Metric.Accuracy].Should().Be(0.987);
        _evaluation[s_mine].Should().Be(-1234.5);
    }

    [Fact]
    public void WithoutALossTheMetricsAreMeasured()
    {
        var (x, y) = Training.Trained.Samples(5);
        var random = Draw.Seeded(1);
        var network = new Network().Add(new FCLayer(4, 2, random: random));

        var evaluation = network.Evaluate(x, y, Metric.MeanAbsoluteError);

        evaluation.Loss.Should().Be(double.NaN);
        evaluation[Metric.MeanAbsoluteError].Should().Be(Metric.MeanAbsoluteError.Of(y, network.Predict(x)));
        evaluation.ToString().Should().StartWith("MeanAbsoluteError=");
        evaluation.Invoking(it => it[Metric.R2]).Should().Throw<ArgumentException>()
            .WithMessage("R2 was not evaluated, only MeanAbsoluteError.*");
    }

    [Theory]
    [InlineData("softmax", "Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime)")]
    [InlineData("sigmoid", "Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime)")]
    [InlineData(
        "linear",
        "Use(Losses.Mse, Losses.MsePrime) for numbers, or Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime) for classes,")]
    public void TheLossThatIsMissingIsOneThatSuitsTheLastLayer(string last, string advice)
    {
        var (x, y) = Training.Trained.Samples(5);
        var network = new Network().Add(new FCLayer(4, 2)).Add(last switch
        {
            "softmax" => new SoftmaxLayer(),
            "sigmoid" => new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime),
            _ => new ActivationLayer(Activations.Linear, Activations.LinearPrime),
        });

        network.Invoking(it => it.Fit(x, y, 1, 0.1)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage($"*no loss to train by. Call {advice} before Fit.");
        network.Invoking(it => it.Evaluate(x, y)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage(
                $"*no loss, and no metrics were asked for*Name metrics, such as Metric.Accuracy, or call {advice} before Evaluate.");
    }

    [Fact]
    public void ItsTextIsTheLossAndEachMetricInAnyCulture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture =
                new CultureInfo("", useUserOverride: false) { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            _evaluation.ToString().Should().Be("loss=0.1234  Mine=-1234.5000  Accuracy=0.9870");
            new Evaluation(double.NaN, []).ToString().Should().Be("loss=NaN");
            new Evaluation(null, [(s_mine, 2)]).ToString().Should().Be("Mine=2.0000");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
