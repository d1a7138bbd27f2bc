using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>Networks and measures that would say that all is well whatever was learnt.</summary>
public class NothingToLearnTests
{
    private const string WayOut = "Activations.Sigmoid";
    private readonly Matrix<double>[] _x = Draw.XorX();
    private readonly Matrix<double>[] _y = Draw.XorY();

    public static TheoryData<string, bool> Networks => new()
    {
        { "SoftmaxCrossEntropy", false },
        { "SoftmaxCrossEntropy", true },
        { "CategoricalCrossEntropy", false },
        { "CategoricalCrossEntropy", true },
        { "SoftmaxLayer", false },
        { "SoftmaxLayer", true },
        { "SoftmaxLayer within", false },
        { "SoftmaxLayer within", true },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void OneClassOfOneIsRefusedBeforeAnythingChanges(string kind, bool user)
    {
        var network = new Network().Add(new FCLayer(2, 1, random: Draw.Seeded(1)));
        if (user)
        {
            network.Add(new UserLayers.Custom(x => x, error => error));
        }

        // Behind a user's layer the shape of the one within is not known.
        network = kind switch
        {
            "SoftmaxCrossEntropy" => network.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime),
            "CategoricalCrossEntropy" => network.Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime),
            "SoftmaxLayer" => network.Add(new SoftmaxLayer()).Use(Losses.Mse, Losses.MsePrime),
            _ => network.Add(new FCLayer(1, 1)).Add(new SoftmaxLayer()).Add(new FCLayer(1, 1)).Use(Losses.Mse, Losses.MsePrime),
        };
        string before = network.Bits();
        string name = kind.Split(' ')[0];
        Action[] doors = [() => network.Fit(_x, _y, 1, 0.1), () => network.Fit(_x, _y, new FitOptions()), () => network.Evaluate(_x, _y)];

        foreach (var door in doors)
        {
            door.Should().ThrowExactly<InvalidOperationException>().Which.Message
                .Should().ContainAll(name, "one value", WayOut, "Losses.BinaryCrossEntropy");
        }

        network.Bits().Should().Be(before);
        network.InitialSeed.Should().BeNull();
    }

    [Fact]
    public void WithTheWayOutOneValueLearnsAYesOrNo()
    {
        var random = Draw.Seeded(1);
        var network = new Network()
            .Add(new FCLayer(2, 1, random: random))
            .Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
            .Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime);
        Matrix<double>[] or = [Draw.Row(0), Draw.Row(1), Draw.Row(1), Draw.Row(1)];

        network.Fit(_x, or, 500, 0.5);

        network.Evaluate(_x, or, Metric.BinaryAccuracy)[Metric.BinaryAccuracy].Should().Be(1);
    }

    [Fact]
    public void AccuracyOfOneValueIsRefusedAtEveryDoor()
    {
        var network = Draw.XorNetwork(1);
        string before = network.Bits();
        var options = new FitOptions
        {
            Metrics = [Metric.R2, Metric.Accuracy],
            EarlyStopping = new EarlyStopping { Monitor = Metric.Accuracy },
        };
        (Action Door, string Parameter)[] doors =
        [
            (() => network.Fit(_x, _y, options), "options"),
            (() => network.Evaluate(_x, _y, Metric.Accuracy), "metrics"),
            (() => Metric.Accuracy.Of(_y, _y), "yTrue"),
            (() => Metric.Accuracy.Of([Draw.Row(1, 0), Draw.Row(1)], [Draw.Row(1, 0), Draw.Row(0)]), "yTrue"),
        ];

        foreach (var (door, parameter) in doors)
        {
            var exception = door.Should().ThrowExactly<ArgumentException>().Which;
            exception.Message.Should().ContainAll("Accuracy", "1 x 1", "Metric.BinaryAccuracy", "Metric.MeanAbsoluteError");
            exception.ParamName.Should().Be(parameter);
        }

        network.Bits().Should().Be(before);
    }

    [Fact]
    public void R2OfOneSampleIsNotANumberAsInScikitLearn()
    {
        Metric.R2.Of([Draw.Row(1, 2)], [Draw.Row(1, 2)]).Should().Be(double.NaN);
        Metric.R2.Of([Draw.Row(1, 2)], [Draw.Row(3, 4)]).Should().Be(double.NaN);
        Draw.XorNetwork(1).Evaluate(_x[..1], _y[..1], Metric.R2)[Metric.R2].Should().Be(double.NaN);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void StoppingByAMetricThatIsNeverANumberIsRefused(bool split)
    {
        FitOptions Options(int validation) => new()
        {
            Metrics = [Metric.R2],
            EarlyStopping = new EarlyStopping { Monitor = Metric.R2 },
            Validation = split ? null : (_x[..validation], _y[..validation]),
            ValidationSplit = split ? validation / 4.0 : 0,
        };

        var exception = Draw.XorNetwork(1).Invoking(network => network.Fit(_x, _y, Options(1)))
            .Should().ThrowExactly<ArgumentException>().Which;
        exception.Message.Should().ContainAll("EarlyStopping monitors R2", "fewer than 2 samples", "1 would be measured");
        exception.ParamName.Should().Be("options");
        Draw.XorNetwork(1).Fit(_x, _y, Options(2)).StopReason.Should().Be(StopReason.EpochsCompleted);
    }
}
