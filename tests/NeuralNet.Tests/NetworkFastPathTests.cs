using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class NetworkFastPathTests
{
    [Fact]
    public void FitGivesWhatTheArticlesLoopOverTheLayersGives() => RandomNetwork.WithBatchNorm.Sample(
        recipe =>
        {
            var (x, y) = recipe.Samples(4);
            var network = recipe.Make();
            var twin = recipe.Make();

            var history = network.Fit(x, y, 3, 0.02);
            var errors = ArticleLoop.Fit(twin.Layers, recipe.Criterion.Loss, recipe.Criterion.Prime, x, y, 3, 0.02);

            Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. errors]));
            Parameters(network).ShouldBeNear(Parameters(twin));
            network.Predict(x).ShouldBeNear(twin.Predict(x));
        },
        iter: 1000);

    [Fact]
    public void FunctionsTheLibraryKnowsGiveWhatTheSameFunctionsWrappedGive() => RandomNetwork.WithBatchNorm.Sample(
        recipe =>
        {
            var (x, y) = recipe.Samples(3);
            var known = (recipe with { Wrapped = false }).Make();
            var wrapped = (recipe with { Wrapped = true }).Make();

            known.Fit(x, y, 2, 0.02);
            wrapped.Fit(x, y, 2, 0.02);

            Parameters(known).ShouldBeNear(Parameters(wrapped));
        },
        iter: 500);

    [Fact]
    public void FitGivesTheSameWhateverKindOfMatrixHoldsTheSamples() => RandomNetwork.WithBatchNorm.Sample(
        recipe =>
        {
            var (x, y) = recipe.Samples(3);
            var network = recipe.Make();
            var twin = recipe.Make();

            network.Fit(x, y, 2, 0.02);
            twin.Fit([.. x.Select(Matrix<double>.Build.SparseOfMatrix)], [.. y.Select(Matrix<double>.Build.SparseOfMatrix)], 2, 0.02);

            Assert.Equal(Fingerprint.OfParameters(network.Layers), Fingerprint.OfParameters(twin.Layers));
        },
        iter: 200);

    private static List<Matrix<double>> Parameters(Network network) =>
        [.. network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Select(parameter => parameter.Value)];
}
