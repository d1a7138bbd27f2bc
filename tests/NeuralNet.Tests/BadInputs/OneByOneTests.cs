using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Tables of samples, the habit from other libraries, where samples come one by one.</summary>
public class OneByOneTests
{
    private const string WayOut =
        "Samples come one by one: Samples.FromRows, in NeuralNet.Data, makes a list of 7 samples of the rows of a matrix.";
    private readonly Matrix<double> _table = Draw.Matrix(7, 4, Draw.Seeded(1));
    private readonly Matrix<double> _targets = Draw.Matrix(7, 2, Draw.Seeded(2));

    public static TheoryData<string> FirstLayers => ["FCLayer", "BatchNormLayer", "ActivationLayer", "ConvLayer"];

    [Theory]
    [MemberData(nameof(FirstLayers))]
    public void ATableForANetworkNamesWhatMakesSamplesOfIt(string first)
    {
        var network = Of(first);
        Action[] doors =
        [
            () => network.Predict(_table),
            () => network.Predict([_table]),
            () => network.Fit([_table], [_targets], 1, 0.1),
            () => network.Fit([_table], [_targets], new FitOptions()),
            () => network.Evaluate([_table], [_targets]),
            () => network.PredictClass(_table),
        ];

        foreach (var door in doors)
        {
            door.Should().ThrowExactly<ArgumentException>().Which.Message.Should().ContainAll("but got 7 x 4.", WayOut);
        }
    }

    [Fact]
    public void ItsSamplesAreTakenOnceTheyAreAList()
    {
        var network = Of("FCLayer");

        network.Fit(Samples.FromRows(_table), Samples.FromRows(_targets), 1, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
        network.Predict(Samples.FromRows(_table)).Should().HaveCount(7);
    }

    [Fact]
    public void ATableThatMayBeAnImageNamesBothWaysOut() =>
        new FCLayer(4, 3).Invoking(layer => layer.Predict(_table)).Should().ThrowExactly<ArgumentException>()
            .WithMessage(
                $"FCLayer(4 -> 3) expects a 1 x 4 input, but got 7 x 4. {WayOut} "
                + "Of one image, add a FlattenLayer before it, and make this one new FCLayer(28, 3).*");

    [Fact]
    public void ATableOfTargetsOrSamplesBesideAListNamesIt()
    {
        var (x, y) = (Samples.FromRows(_table), Samples.FromRows(_targets));

        Refused(x, [_targets], "7 xTrain and 1 yTrain", WayOut);
        Refused([_table], y, "1 xTrain and 7 yTrain", WayOut);
        Refused(x, [.. Enumerable.Repeat(_targets, 7)], "FCLayer(4 -> 2) gives 1 x 2", "but got 7 x 2", WayOut);
        Refused(x, [null!], "7 xTrain and 1 yTrain");
    }

    [Fact]
    public void ClassLabelsForOutputsNameWhatMakesRowsOfThem() =>
        Refused(
            Samples.FromRows(_table), [.. Enumerable.Repeat(Draw.Row(1), 7)], "FCLayer(4 -> 2) gives 1 x 2", "got 1 x 1", "Labels.OneHot");

    private static void Refused(IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, params string[] says) =>
        Of("FCLayer").Invoking(network => network.Fit(x, y, 1, 0.1)).Should().ThrowExactly<ArgumentException>().Which.Message
            .Should().ContainAll(says);

    private static Network Of(string first)
    {
        var network = new Network();
        if (first == "ConvLayer")
        {
            network.Add(new ConvLayer((2, 2, 1), (1, 1), 1)).Add(new FlattenLayer());
        }
        else if (first == "BatchNormLayer")
        {
            network.Add(new BatchNormLayer(4));
        }
        else if (first == "ActivationLayer")
        {
            network.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        }

        return network.Add(new FCLayer(4, 2)).Use(Losses.Mse, Losses.MsePrime);
    }
}
