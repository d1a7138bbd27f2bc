using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

public class BatchTests
{
    public static TheoryData<string> OptimizerNames => [.. Networks.Optimizers.Keys];

    [Fact]
    public void ABatchSizeOfOneWithSgdIsTheArticlesFitBitForBit() => RandomNetwork.Any.Sample(
        recipe =>
        {
            var (x, y) = recipe.Samples(4);
            var network = recipe.Make();
            var twin = recipe.Make();

            var history = network.Fit(x, y, 3, 0.02);
            var twinHistory = twin.Fit(x, y, new FitOptions { Epochs = 3, BatchSize = 1, Optimizer = new Sgd(0.02) });

            twinHistory.Losses.Should().Equal(history.Losses);
            Assert.Equal(Fingerprint.OfParameters(network.Layers), Fingerprint.OfParameters(twin.Layers));
        },
        iter: 300);

    [Fact]
    public void FitGivesWhatTheLoopOverSamplesGives() => Gen.Select(RandomNetwork.Any, Gen.Int[1, 7], Gen.Int[0, Networks.Optimizers.Count - 1]).Sample(
        (recipe, batchSize, optimizer) =>
        {
            var (x, y) = recipe.Samples(9);
            var network = recipe.Make();
            var twin = recipe.Make();
            var make = Networks.Optimizers.Values.ElementAt(optimizer);

            var history = network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = batchSize, Optimizer = make() });
            var losses = BatchLoop.Fit(twin, recipe.Criterion, x, y, 2, batchSize, make());

            // An adaptive optimizer divides by the gradient's own size, and so enlarges the rounding of the smallest.
            double tolerance = make() is Sgd ? 1e-12 : 1e-6;
            for (int i = 0; i < losses.Count; i++)
            {
                history.Losses[i].ShouldBeNear(losses[i], tolerance, tolerance);
            }

