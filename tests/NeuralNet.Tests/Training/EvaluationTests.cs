using System.Globalization;

namespace NeuralNet.Tests;

public class EvaluationTests
{
    private static readonly Metric s_mine = new("Mine", (_, _) => 0, higherIsBetter: false);

    private readonly Evaluation _evaluation = new(0.12344, [(s_mine, -1234.5), (Metric.Accuracy, 0.987)]);

    [Fact]
    public void ItHoldsTheLossAndEachMetricByNameInTheOrderAskedFor()
    {
        _evaluation.Loss.Should().Be(0.12344);
        _evaluation.Metrics.Should().Equal(new KeyValuePair<string, double>("Mine", -1234.5), new KeyValuePair<string, double>("Accuracy", 0.987));
        _evaluation[Metric.Accuracy].Should().Be(0.987);
        _evaluation[s_mine].Should().Be(-1234.5);
    }

    [Fact]
    public void ItsTextIsTheLossAndEachMetricInAnyCulture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("", useUserOverride: false) { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            _evaluation.ToString().Should().Be("loss=0.1234  Mine=-1234.5000  Accuracy=0.9870");
            new Evaluation(double.NaN, []).ToString().Should().Be("loss=NaN");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
