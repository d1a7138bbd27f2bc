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
    public void ProbabilitiesOfAnyShapeAddUpToOneInEachRow() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 6], Gen.Double[-50, 50], Gen.Int).Sample(
            (rows, columns, scale, seed) =>
            {
                var x = Draw.Matrix(rows, columns, Draw.Seeded(seed)) * scale;

                var y = new SoftmaxLayer().Predict(x);

                (y.RowCount, y.ColumnCount).Should().Be((rows, columns));
                y.RowSums().Should().OnlyContain(sum => Math.Abs(sum - 1) < 1e-14);
                for (int row = 0; row < rows; row++)
                {
                    new SoftmaxLayer().Predict(x.SubMatrix(row, 1, 0, columns)).ShouldBeBitForBit(y.SubMatrix(row, 1, 0, columns));
                }

                y.Enumerate().Should().OnlyContain(p => p >= 0 && p <= 1);
                new SoftmaxLayer().ForwardPropagation(x).ShouldBeBitForBit(y);
            },
            iter: 500);

    [Fact]
    public void TheEndsOfTheRangeStayFinite()
    {
        var layer = new SoftmaxLayer();

        layer.ForwardPropagation(Matrices.Of([1000, -1000], [1000, 999]))
            .ShouldBeNear(Matrices.Of([1, 0], [1 / (1 + Math.Exp(-1)), 1 / (Math.E + 1)]), 1e-14);
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

    [Fact]
    public void RowsAgreeWithPyTorchsCrossEntropyByEitherPair()
    {
        const double Tolerance = 1e-10;
        var golden = GoldenFile.Read("sequences.json").GetProperty("rowwiseSoftmaxCrossEntropy");
        for (int sample = 0; sample < golden.GetProperty("logits").GetArrayLength(); sample++)
        {
            var logits = golden.GetProperty("logits")[sample].Matrix();
            int[] classes = [.. golden.GetProperty("classes")[sample].EnumerateArray().Select(one => one.GetInt32())];
            var yTrue = logits.MapIndexed((row, column, _) => column == classes[row] ? 1.0 : 0, Zeros.Include);
            double loss = golden.GetProperty("losses")[sample].GetDouble();
            var derivative = golden.GetProperty("derivative")[sample].Matrix();
            var layer = new SoftmaxLayer();
            var y = layer.ForwardPropagation(logits);

            Losses.SoftmaxCrossEntropy(yTrue, logits).ShouldBeNear(loss, Tolerance);
            LossFunction.SoftmaxCrossEntropy.Function(yTrue, logits).ShouldBeNear(loss, Tolerance);
            Losses.CategoricalCrossEntropy(yTrue, y).ShouldBeNear(loss, Tolerance);
            Losses.SoftmaxCrossEntropyPrime(yTrue, logits).ShouldBeNear(derivative, Tolerance, Tolerance);
            LossFunction.SoftmaxCrossEntropy.Derivative(yTrue, logits).ShouldBeNear(derivative, Tolerance, Tolerance);
            layer.Backward(Losses.CategoricalCrossEntropyPrime(yTrue, y)).ShouldBeNear(derivative, Tolerance, Tolerance);
        }
    }

    [Fact]
    public void ANetworkThatNamesAClassForEachStepLearnsByEitherPairAndIsMeasuredByRows()
    {
        var random = Draw.Seeded(7);
        var x = Draw.Matrices(12, 5, 3, random);

        // Of three values the place of the greatest: each step for itself.
        Matrix<double>[] y = [.. x.Select(one => one.MapIndexed((row, column, _) => one.Row(row).MaximumIndex() == column ? 1.0 : 0))];
        Network Make() => new Network().Add(new FCLayer(3, 16, random: Draw.Seeded(1))).Add(BuiltIn.Layer("Tanh"))
            .Add(new FCLayer(16, 3, random: Draw.Seeded(2)));
        FitOptions Options() => new() { Epochs = 60, BatchSize = 4, Optimizer = new Adam(0.02), Metrics = [Metric.Accuracy] };
        var logits = Make().Use(LossFunction.SoftmaxCrossEntropy);
        var probabilities = Make().Add(new SoftmaxLayer()).Use(LossFunction.CategoricalCrossEntropy);

        var losses = logits.Fit(x, y, Options()).Losses;
        var others = probabilities.Fit(x, y, Options()).Losses;

        Draw.Row([.. others]).ShouldBeNear(Draw.Row([.. losses]), 1e-9);
        int[] classes = [.. x.SelectMany(logits.PredictClasses)];
        double right = classes.Zip(y.SelectMany(one => one.EnumerateRows())).Count(pair => pair.Second[pair.First] == 1);
        (right / 60).Should().BeGreaterThan(0.9);
        logits.Evaluate(x, y, Metric.Accuracy)[Metric.Accuracy].Should().Be(right / 60);
        logits.PredictProbabilities(x[0]).ShouldBeNear(probabilities.Predict(x[0]), 1e-6);
        logits.PredictProbabilities(x[0]).RowSums().Should().OnlyContain(sum => Math.Abs(sum - 1) < 1e-14);
        logits.Invoking(net => net.PredictClass(x[0])).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("PredictClass expects a network that gives a 1 x classes row, but FCLayer(16 -> 3) gives 5 x 3.*PredictClasses*");
    }

    [Fact]
    public void AnImageOfSeveralPlanesIsRefused() =>
        new Network().Add(new ConvLayer((4, 4, 1), (2, 2), 2)).Invoking(net => net.Add(new SoftmaxLayer()))
            .Should().ThrowExactly<ArgumentException>().WithMessage("SoftmaxLayer*3 x 3 x 2. Add a FlattenLayer before it*");

    [Fact]
    public void RowsOfOneValueAreRefused() =>
        new Network().Add(new FCLayer(3, 1)).Use(LossFunction.SoftmaxCrossEntropy)
            .Invoking(net => net.Fit([Draw.Matrix(4, 3, Draw.Seeded(1))], [Draw.Matrix(4, 1, Draw.Seeded(2))], 1, 0.1))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("FCLayer(3 -> 1) gives rows of one value*nothing is learnt*");
}
