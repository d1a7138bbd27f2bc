using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class UserLayerTests
{
    [Fact]
    public void TheArticlesOwnLayersTrainToWhatTheLibrarysGive()
    {
        var builtIn = Draw.XorNetwork(1);
        var (first, last) = ((FCLayer)builtIn.Layers[0], (FCLayer)builtIn.Layers[2]);
        var (userFirst, userLast) = (new UserLayers.FC(first.Weights, first.Bias), new UserLayers.FC(last.Weights, last.Bias));
        var users = new Network()
            .Add(userFirst)
            .Add(new UserLayers.Activation(x => x.Map(Math.Tanh), x => x.Map(value => 1 - Math.Pow(Math.Tanh(value), 2))))
            .Add(userLast)
            .Add(new UserLayers.Activation(x => x.Map(Math.Tanh), x => x.Map(value => 1 - Math.Pow(Math.Tanh(value), 2))))
            .Use(
                (yTrue, yPred) => (yTrue - yPred).PointwisePower(2).Enumerate().Average(),
                (yTrue, yPred) => 2 * (yPred - yTrue) / yTrue.ColumnCount);

        var expected = builtIn.Fit(Draw.XorX(), Draw.XorY(), 200, 0.1);
        var history = users.Fit(Draw.XorX(), Draw.XorY(), 200, 0.1);

        history.Losses[^1].Should().BeLessThan(history.Losses[0]);
        Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. expected.Losses]));
        userFirst.Weights.ShouldBeNear(first.Weights);
        userFirst.Bias.ShouldBeNear(first.Bias);
        userLast.Weights.ShouldBeNear(last.Weights);
        userLast.Bias.ShouldBeNear(last.Bias);
        users.Predict(Draw.XorX()).ShouldBeNear(builtIn.Predict(Draw.XorX()));
    }

    [Fact]
    public void AUsersLayerAnywhereAmongBuiltInOnesChangesNothing() => Gen.Select(RandomNetwork.Any, Gen.Int[0, 6]).Sample(
        (recipe, place) =>
        {
            var (x, y) = recipe.Samples(3);
            var builtIn = recipe.Make();
            var mixed = new Network().Use(recipe.Criterion.Loss, recipe.Criterion.Prime);
            var layers = recipe.Make().Layers.ToList();
            layers.Insert(Math.Min(place, layers.Count), new UserLayers.Custom(input => input, error => error));
            layers.ForEach(layer => mixed.Add(layer));

            var expected = builtIn.Fit(x, y, 3, 0.02);
            var history = mixed.Fit(x, y, 3, 0.02);

            Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. expected.Losses]));
            Parameters(mixed).ShouldBeNear(Parameters(builtIn));
            mixed.Predict(x).ShouldBeNear(builtIn.Predict(x));
        },
        iter: 500);

    [Fact]
    public void AFlattenLayerLearnsTheDepthThroughAUsersLayer()
    {
        var (builtIn, _) = ImageNetwork(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        var (mixed, flatten) = ImageNetwork(new UserLayers.Activation(Activations.Tanh, Activations.TanhPrime));
        var x = Draw.Matrices(5, 6, 10, Draw.Seeded(4));
        var y = Draw.Matrices(5, 1, 2, Draw.Seeded(5));

        var expected = builtIn.Fit(x, y, 20, 0.05);
        var history = mixed.Fit(x, y, 20, 0.05);

        flatten.Depth.Should().Be(3);
        Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. expected.Losses]));
        Parameters(mixed).ShouldBeNear(Parameters(builtIn));
        mixed.Predict(x).ShouldBeNear(builtIn.Predict(x));
    }

    [Fact]
    public void AUsersTrainableLayerLearnsByTheInheritedBackwardPropagation()
    {
        var scale = Draw.Row(0.5, -2, 3);
        var (x, error) = (Draw.Row(1, 2, -4), Draw.Row(0.25, -1, 2));
        var layer = new UserLayers.Scale(scale);
        layer.ForwardPropagation(x);
        layer.Backward(Draw.Row(7, 7, 7));

        var inputError = layer.BackwardPropagation(error, 0.1);

        inputError.ShouldBeNear(Draw.Row(0.125, 2, 6));
        layer.Parameters[0].Value.ShouldBeNear(Draw.Row(0.5 - (0.1 * 0.25), -2 + (0.1 * 2), 3 + (0.1 * 8)));
        layer.Parameters[0].Gradient
            .Should().Be(Draw.Row(0, 0, 0), "what was added up before is not part of this sample's step, and nothing is left for the next");
        layer.BackwardPropagation(error, 0).ShouldBeNear(error.PointwiseMultiply(layer.Parameters[0].Value));
        GradientCheck.Run(layer, x).WorstRelativeError.Should().BeLessThan(1e-6);
    }

    [Fact]
    public void AUsersTrainableLayerTrainsInANetworkAsItsArticleTwinDoes()
    {
        var scale = Draw.Row(0.5, -0.25, 1);
        var trainable = new UserLayers.Scale(scale);
        var article = new UserLayers.ArticleScale(scale);
        static Network Around(Layer layer) => new Network()
            .Add(new FCLayer(4, 3, random: Draw.Seeded(1)))
            .Add(layer)
            .Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
            .Add(new FCLayer(3, 2, random: Draw.Seeded(2)))
            .Use(Losses.Mse, Losses.MsePrime);
        var (one, other) = (Around(trainable), Around(article));
        var x = Draw.Matrices(5, 1, 4, Draw.Seeded(3));
        var y = Draw.Matrices(5, 1, 2, Draw.Seeded(4));

        var history = one.Fit(x, y, 30, 0.1);
        Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. other.Fit(x, y, 30, 0.1).Losses]));

        history.Losses[^1].Should().BeLessThan(history.Losses[0]);
        trainable.Parameters[0].Value.ShouldBeNear(article.Value);
        trainable.Parameters[0].Value.Should().NotBe(scale);
        one.ToString().Should().Contain("Scale").And.EndWith("26 parameters");
        one.Predict(x).ShouldBeNear(other.Predict(x));
    }

    [Fact]
    public void AUsersFirstOrLastLayerIsCheckedWhereItsShapeIsKnown()
    {
        var network = new Network().Add(new UserLayers.Custom(x => x, error => error)).Add(new FCLayer(3, 2))
            .Use(Losses.Mse, Losses.MsePrime);

        network.Summary().Should().Contain("Custom").And.Contain("?");
        network.Invoking(it => it.Fit([Draw.Row(1, 2, 3)], [Draw.Row(1)], 1, 0.1))
            .Should().ThrowExactly<ArgumentException>().WithMessage("FCLayer(3 -> 2) gives 1 x 2*got 1 x 1*");
        network.Invoking(it => it.Predict(Draw.Row(1, 2)))
            .Should().ThrowExactly<ArgumentException>().WithMessage("FCLayer(3 -> 2) expects a 1 x 3 input, but got 1 x 2.*");
    }

    private static (Network Network, FlattenLayer Flatten) ImageNetwork(Layer activation)
    {
        var flatten = new FlattenLayer();
        var network = new Network()
            .Add(new ConvLayer((6, 5, 2), (3, 2), 3, random: Draw.Seeded(1)))
            .Add(activation)
            .Add(flatten)
            .Add(new FCLayer(48, 2, random: Draw.Seeded(2)))
            .Use(Losses.Mse, Losses.MsePrime);
        return (network, flatten);
    }

    private static List<Matrix<double>> Parameters(Network network) =>
        [.. network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Select(parameter => parameter.Value)];
}
