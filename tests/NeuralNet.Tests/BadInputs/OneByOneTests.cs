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

    public static TheoryData<string> FirstLayers => ["BatchNormLayer", "ConvLayer"];

    public static TheoryData<string> RowwiseFirstLayers => ["FCLayer", "ActivationLayer"];

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

    [Theory]
    [MemberData(nameof(RowwiseFirstLayers))]
    public void ATableForLayersThatTakeAnyNumberOfRowsIsOneSampleOfThem(string first)
    {
        var (network, other) = (Of(first), Of(first));
        other.Layers.OfType<FCLayer>().Single().Weights = network.Layers.OfType<FCLayer>().Single().Weights;
        other.Layers.OfType<FCLayer>().Single().Bias = network.Layers.OfType<FCLayer>().Single().Bias;

        // In Predict it is the same as one by one, bit for bit.
        var predictions = network.Predict(_table);
        foreach (var (prediction, row) in network.Predict(Samples.FromRows(_table)).Zip(predictions.EnumerateRows()))
        {
            prediction.ShouldBeBitForBit(row.ToRowMatrix());
        }

        // In Fit it is one sample: one update, of the gradient of the mean over all values.
        network.Fit([_table], [_targets], 1, 0.1);
        other.Fit(Samples.FromRows(_table), Samples.FromRows(_targets), new FitOptions { BatchSize = 7, Optimizer = new Sgd(0.1) });
        network.Layers.OfType<FCLayer>().Single().Weights.ShouldBeNear(other.Layers.OfType<FCLayer>().Single().Weights, 1e-12);
    }

    [Fact]
    public void ItsSamplesAreTakenOnceTheyAreAList()
    {
        var network = Of("FCLayer");

        network.Fit(Samples.FromRows(_table), Samples.FromRows(_targets), 1, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
        network.Predict(Samples.FromRows(_table)).Should().HaveCount(7);
    }

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
