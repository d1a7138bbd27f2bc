using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class SoftmaxLayerTests
{
    [Fact]
    public void ProbabilitiesAreInTheRatioOfTheExponentials()
    {
        var layer = new SoftmaxLayer();

        layer.ForwardPropagation(Matrices.Of([Math.Log(1), Math.Log(2), Math.Log(5)]))
            .ShouldBeNear(Matrices.Of([0.125, 0.25, 0.625]), 1e-15);

        // y (e - Σ e y) with Σ e y = 0.125 + 0.5 + 2.5 = 3.125
        layer.BackwardPropagation(Matrices.Of([1, 2, 4]), 0.1)
            .ShouldBeNear(Matrices.Of([0.125 * -2.125, 0.25 * -1.125, 0.625 * 0.875]), 1e-14);
    }

    [Fact]
    public void ProbabilitiesOfAnyShapeAddUpToOneOverAllValues() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6], Gen.Double[-50, 50], Gen.Int).Sample(
            (rows, columns, scale, seed) =>
            {
                var x = Draw.Matrix(rows, columns, Draw.Seeded(seed)) * scale;

                var y = new SoftmaxLayer().Predict(x);

                (y.RowCount, y.ColumnCount).Should().Be((rows, columns));
                y.Enumerate().Sum().ShouldBeNear(1, 1e-14);
                y.Enumerate().Should().OnlyContain(p => p >= 0 && p <= 1);
                new SoftmaxLayer().ForwardPropagation(x).ShouldBeBitForBit(y);
            },
            iter: 500);

    [Fact]
    public void TheEndsOfTheRangeStayFinite()
    {
        var layer = new SoftmaxLayer();

        layer.ForwardPropagation(Matrices.Of([1000, -1000], [1000, 999]))
            .ShouldBeNear(Matrices.Of([1 / (2 + Math.Exp(-1)), 0], [1 / (2 + Math.Exp(-1)), 1 / ((2 * Math.E) + 1)]), 1e-14);
        layer.BackwardPropagation(Matrices.Of([1, 1e6], [1, 1]), 0.1).ShouldBeNear(Matrices.Of([0, 0], [0, 0]), 0, 1e-15);
        layer.Predict(Matrices.Of([-1000, -1000])).ShouldBeBitForBit(Matrices.Of([0.5, 0.5]));
        layer.Predict(Matrices.Of([double.MaxValue, -double.MaxValue])).ShouldBeBitForBit(Matrices.Of([1, 0]));
    }

    [Fact]
    public void WithCategoricalCrossEntropyItLearnsWhatSoftmaxCrossEntropyLearnsFromLogits() => Gen.Select(Gen.Int[2, 6], Gen.Int).Sample(
        (classes, seed) =>
        {
            var random = Draw.Seeded(seed);
            var logits = Matrices.Uniform(1, classes, random, -4, 4);
            var yTrue = new SoftmaxLayer().Predict(Matrices.Uniform(1, classes, random, -4, 4));
            var layer = new SoftmaxLayer();

            var y = layer.ForwardPropagation(logits);
            var error = layer.BackwardPropagation(Losses.CategoricalCrossEntropyPrime(yTrue, y), 0.1);

            Losses.CategoricalCrossEntropy(yTrue, y).ShouldBeNear(Losses.SoftmaxCrossEntropy(yTrue, logits), 1e-13);
            error.ShouldBeNear(Losses.SoftmaxCrossEntropyPrime(yTrue, logits));
        },
        iter: 500);

    [Fact]
    public void ANetworkLearnsTheSameByEitherPair()
    {
        Network Make() => new Network().Add(new FCLayer(4, 6, random: Draw.Seeded(1))).Add(BuiltIn.Layer("Tanh"))
            .Add(new FCLayer(6, 3, random: Draw.Seeded(2)));
        var logits = Make().Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
        var probabilities = Make().Add(new SoftmaxLayer()).Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime);
        var x = Draw.Matrices(11, 1, 4, Draw.Seeded(3));
        var y = Enumerable.Range(0, 11).Select(i => Matrices.Of([.. Enumerable.Range(0, 3).Select(c => c == i % 3 ? 1.0 : 0)])).ToArray();

        var losses = logits.Fit(x, y, new FitOptions { Epochs = 5, BatchSize = 4, Optimizer = new Sgd(0.1) }).Losses;

        Draw.Row([.. probabilities.Fit(x, y, new FitOptions { Epochs = 5, BatchSize = 4, Optimizer = new Sgd(0.1) }).Losses])
            .ShouldBeNear(Draw.Row([.. losses]));
        probabilities.Predict(x).ShouldBeNear([.. logits.Predict(x).Select(new SoftmaxLayer().Predict)]);
    }
}
