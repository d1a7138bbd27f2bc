using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

/// <summary>A mini-batch through all layers at once against the same batch sample by sample, and on several threads.</summary>
public class BatchPathTests
{
    private static FitOptions Options => new() { Epochs = 2, BatchSize = 5, Optimizer = new Sgd(0.05), Shuffle = true, Seed = 3 };

    [Fact]
    public void ABatchGivesWhatItGivesSampleBySample() => Gen.Select(RandomNetwork.Any, Gen.Int[0, 8]).Sample(
        (recipe, place) => ShouldTrainAlike(recipe, place, new UserLayers.Custom(x => x, error => error)),
        iter: 500);

    [Fact]
    public void ABatchWithBatchNormGivesWhatItGivesBesideAUsersTrainableLayer() =>
        Gen.Select(RandomNetwork.WithBatchNorm, Gen.Int[0, 8]).Sample(
            (recipe, place) => ShouldTrainAlike(recipe, place, new Identity()),
            iter: 500);

    [Fact]
    public void DropoutWithoutAGeneratorOfItsOwnTakesTheSameMasksSampleBySample()
    {
        Network Make(bool bySample)
        {
            var random = Draw.Seeded(1);
            Layer[] layers =
                [new DropoutLayer(0.2), new FCLayer(7, 6, random: random), new DropoutLayer(0.5), new FCLayer(6, 3, random: random)];
            var network = new Network().Use(Losses.Mse, Losses.MsePrime);
            foreach (var layer in bySample ? layers.Append(new UserLayers.Custom(x => x, error => error)) : layers)
            {
                network.Add(layer);
            }

            return network;
        }

        var (x, y) = (Draw.Matrices(12, 1, 7, Draw.Seeded(2)), Draw.Matrices(12, 1, 3, Draw.Seeded(3)));
        var (batch, bySample) = (Make(false), Make(true));

        double[] losses = [.. batch.Fit(x, y, Options).Losses];

        Draw.Row([.. bySample.Fit(x, y, Options).Losses]).ShouldBeNear(Draw.Row(losses));
        Parameters(bySample).ShouldBeNear(Parameters(batch));
    }

    [Fact]
    public void TheNumberOfThreadsChangesNoBit()
    {
        string Train(int threads)
        {
            var random = Draw.Seeded(1);
            var norms = new[] { new BatchNormLayer((7, 7, 8)), new BatchNormLayer(9) };
            var network = new Network()
                .Add(new ConvLayer((15, 14, 2), (5, 4), 8, (1, 1), Padding.Same, random: random))
                .Add(BuiltIn.Layer("Relu"))
                .Add(new MaxPoolLayer((15, 14, 8), (2, 2)))
                .Add(norms[0])
                .Add(new DropoutLayer(0.25))
                .Add(new ConvLayer((7, 7, 8), (3, 3), 6, (2, 1), 1, random: random))
                .Add(BuiltIn.Layer("Tanh"))
                .Add(new AveragePoolLayer((4, 7, 6), (3, 2), (1, 2)))
                .Add(new FlattenLayer())
                .Add(new FCLayer(36, 9, random: random))
                .Add(norms[1])
                .Add(new DropoutLayer(0.5, Draw.Seeded(5)))
                .Add(new FCLayer(9, 4, random: random))
                .Add(new SoftmaxLayer())
                .Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime);
            var samples = Draw.Seeded(2);
            var x = Draw.Matrices(40, 15, 28, samples);
            var y = Enumerable.Range(0, 40)
                .Select(_ => Matrices.Of([.. Enumerable.Range(0, 4).Select(c => c == samples.Next(4) ? 1.0 : 0)])).ToArray();

            var history = network.Fit(x, y, new FitOptions
            {
                Epochs = 2,
                BatchSize = 19,
                Optimizer = new Adam(0.01),
                Shuffle = true,
                Seed = 7,
                MaxDegreeOfParallelism = threads
            });

            return string.Join('\n',
            [
                Fingerprint.OfParameters(network.Layers),
                Fingerprint.Of(norms.SelectMany(norm => new[] { norm.RunningMean, norm.RunningVariance })),
                Fingerprint.Of(Draw.Row([.. history.Losses])),
                Fingerprint.Of(network.Predict(x)),
            ]);
        }

        string alone = Train(1);

        foreach (int threads in new[] { 1, 2, 3, 4, 7, 32 })
        {
            Train(threads).Should().Be(alone, "{0} threads", threads);
        }
    }

    private static void ShouldTrainAlike(RandomNetwork recipe, int place, Layer bySample)
    {
        var (x, y) = recipe.Samples(12);
        var batch = recipe.Make();
        var twin = new Network().Use(recipe.Criterion.Loss, recipe.Criterion.Prime);
        var layers = recipe.Make().Layers.ToList();
        layers.Insert(Math.Min(place, layers.Count), bySample);
        layers.ForEach(layer => twin.Add(layer));

        var losses = batch.Fit(x, y, Options).Losses;

        Draw.Row([.. twin.Fit(x, y, Options).Losses]).ShouldBeNear(Draw.Row([.. losses]));
        Parameters(twin).ShouldBeNear(Parameters(batch));
        Statistics(twin).ShouldBeNear(Statistics(batch));
        twin.Predict(x).ShouldBeNear(batch.Predict(x));
    }

    private static List<Matrix<double>> Parameters(Network network) =>
        [.. network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Select(parameter => parameter.Value)];

    private static List<Matrix<double>> Statistics(Network network) =>
        [.. network.Layers.OfType<BatchNormLayer>().SelectMany(norm => new[] { norm.RunningMean, norm.RunningVariance })];

    /// <summary>Y = X, written against <see cref="TrainableLayer"/>.</summary>
    private sealed class Identity : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters => [];

        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> Backward(Matrix<double> outputError) => outputError;
    }
}