            network.Predict(x).ToArray().ShouldAllBeNear(twin.Predict(x), tolerance);
        },
        iter: 500);

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void EveryOptimizerTrainsTheLargerNetworksAsTheLoopDoes(string optimizer)
    {
        foreach (string kind in new[] { "rows", "images" })
        {
            var (x, y) = Networks.Samples(kind, 35);
            var network = Networks.Make(kind);
            var twin = Networks.Make(kind);

            network.Fit(x, y, new FitOptions { BatchSize = 16, Optimizer = Networks.Optimizers[optimizer]() });
            BatchLoop.Fit(twin, (Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime), x, y, 1, 16, Networks.Optimizers[optimizer]());

            network.Predict(x).ToArray().ShouldAllBeNear(twin.Predict(x), 1e-9);
        }
    }

    [Fact]
    public void AnIdentityLayerOfAUsersMakesTheSamplesPassOneByOneAndChangesNothing()
    {
        foreach (string kind in new[] { "rows", "images" })
        {
            var (x, y) = Networks.Samples(kind, 35);
            var network = Networks.Make(kind);
            var oneByOne = Networks.Make(kind);
            network.Add(new DropoutLayer(0.4)).Add(BuiltIn.Layer("Tanh"));
            oneByOne.Add(new DropoutLayer(0.4)).Add(new UserLayers.Custom(input => input, error => error)).Add(BuiltIn.Layer("Tanh"));
            FitOptions Options() => new() { Epochs = 2, BatchSize = 8, Optimizer = new Sgd(0.05), Seed = 5, Shuffle = true };

            var history = network.Fit(x, y, Options());
            var twinHistory = oneByOne.Fit(x, y, Options());

            twinHistory.Losses.Zip(history.Losses).Should().AllSatisfy(pair => pair.First.ShouldBeNear(pair.Second, 1e-12));
            network.Predict(x).ToArray().ShouldAllBeNear(oneByOne.Predict(x), 1e-12);
        }
    }

    [Fact]
    public void AUsersLayerWithTheArticlesMethodsIsGivenTheLearningRateDividedByTheBatch()
    {
        var rates = new List<double>();
        var network = new Network().Add(new FCLayer(3, 2, random: Draw.Seeded(1))).Add(new RecordingLayer(rates)).Use(Losses.Mse, Losses.MsePrime);
        var random = Draw.Seeded(2);

        network.Fit(Draw.Matrices(7, 1, 3, random), Draw.Matrices(7, 1, 2, random), new FitOptions { BatchSize = 3, Optimizer = new Adam(0.3) });

        rates.Should().Equal(0.3 / 3, 0.3 / 3, 0.3 / 3, 0.3 / 3, 0.3 / 3, 0.3 / 3, 0.3);
    }

    [Fact]
    public void AUsersTrainableLayerTakesPartInTheBatchWithAnyOptimizer()
    {
        var random = Draw.Seeded(3);
        var (x, y) = (Draw.Matrices(7, 1, 4, random), Draw.Matrices(7, 1, 3, random));
        var scale = Draw.Matrix(1, 3, random);
        Network Make() => new Network().Add(new FCLayer(4, 3, random: Draw.Seeded(1))).Add(new UserLayers.Scale(scale)).Use(Losses.Mse, Losses.MsePrime);
        var network = Make();
        var twin = Make();

        network.Fit(x, y, new FitOptions { Epochs = 3, BatchSize = 3, Optimizer = new Adam(0.01) });
        BatchLoop.Fit(twin, (Losses.Mse, Losses.MsePrime), x, y, 3, 3, new Adam(0.01));

        network.Predict(x).ToArray().ShouldAllBeNear(twin.Predict(x), 1e-10);
    }

    [Fact]
    public void BatchNormWithALayerThatUpdatesItselfIsRefusedNamingBoth()
    {
        var network = new Network().Add(new FCLayer(4, 3)).Add(new BatchNormLayer(3)).Add(new UserLayers.Custom(x => x, error => error)).Use(Losses.Mse, Losses.MsePrime);
        var random = Draw.Seeded(3);

        network.Invoking(net => net.Fit(Draw.Matrices(4, 1, 4, random), Draw.Matrices(4, 1, 3, random), new FitOptions { BatchSize = 4 })).Should().ThrowExactly<InvalidOperationException>()
            .Which.Message.Should().ContainAll("BatchNormLayer(3)", "Custom", "TrainableLayer");
    }

    [Fact]
    public void BatchNormWithAUsersTrainableLayerTrainsOnWholeBatches()
    {
        var random = Draw.Seeded(3);
        var (x, y) = (Draw.Matrices(8, 1, 4, random), Draw.Matrices(8, 1, 3, random));
        Network Make(Layer scale) => new Network().Add(new FCLayer(4, 3, random: Draw.Seeded(1))).Add(scale).Add(new BatchNormLayer(3)).Use(Losses.Mse, Losses.MsePrime);
        var one = Matrix<double>.Build.Dense(1, 3, 1);
        var network = Make(new UserLayers.Scale(one));
        var twin = Make(BuiltIn.Layer("Linear"));
        FitOptions Options() => new() { BatchSize = 8, Optimizer = new Sgd(0.1) };

        network.Fit(x, y, Options()).Losses[0].ShouldBeNear(twin.Fit(x, y, Options()).Losses[0], 1e-12);

        ((FCLayer)network.Layers[0]).Weights.ShouldBeNear(((FCLayer)twin.Layers[0]).Weights, 1e-11, 1e-13);
        ((BatchNormLayer)network.Layers[2]).RunningMean.ShouldBeNear(((BatchNormLayer)twin.Layers[2]).RunningMean, 1e-11, 1e-13);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(3, 4)]
    public void BatchNormOfRowsRefusesABatchOfOne(int batchSize, int samples)
    {
        var network = new Network().Add(new FCLayer(4, 3)).Add(new BatchNormLayer(3)).Use(Losses.Mse, Losses.MsePrime);
        var random = Draw.Seeded(3);
        var (x, y) = (Draw.Matrices(samples, 1, 4, random), Draw.Matrices(samples, 1, 3, random));
        string before = Networks.Hash(network);

        network.Invoking(net => net.Fit(x, y, new FitOptions { BatchSize = batchSize })).Should().ThrowExactly<InvalidOperationException>().WithMessage("BatchNormLayer(3)*two samples or more*");
        network.Invoking(net => net.Fit(x, y, 1, 0.1)).Should().ThrowExactly<InvalidOperationException>().WithMessage("BatchNormLayer(3)*two samples or more*");
        Networks.Hash(network).Should().Be(before);
    }

    [Fact]
    public void BatchNormOfImagesTrainsOneByOneToo()
    {
        var random = Draw.Seeded(3);
        var network = new Network().Add(new BatchNormLayer((4, 3, 2))).Add(new FlattenLayer()).Add(new FCLayer(24, 2, Initializer.GlorotUniform, random)).Use(Losses.Mse, Losses.MsePrime);
        var history = network.Fit(Draw.Matrices(6, 4, 6, random), Draw.Matrices(6, 1, 2, random), 30, 0.05);

        history.Losses[^1].Should().BeLessThan(history.Losses[0] / 2);
    }

    [Fact]
    public void L2AddsTwiceLambdaTimesTheWeightsToTheGradient()
    {
        var layer = new FCLayer(1, 1) { Weights = Draw.Row(3), Bias = Draw.Row(5), L2 = 0.25 };
        var network = new Network().Add(layer).Use((_, _) => 1, (_, y) => 0 * y);

        network.Fit([Draw.Row(1)], [Draw.Row(0)], new FitOptions { Optimizer = new Sgd(0.1) }).Losses.Should().Equal(1);
        layer.Weights[0, 0].ShouldBeNear(3 - (0.1 * 2 * 0.25 * 3), 1e-15);
        layer.Bias[0, 0].Should().Be(5);

        layer.Weights = Draw.Row(3);
        layer.ForwardPropagation(Draw.Row(1));
        layer.BackwardPropagation(Draw.Row(0), 0.1);
        layer.Weights[0, 0].ShouldBeNear(3 - (0.1 * 2 * 0.25 * 3), 1e-15);
    }

    [Fact]
    public void ABatchAllocatesNothingThatGrowsWithTheData()
    {
        foreach (string kind in Networks.Kinds)
        {
            long Bytes(int batches)
            {
                var (x, y) = Networks.Samples(kind, 16 * batches);
                var network = Networks.Make(kind);
                long before = 0;
                long after = 0;
                network.Fit(x, y, new FitOptions
                {
                    Epochs = 3,
                    BatchSize = 16,
                    Optimizer = new Adam(0.001),
                    MaxDegreeOfParallelism = 1,
                    BatchProgress = new SynchronousProgress<BatchReport>(report =>
                    {
                        before = report is { Epoch: 3, Batch: 1 } ? GC.GetAllocatedBytesForCurrentThread() : before;
                        after = GC.GetAllocatedBytesForCurrentThread();
                    }),
                });
                return after - before;
            }

            // What is left is the reports themselves.
            (Bytes(21) / 20).Should().BeLessThan(200, kind);
        }
    }

    private sealed class RecordingLayer(List<double> rates) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
        {
            rates.Add(learningRate);
            return outputError;
        }
    }
}
