using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class ShuffleAndSplitTests
{
    private const int Count = 23;

    [Fact]
    public void WithoutShuffleEachEpochTakesTheSamplesInOrder() =>
        Orders(new FitOptions { Epochs = 3, BatchSize = 4, Seed = 1 })
            .Should().AllSatisfy(epoch => epoch.Should().Equal(Enumerable.Range(0, Count)));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void WithShuffleEachEpochIsAnotherPermutation(int batchSize)
    {
        var orders = Orders(new FitOptions { Epochs = 20, BatchSize = batchSize, Shuffle = true, Seed = 1 });

        orders.Should().AllSatisfy(epoch => epoch.Should().BeEquivalentTo(Enumerable.Range(0, Count)));
        orders.Append([.. Enumerable.Range(0, Count)]).Select(epoch => string.Join(' ', epoch)).Should().OnlyHaveUniqueItems();
        Enumerable.Range(0, Count).Should().AllSatisfy(place => orders.Select(epoch => epoch[place]).Distinct()
            .Should().HaveCountGreaterThan(5, "each place has many samples in turn"));
    }

    [Fact]
    public void TheOrderIsTheSeeds()
    {
        List<int[]> Of(int seed, int batchSize = 4) =>
            Orders(new FitOptions { Epochs = 3, BatchSize = batchSize, Shuffle = true, Seed = seed });

        Of(7).Should().BeEquivalentTo(Of(7), options => options.WithStrictOrdering());
        Of(7).Should().BeEquivalentTo(Of(7, batchSize: 9), options => options.WithStrictOrdering(), "batches are cut from it");
        Of(7)[0].Should().NotEqual(Of(8)[0]);
        Of(0)[0].Should().NotEqual(Of(0)[1]);
        Of(0)[1].Should().NotEqual(Of(1)[0]);
    }

    [Theory]
    [InlineData(1e-9, 1)]
    [InlineData(0.1, 2)]
    [InlineData(0.25, 6)]
    [InlineData(0.5, 12)]
    [InlineData(0.999999, 22)]
    public void TheSplitTakesItsPartAtRandomAndForGood(double split, int expected)
    {
        foreach (bool shuffle in new[] { false, true })
        {
            var (trained, validated) =
                Split(new FitOptions { Epochs = 4, BatchSize = 5, ValidationSplit = split, Shuffle = shuffle, Seed = 3 });

            validated.Should().AllSatisfy(epoch => epoch.Should().Equal(validated[0])).And.HaveCount(4);
            validated[0].Should().HaveCount(expected);
            trained.Should().AllSatisfy(epoch => epoch.Should().BeEquivalentTo(Enumerable.Range(0, Count).Except(validated[0])));
        }
    }

    [Fact]
    public void TheSplitIsTheSeeds()
    {
        int[] Of(int seed, bool shuffle = false) =>
            Split(new FitOptions { ValidationSplit = 0.4, Seed = seed, Shuffle = shuffle }).Validated[0];

        Of(1).Should().Equal(Of(1)).And.Equal(Of(1, shuffle: true));
        Of(1).Should().NotEqual(Of(2));
        Enumerable.Range(0, 40).SelectMany(seed => Of(seed)).Distinct().Should().HaveCount(Count, "any sample may be taken");
    }

    [Fact]
    public void ValidationMeasuresWhatEvaluateDoes()
    {
        var (x, y) = Trained.Samples(20);
        var network = Trained.Small();
        Metric[] metrics = [Metric.MeanAbsoluteError, Metric.R2];
        var expected = new List<Evaluation>();

        var history = network.Fit(x[..12], y[..12], new FitOptions
        {
            Epochs = 3,
            BatchSize = 5,
            Validation = (x[12..], y[12..]),
            Metrics = metrics,
            Progress = Trained.Tell<EpochReport>(_ => expected.Add(network.Evaluate(x[12..], y[12..], metrics))),
        });

        history.ValidationLosses.Should().Equal(expected.Select(evaluation => evaluation.Loss));
        history.Metrics["R2"].Should().Equal(expected.Select(evaluation => evaluation[Metric.R2]));
        history.Metrics["MeanAbsoluteError"].Should().Equal(expected.Select(evaluation => evaluation[Metric.MeanAbsoluteError]));
        var twin = Trained.Small();
        twin.Fit(x[..12], y[..12], new FitOptions { Epochs = 3, BatchSize = 5 });
        network.Bits().Should().Be(twin.Bits(), "nothing is learnt from the validation samples");
    }

    [Fact]
    public void MetricsAreTheTrainingSamplesWhereThereAreNoOthers()
    {
        var (x, y) = Trained.Samples(9);
        var network = Trained.Small();

        var history = network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 4, Metrics = [Metric.R2], Shuffle = true });

        history.ValidationLosses.Should().BeEmpty();
        history.Metrics["R2"].Should().HaveCount(2);
        history.Metrics["R2"][^1].Should().Be(network.Evaluate(x, y, Metric.R2)[Metric.R2]);
    }

    [Fact]
    public void DropoutsMasksAreTheSeeds()
    {
        string Of(int? seed, bool own = false) =>
            string.Join(' ', Masks(new FitOptions { Epochs = 2, BatchSize = 3, Seed = seed }, own).Select(Fingerprint.Of));

        Of(1).Should().Be(Of(1)).And.NotBe(Of(2));
        Of(null).Should().NotBe(Of(null));
        Of(1, own: true).Should().Be(Of(2, own: true), "a generator of the layer's own comes first").And.NotBe(Of(1));
    }

    [Fact]
    public void EachSampleOfEachEpochHasAMaskOfItsOwn()
    {
        var masks = Masks(new FitOptions { Epochs = 3, BatchSize = 3, Seed = 1 }, own: false);

        masks.Should().HaveCount(3 * 7);
        masks.Select(Fingerprint.Of).Should().OnlyHaveUniqueItems();
        masks.SelectMany(mask => mask.Enumerate()).Should().OnlyContain(value => value == 0 || value == 2);
    }

    [Fact]
    public void AUsersLayerChangesNoMask()
    {
        string Of(bool user)
        {
            var seen = new List<Matrix<double>>();
            var network = new Network();
            if (user)
            {
                network.Add(new UserLayers.Custom(x => x, error => error));
            }

            network.Add(new DropoutLayer(0.5)).Use((_, yPred) => Noted(seen, yPred), (_, yPred) => 0 * yPred);
            network.Fit(Ones(7), Ones(7), new FitOptions { BatchSize = 3, Seed = 1, Epochs = 2 });
            return Fingerprint.Of(seen);
        }

        Of(true).Should().Be(Of(false));
    }

    private static Matrix<double>[] Ones(int count) => [.. Enumerable.Range(0, count).Select(_ => Matrix<double>.Build.Dense(1, 60, 1))];

    private static double Noted(List<Matrix<double>> seen, Matrix<double> yPred)
    {
        seen.Add(yPred);
        return 0;
    }

    /// <summary>What dropout makes of ones, sample by sample.</summary>
    private static List<Matrix<double>> Masks(FitOptions options, bool own)
    {
        var seen = new List<Matrix<double>>();
        var network = new Network().Add(new DropoutLayer(0.5, own ? Draw.Seeded(9) : null))
            .Use((_, yPred) => Noted(seen, yPred), (_, yPred) => 0 * yPred);
        network.Fit(Ones(7), Ones(7), options);
        return seen;
    }

    /// <summary>Which samples each epoch trains on, in order.</summary>
    private static List<int[]> Orders(FitOptions options)
    {
        var seen = new List<int>();
        Network(seen).Fit(X(), X(), options);
        return [.. seen.Chunk(Count)];
    }

    private static (List<int[]> Trained, List<int[]> Validated) Split(FitOptions options)
    {
        var seen = new List<int>();
        var validated = new List<int[]>();
        var spy = new Metric("Spy", (yTrue, _) => Note(validated, [.. yTrue.Select(y => (int)y[0, 0])]), higherIsBetter: true);
        var epochs = new List<int[]>();
        Network(seen).Fit(X(), X(), new FitOptions
        {
            Epochs = options.Epochs,
            BatchSize = options.BatchSize,
            ValidationSplit = options.ValidationSplit,
            Shuffle = options.Shuffle,
            Seed = options.Seed,
            Metrics = [spy],
            Progress = Trained.Tell<EpochReport>(_ =>
            {
                // The validation loss is measured by the same function after training, in the order of the metric.
                int validation = validated[^1].Length;
                seen.TakeLast(validation).Should().Equal(validated[^1]);
                epochs.Add([.. seen.SkipLast(validation)]);
                seen.Clear();
            }),
        });
        return (epochs, validated);
    }

    private static double Note(List<int[]> validated, int[] samples)
    {
        validated.Add(samples);
        return 0;
    }

    private static Matrix<double>[] X() => [.. Enumerable.Range(0, Count).Select(i => Draw.Row(i))];

    private static Network Network(List<int> seen) => new Network().Add(new FCLayer(1, 1)).Use(
        (yTrue, _) =>
        {
            seen.Add((int)yTrue[0, 0]);
            return 0;
        },
        (_, yPred) => 0 * yPred);
}
