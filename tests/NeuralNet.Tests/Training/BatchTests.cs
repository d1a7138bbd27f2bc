using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class BatchTests
{
    /// <summary>Every optimizer, with an epsilon that does not blow the last bits of a gradient near 0 up.</summary>
    private static readonly Func<Optimizer>[] s_optimizers =
    [
        () => new Sgd(0.05),
        () => new Sgd(0.05, momentum: 0.9),
        () => new Sgd(0.05, momentum: 0.8, nesterov: true, weightDecay: 0.02),
        () => new Adagrad(0.05, epsilon: 0.01, weightDecay: 0.02),
        () => new RmsProp(0.01, decay: 0.9, epsilon: 0.01),
        () => new RmsProp(0.01, decay: 0.9, epsilon: 0.01, momentum: 0.8, weightDecay: 0.02),
        () => new RmsProp(0.01, decay: 0.5, epsilon: 0.1, centered: true),
        () => new Adam(0.01, epsilon: 0.01, weightDecay: 0.02),
        () => new AdamW(0.01, epsilon: 0.01),
        () => new UsersOptimizer(),
    ];

    private static readonly Gen<Case> s_cases = Of(RandomNetwork.Any);

    [Fact]
    public void FitGivesWhatMiniBatchesByThePublicMethodsGive() => Of(RandomNetwork.WithoutDropout).Sample(
        one =>
        {
            var (x, y) = one.Data();
            var (network, twin) = (one.Make(), one.Make());
            var (loss, prime) = one.Criterion;

            var history = network.Fit(x, y, new FitOptions { Epochs = 3, BatchSize = one.BatchSize, Optimizer = one.NewOptimizer() });
            var errors = BatchLoop.Fit(twin.Layers, loss, prime, x, y, 3, one.BatchSize, one.NewOptimizer());

            history.StopReason.Should().Be(StopReason.EpochsCompleted);
            Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. errors]));
            network.Values().ShouldBeNear(twin.Values());
            network.Predict(x).ShouldBeNear(twin.Predict(x));
            network.ShouldHaveNoGradients();
        },
        iter: 1000);

    [Fact]
    public void BatchesOfOneWithSgdGiveTheBitsOfTheArticlesFit() => s_cases.Sample(
        one =>
        {
            var (x, y) = one.Data();
            var (network, twin) = (one.Make(), one.Make());

            var history = network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 1, Optimizer = new Sgd(0.03), Seed = 5 });
            var expected = twin.Fit(x, y, 2, 0.03);

            history.Losses.Should().Equal(expected.Losses);
            network.Bits().Should().Be(twin.Bits());
        },
        iter: 300);

    /// <summary>Threads, metrics, validation and reports look on: they must not change what is learnt.</summary>
    [Fact]
    public void WhatOnlyWatchesChangesNoBit() => s_cases.Sample(
        one =>
        {
            var (x, y) = one.Data();
            var (network, twin) = (one.Make(), one.Make());
            int reports = 0;

            network.Fit(x, y, new FitOptions
            {
                Epochs = 2,
                BatchSize = one.BatchSize,
                Optimizer = one.NewOptimizer(),
                Validation = (x, y),
                Metrics = [Metric.MeanAbsoluteError],
                MaxDegreeOfParallelism = 2,
                EarlyStopping = new EarlyStopping { RestoreBestWeights = false, Patience = 9 },
                Progress = Trained.Tell<EpochReport>(_ => reports++),
                BatchProgress = Trained.Tell<BatchReport>(_ => reports++),
            });
            twin.Fit(
                x, y, new FitOptions { Epochs = 2, BatchSize = one.BatchSize, Optimizer = one.NewOptimizer(), MaxDegreeOfParallelism = 1 });

            reports.Should().Be(2 + (2 * ((x.Length + one.BatchSize - 1) / one.BatchSize)));
            network.Bits().Should().Be(twin.Bits());
        },
        iter: 200);

    [Fact]
    public void ABatchLargerThanAllSamplesIsOneBatch()
    {
        var (x, y) = Trained.Samples(5);
        var (network, twin) = (Trained.Small(), Trained.Small());

        network.Fit(x, y, new FitOptions { BatchSize = int.MaxValue, Epochs = 3 });
        twin.Fit(x, y, new FitOptions { BatchSize = 5, Epochs = 3 });

        network.Bits().Should().Be(twin.Bits());
    }

    /// <summary>More samples than pass together inside: the batch comes in pieces, whose gradients are one sum.</summary>
    [Fact]
    public void AVeryLargeBatchEqualsTheOracleToo()
    {
        var (x, y) = Trained.Samples(301);
        var (network, twin) = (Trained.Small(), Trained.Small());

        network.Fit(x, y, new FitOptions { BatchSize = 300, Epochs = 2, Optimizer = new Sgd(0.5, momentum: 0.9) });
        BatchLoop.Fit(twin.Layers, Losses.Mse, Losses.MsePrime, x, y, 2, 300, new Sgd(0.5, momentum: 0.9));

        network.Values().ShouldBeNear(twin.Values());
    }

    [Fact]
    public void FewerSamplesPassTogetherWhereALayersValuesAreMany()
    {
        Layer[] layers = [new MaxPoolLayer((400, 500, 1), (2, 2)), new FlattenLayer(), new FCLayer(50_000, 2)];

        Batch.Capacity(layers, new Shape(400, 500), 128)
            .Should().Be(83, "83 images of 400 x 500 are 16,600,000 values, and no more than 2^24 pass together");
        Batch.Capacity(layers, new Shape(400, 500), 32).Should().Be(32);
        Batch.Capacity([new ActivationLayer(Activations.Tanh, Activations.TanhPrime)], new Shape(1, int.MaxValue), 128).Should().Be(1);
        Batch.Capacity([new FCLayer(1, 200_000)], new Shape(1, 1), 128).Should().Be(83, "an output counts as an input does");
    }

    [Fact]
    public void ABatchNormWhoseBatchWouldBeTooLargeForMemoryIsRefusedInWords()
    {
        const int Count = 30_000;
        var network = new Network().Add(new FCLayer(1, 100_000)).Add(new BatchNormLayer(100_000)).Add(new FCLayer(100_000, 1))
            .Use(Losses.Mse, Losses.MsePrime);
        var before = network.Bits();
        Matrix<double>[] x = [.. Enumerable.Repeat(Draw.Row(1), Count)];

        network.Invoking(it => it.Fit(x, x, new FitOptions { BatchSize = Count })).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage(
                "A mini-batch of 30,000 samples of 1 x 100000 would have 3,000,000,000 values; at most 2,147,483,591 can pass together. "
                + "Take a smaller BatchSize.");

        network.Bits().Should().Be(before);
    }

    /// <summary>
    /// W = 2, X = 3, Y = 5: E = (6 - 5)², dE/dW = 2 (6 - 5) 3 = 6. X = 1, Y = 0: dE/dW = 2 (2 - 0) 1 = 4. Their mean 5, and 2 λ W = 2 0.25
    /// 2 = 1, make 6.
    /// </summary>
    [Fact]
    public void L2AddsTwoLambdaWToTheMeanGradient()
    {
        var layer = new FCLayer(1, 1) { Weights = Draw.Row(2), Bias = Draw.Row(0) };
        layer.Parameters[0].L2 = 0.25;
        var network = new Network().Add(layer).Use(Losses.Mse, Losses.MsePrime);

        var history =
            network.Fit([Draw.Row(3), Draw.Row(1)], [Draw.Row(5), Draw.Row(0)], new FitOptions { BatchSize = 2, Optimizer = new Sgd(0.5) });

        layer.Weights[0, 0].Should().Be(2 - (0.5 * 6));
        layer.Bias[0, 0].Should().Be(-0.5 * ((2 + 4) / 2.0));
        history.Losses.Should().Equal([(1 + 4) / 2.0], "the loss is the data's, without the penalty");
    }

    /// <summary>The same gradients, 5 of W and 3 of B: within 1 by value, to a norm of 5 by 5 / (√34 + 1e-6).</summary>
    [Theory]
    [InlineData(null, 1.0, 2 - 0.5, 0 - 0.5)]
    [InlineData(5.0, null, 2 - (0.5 * 5 * 5 / 5.8309528948453), 0 - (0.5 * 3 * 5 / 5.8309528948453))]
    public void ClippingComesAfterTheMean(double? norm, double? value, double weight, double bias)
    {
        var layer = new FCLayer(1, 1) { Weights = Draw.Row(2), Bias = Draw.Row(0) };
        var network = new Network().Add(layer).Use(Losses.Mse, Losses.MsePrime);

        network.Fit(
            [Draw.Row(3), Draw.Row(1)],
            [Draw.Row(5), Draw.Row(0)],
            new FitOptions { BatchSize = 2, Optimizer = new Sgd(0.5) { ClipNorm = norm, ClipValue = value } });

        layer.Weights[0, 0].ShouldBeNear(weight, 1e-12);
        layer.Bias[0, 0].ShouldBeNear(bias, 1e-12);
    }

    private static Gen<Case> Of(Gen<RandomNetwork> networks) =>
        from network in networks
        from head in Gen.Int[0, 2]
        from user in Gen.Int[0, 2]
        from optimizer in Gen.Int[0, s_optimizers.Length - 1]
        from batchSize in Gen.Int[1, 7]
        from samples in Gen.Int[1, 15]
        from clip in Gen.Int[0, 3]
        from l2 in Gen.Bool
        let own = network.GivesOneValue || (head == 2 && network.GivesPlanes) ? 0 : head
        select new Case(network, own, user, optimizer, batchSize, samples, clip, l2);

    /// <param name="Network">The layers, and the loss of head 0.</param>
    /// <param name="Head">0 the network's own loss, 1 softmax cross-entropy, 2 a SoftmaxLayer and categorical cross-entropy.</param>
    /// <param name="User">0 none, 1 a user's TrainableLayer first, 2 the article's kind first.</param>
    /// <param name="Optimizer">Which optimizer.</param>
    /// <param name="BatchSize">Samples in a batch.</param>
    /// <param name="Count">Samples.</param>
    /// <param name="Clip">1 by value, 2 by norm, 3 by both.</param>
    /// <param name="L2">Whether the parameters have an L2.</param>
    private sealed record Case(RandomNetwork Network, int Head, int User, int Optimizer, int BatchSize, int Count, int Clip, bool L2)
    {
        public (Loss Loss, LossPrime Prime) Criterion => Head switch
        {
            0 => Network.Criterion,
            1 => (Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime),
            _ => (Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime),
        };

        public Network Make()
        {
            var network = new Network().Use(Criterion.Loss, Criterion.Prime);
            var scale = Draw.Matrix(Network.Image.Height, Network.Image.Width * Network.Image.Depth, Draw.Seeded(Network.Seed));
            if (User > 0)
            {
                network.Add(User == 1 ? new UserLayers.Scale(scale) : new UserLayers.ArticleScale(scale));
            }

            foreach (var layer in Network.Make().Layers)
            {
                network.Add(layer);
            }

            if (Head == 2)
            {
                network.Add(new SoftmaxLayer());
            }

            foreach (var parameter in network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters))
            {
                parameter.L2 = L2 ? 0.03 : 0;
            }

            return network;
        }

        public Optimizer NewOptimizer()
        {
            var optimizer = s_optimizers[Optimizer]();
            optimizer.ClipValue = Clip is 1 or 3 ? 0.05 : null;
            optimizer.ClipNorm = Clip is 2 or 3 ? 0.1 : null;
            return optimizer;
        }

        public (Matrix<double>[] X, Matrix<double>[] Y) Data()
        {
            var (x, y) = Network.Samples(Count);
            return (x, Head == 0 ? y : Array.ConvertAll(y, one => one.PointwiseAbs() / one.PointwiseAbs().Enumerate().Sum()));
        }
    }

    /// <summary>What a user may write: half a step by the gradient, whole parameters only.</summary>
    private sealed class UsersOptimizer : Optimizer
    {
        public override void Update(Parameter parameter) =>
            parameter.Value.Subtract(0.5 * LearningRate * parameter.Gradient, parameter.Value);
    }
}
