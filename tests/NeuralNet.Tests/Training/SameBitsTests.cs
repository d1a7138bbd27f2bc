using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;
using NeuralNet.Tests.Optimizers;

namespace NeuralNet.Tests.Training;

/// <summary>Same seed, same bits: over two runs, and for any number of threads.</summary>
public class SameBitsTests
{
    private static readonly int[] s_threads = [1, 2, 4, int.MaxValue, -1];

    public static TheoryData<string> Optimizers => BuiltInOptimizers.Names;

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void AFullyConnectedNetworkHasTheSameBitsForAnyNumberOfThreads(string optimizer) =>
        ShouldNotDependOnThreads(Fully, 1, 196, 33, optimizer);

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void AConvolutionalNetworkHasTheSameBitsForAnyNumberOfThreads(string optimizer) =>
        ShouldNotDependOnThreads(Convolutional, 14, 26, 17, optimizer);

    [Fact]
    public void ClippingAndL2HaveTheSameBitsForAnyNumberOfThreads()
    {
        ShouldNotDependOnThreads(Fully, 1, 196, 35, "Adam(0.001)", adorned: true);
        ShouldNotDependOnThreads(Convolutional, 14, 26, 21, "Sgd(0.1, momentum 0.9)", adorned: true);
    }

    [Fact]
    public void AnotherSeedGivesOtherBits()
    {
        Train(Fully, 1, 196, 33, 1, new Sgd(0.01), seed: 1).Should().NotBe(Train(Fully, 1, 196, 33, 1, new Sgd(0.01), seed: 2));
        Train(Fully, 1, 196, 33, 1, new Sgd(0.01), seed: -1).Should().NotBe(Train(Fully, 1, 196, 33, 1, new Sgd(0.01), seed: int.MaxValue));
    }

    [Fact]
    public void WithoutASeedEachRunDrawsItsOwn() =>
        Train(Fully, 1, 196, 33, 1, new Sgd(0.01), seed: null).Should().NotBe(Train(Fully, 1, 196, 33, 1, new Sgd(0.01), seed: null));

    [Fact]
    public void TrainingsAtOnceHaveTheBitsOfOneAlone()
    {
        string alone = Train(Convolutional, 14, 26, 17, 2, new Adam(), seed: 1);

        var bits = new string[4];
        Parallel.For(0, bits.Length, i => bits[i] = Train(Convolutional, 14, 26, 17, 2, new Adam(), seed: 1));

        bits.Should().AllBe(alone);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(257)]
    public void PredictOfManyHasTheBitsOfPredictOneByOneForAnyNumberOfThreads(int count)
    {
        foreach (var (make, rows, columns) in new[] { (Fully, 1, 196), ((Func<Random, Network>)Convolutional, 14, 26) })
        {
            var network = make(Draw.Seeded(1));
            var x = Draw.Matrices(count, rows, columns, Draw.Seeded(2));
            string[] oneByOne = [.. x.Select(one => Fingerprint.Of(network.Predict(one)))];

            network.Predict(x).Select(Fingerprint.Of).Should().Equal(oneByOne);
            foreach (int threads in s_threads[..4])
            {
                new Predictor(network.Layers).Predict(x, threads, () => threads).Select(Fingerprint.Of).Should().Equal(oneByOne);
            }
        }
    }

    [Fact]
    public void ThreadsThatAskForAParametersGradientForTheFirstTimeGetTheSameOne()
    {
        const int Threads = 4;
        using var start = new Barrier(Threads);
        for (int round = 0; round < 200; round++)
        {
            var parameter = new Parameter("W", Draw.Row(1, 2, 3));
            var got = new Matrix<double>[Threads];
            Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
            {
                start.SignalAndWait();
                got[i] = parameter.Gradient;
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());

            got.Should().OnlyContain(gradient => ReferenceEquals(gradient, parameter.Gradient));
        }
    }

    private static void ShouldNotDependOnThreads(
        Func<Random, Network> make, int rows, int columns, int batchSize, string optimizer, bool adorned = false)
    {
        long work = batchSize * LayerTree.MultiplyAdds(make(Draw.Seeded(1)).Layers, null);
        work.Should().BeGreaterThan(BatchPlan.WorthSharing, "else one thread does it all");

        string Bits(int threads, Func<int>? ofStep) =>
            Train(make, rows, columns, batchSize, threads, BuiltInOptimizers.New[optimizer](), 1, adorned, ofStep);
        var random = Draw.Seeded(3);
        string[] bits =
        [
            .. s_threads.Append(1).Select(threads => Bits(threads, null)),
            .. s_threads[..3].Select(threads => Bits(threads, () => threads)),
            Bits(4, () => random.Next(1, 5)),
        ];

        bits.Should().AllBe(bits[0]);
        bits[0].Should().NotContain("NaN");
    }

    private static string Train(
        Func<Random, Network> make,
        int rows,
        int columns,
        int batchSize,
        int threads,
        Optimizer optimizer,
        int? seed,
        bool adorned = false,
        Func<int>? ofStep = null)
    {
        var network = make(Draw.Seeded(1)).Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
        if (adorned)
        {
            (optimizer.ClipNorm, optimizer.ClipValue) = (0.01, 0.001);
            foreach (var parameter in network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters))
            {
                parameter.L2 = 0.003;
            }
        }

        var random = Draw.Seeded(2);
        const int Samples = 90;
        var x = Draw.Matrices(Samples, rows, columns, random);
        Matrix<double>[] y =
            [.. Enumerable.Range(0, Samples).Select(i => Matrix<double>.Build.Dense(1, 10, (_, column) => column == i % 10 ? 1 : 0))];
        var history = network.Fit(x, y, new FitOptions
        {
            Epochs = 2,
            BatchSize = batchSize,
            Optimizer = optimizer,
            Shuffle = true,
            Seed = seed,
            ValidationSplit = 0.1,
            Metrics = [Metric.Accuracy],
            MaxDegreeOfParallelism = threads,
            ThreadsOfStep = ofStep,
        });

        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        var epochs = history.Epochs.Select(epoch => $"{epoch.Loss:R} {epoch.ValidationLoss:R} {epoch.Metrics["Accuracy"]:R}");
        return $"{network.Bits()} {string.Join(' ', epochs)}";
    }

    /// <summary>Enough parameters that their update is shared among threads too.</summary>
    private static Network Fully(Random random) => new Network()
        .Add(new FCLayer(196, 101, random: random))
        .Add(new BatchNormLayer(101))
        .Add(BuiltIn.Layer("Relu"))
        .Add(new DropoutLayer(0.3))
        .Add(new FCLayer(101, 10, random: random));

    private static Network Convolutional(Random random) => new Network()
        .Add(new ConvLayer((14, 13, 2), (3, 2), 5, random: random))
        .Add(new BatchNormLayer((12, 12, 5)))
        .Add(BuiltIn.Layer("Gelu"))
        .Add(new MaxPoolLayer((12, 12, 5), (2, 2)))
        .Add(new DropoutLayer(0.2))
        .Add(new ConvLayer((6, 6, 5), (3, 3), 7, (1, 1), Padding.Same, random: random))
        .Add(new AveragePoolLayer((6, 6, 7), (2, 2)))
        .Add(new FlattenLayer())
        .Add(new FCLayer(63, 300, random: random))
        .Add(BuiltIn.Layer("Tanh"))
        .Add(new FCLayer(300, 10, random: random));
}
