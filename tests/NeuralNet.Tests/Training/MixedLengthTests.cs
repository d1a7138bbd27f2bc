using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Training;

/// <summary>Sequences of several lengths in one Fit, Predict or Evaluate: without padding, as one by one.</summary>
public class MixedLengthTests
{
    private static readonly int[] s_lengths = [5, 2, 5, 1, 9, 2, 5, 5, 3, 1, 2];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(32)]
    public void FitGivesWhatSampleAfterSampleGives(int batchSize)
    {
        var (x, y) = Samples();
        var (net, twin) = (Network(), Network());

        var history = net.Fit(x, y, new FitOptions { Epochs = 3, BatchSize = batchSize, Optimizer = new Adam(0.01), Shuffle = false });

        var losses = BatchLoop.Fit(twin.Layers, Losses.Mse, Losses.MsePrime, x, y, 3, batchSize, new Adam(0.01));
        history.Epochs.Select(epoch => epoch.Loss).Should().Equal(losses, (one, other) => Math.Abs(one - other) <= 1e-12);
        Values(net).Should().Equal(Values(twin), (one, other) => Math.Abs(one - other) <= 1e-12);
    }

    [Fact]
    public void TheArticlesFitTakesThemToo()
    {
        var (x, y) = Samples();
        var (net, twin) = (Network(), Network());

        net.Fit(x, y, epochs: 2, learningRate: 0.01);

        BatchLoop.Fit(twin.Layers, Losses.Mse, Losses.MsePrime, x, y, 2, 1, new Sgd(0.01));
        Values(net).Should().Equal(Values(twin), (one, other) => Math.Abs(one - other) <= 1e-12);
    }

    [Fact]
    public void ThreadsChangeNoBit()
    {
        var (x, y) = Samples();
        string Gradients(int threads)
        {
            var net = Network();
            using var team = new Team(threads, () => threads);
            var runners = new RunnerSet(net.Layers, new Criterion(LossFunction.Mse), _ => 32, team, stored: false);
            int[] all = [.. Enumerable.Range(0, x.Length)];
            runners.ForwardBackward(x, y, all, null, new double[x.Length], new double[x.Length], 0.1, Draw.Seeded(1)).Should().BeTrue();
            return Fingerprint.Of(LayerTree.Parameters(net.Layers).Select(parameter => parameter.Gradient));
        }

        Gradients(2).Should().Be(Gradients(1));
        Gradients(3).Should().Be(Gradients(1));
    }

    [Fact]
    public void PredictGivesTheBitsOfOneByOneInTheOrderGiven()
    {
        var (x, _) = Samples();
        var net = Network();

        Fingerprint.Of(net.Predict(x)).Should().Be(Fingerprint.Of(x.Select(net.Predict)));
    }

    [Fact]
    public void EvaluateIsTheMeanOverTheSamples()
    {
        var (x, y) = Samples();
        var net = Network();

        double mean = x.Zip(y, (sample, target) => Losses.Mse(target, net.Predict(sample))).Average();
        net.Evaluate(x, y).Loss.Should().BeApproximately(mean, 1e-14);
    }

    /// <summary>A list that makes its samples when it is asked.</summary>
    [Fact]
    public void ALazyListMayMixThemAndAValidationSetMayHaveOthers()
    {
        var (x, y) = Samples();
        var (net, twin) = (Network(), Network());
        FitOptions Options(IReadOnlyList<Matrix<double>> validationX, IReadOnlyList<Matrix<double>> validationY) => new()
        {
            Epochs = 2,
            BatchSize = 4,
            Seed = 1,
            Validation = (validationX, validationY),
            Metrics = [Metric.MeanAbsoluteError],
        };

        var history = net.Fit(x[..8], y[..8], Options(x[3..], y[3..]));
        var lazy = twin.Fit(
            new CountingList(x[..8]), new CountingList(y[..8]), Options(new CountingList(x[3..]), new CountingList(y[3..])));

        history.Epochs[^1].ValidationLoss.Should().Be(lazy.Epochs[^1].ValidationLoss);
        Values(net).Should().Equal(Values(twin));
    }

    [Fact]
    public void ASampleThatTheNetworkDoesNotTakeIsNamed()
    {
        var (x, y) = Samples();
        (x[3], y[3]) = (Draw.Matrix(2, 4, Draw.Seeded(3)), Draw.Matrix(2, 4, Draw.Seeded(3)));
        var net = Network();

        net.Invoking(it => it.Fit(x, y, 1, 0.1)).Should().ThrowExactly<ArgumentException>()
            .WithMessage("Samples must have one shape, but xTrain[0] is 5 x 3 and xTrain[3] is 2 x 4. LayerNormLayer(3) expects*2 x 4*")
            .WithMessage("*(Parameter 'xTrain')");
        net.Invoking(it => it.Predict(x)).Should().ThrowExactly<ArgumentException>().WithMessage("*inputs[3] is 2 x 4*");
    }

    [Fact]
    public void ATargetOfAnotherSamplesLengthIsNamed()
    {
        var (x, y) = Samples();
        (y[0], y[1]) = (y[1], y[0]);
        var net = Network();
        string before = Fingerprint.OfParameters(net.Layers);

        net.Invoking(it => it.Fit(x, y, 1, 0.1)).Should().ThrowExactly<ArgumentException>()
            .WithMessage("*yTrain must be 5 x 3 each, but got 2 x 3*");
        (y[0], y[1], y[4]) = (y[1], y[0], y[0]);
        net.Invoking(it => it.Fit(x, y, 1, 0.1)).Should().ThrowExactly<ArgumentException>()
            .WithMessage("*gives 9 x 3, so yTrain[4] must be 9 x 3 each, but got 2 x 3*");
        net.Invoking(it => it.Fit(new CountingList(x), new CountingList(y), 1, 0.1)).Should().ThrowExactly<ArgumentException>()
            .WithMessage("*gives 9 x 3, so yTrain must be 9 x 3 each, but got 2 x 3*");
        net.Invoking(it => it.Evaluate(new CountingList(x), new CountingList(y))).Should().ThrowExactly<ArgumentException>()
            .WithMessage("*gives 9 x 3, so y must be 9 x 3 each, but got 2 x 3*");
        Fingerprint.OfParameters(net.Layers).Should().Be(before);
    }

    [Fact]
    public void ALayerThatDoesNotSayWhatComesOutTakesOneShape()
    {
        var (x, y) = Samples();
        var net = new Network().Add(new UserLayers.Custom(value => value, error => error)).Use(LossFunction.Mse);

        net.Invoking(it => it.Fit(x, y, 1, 0.1)).Should().ThrowExactly<ArgumentException>()
            .WithMessage("Samples must have one shape, but xTrain[0] is 5 x 3 and xTrain[1] is 2 x 3. *BatchLayer*");
    }

    /// <summary>A length that has come before costs no memory when it comes again.</summary>
    [Fact]
    public void StepsOfLengthsThatHaveComeBeforeAllocateNothing()
    {
        var (x, y) = Samples();
        var runners = new RunnerSet(Network().Layers, new Criterion(LossFunction.Mse), _ => 32, team: null, stored: false);
        int[] all = [.. Enumerable.Range(0, x.Length)];
        double[] losses = new double[x.Length], weights = new double[x.Length];
        var random = Draw.Seeded(1);
        void Step() => runners.ForwardBackward(x, y, all, null, losses, weights, 0.1, random);
        Step();
        Step();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    /// <summary>Batch norm needs a whole mini-batch: of several lengths it says so, and the network is as before.</summary>
    [Fact]
    public void ALayerThatSeesWholeBatchesRefusesSeveralLengthsInOne()
    {
        var (x, _) = Samples();
        var y = Draw.Matrices(x.Length, 1, 2, Draw.Seeded(5));
        var net = new Network { InitialSeed = 1 }
            .Add(new Conv1DLayer(3, 2, 2, padding: Padding.Causal)).Add(new GlobalAveragePoolLayer()).Add(new BatchNormLayer(2))
            .Use(LossFunction.Mse);
        string before = Fingerprint.OfParameters(net.Layers);

        net.Invoking(it => it.Fit(x, y, new FitOptions { Epochs = 1, BatchSize = 8, Shuffle = false }))
            .Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("BatchNormLayer(2) needs the whole mini-batch at once, but only some of its samples are 5 x 3.*LayerNormLayer*");

        Fingerprint.OfParameters(net.Layers).Should().Be(before);
    }

    /// <summary>Of many lengths, each with buffers of its own, Predict keeps as much as it may.</summary>
    [Fact]
    public void BuffersOfPredictStayBounded()
    {
        var x = Enumerable.Range(1, 40).Select(length => Draw.Matrix(length, 3, Draw.Seeded(length))).ToArray();
        var net = Network();
        var predictor = new Predictor(net.Layers, mostValues: 20_000);

        for (int round = 0; round < 2; round++)
        {
            Fingerprint.Of(predictor.Predict(x, 1)).Should().Be(Fingerprint.Of(x.Select(net.Predict)));
            predictor.Shapes.Should().BeInRange(1, 39);
        }
    }

    /// <summary>Of many lengths, each with buffers of its own, those that come seldom are let go.</summary>
    [Fact]
    public void BuffersOfManyLengthsStayBounded()
    {
        var x = Enumerable.Range(1, 40).Select(length => Draw.Matrix(length, 3, Draw.Seeded(length))).ToArray();
        var runners = new RunnerSet(
            Network().Layers, new Criterion(LossFunction.Mse), _ => 1, team: null, stored: false, mostValues: 10_000);

        foreach (int sample in Enumerable.Range(0, 4 * x.Length))
        {
            int place = sample % x.Length;
            runners.ForwardBackward(x, x, [place], null, new double[1], new double[1], 0.1, Draw.Seeded(1)).Should().BeTrue();
            runners.Shapes.Should().BeInRange(Math.Min(place + 1, 5), 25);
        }
    }

    private static Network Network() => new Network()
        .Add(new LayerNormLayer(3)).Add(new ActivationLayer(ActivationFunction.Tanh)).Add(new LayerNormLayer(3))
        .Use(LossFunction.Mse);

    private static (Matrix<double>[] X, Matrix<double>[] Y) Samples()
    {
        var random = Draw.Seeded(5);
        return (
            [.. s_lengths.Select(length => Draw.Matrix(length, 3, random))],
            [.. s_lengths.Select(length => Draw.Matrix(length, 3, random))]);
    }

    private static double[] Values(Network net) =>
        [.. LayerTree.Parameters(net.Layers).SelectMany(parameter => parameter.Value.Enumerate())];
}
