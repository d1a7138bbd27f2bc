using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Embeddings against PyTorch's figures, and what is no number of theirs.</summary>
public class EmbeddingLayerTests
{
    private const string Range = "EmbeddingLayer(4 -> 2) expects whole numbers from 0 to 3";

    private static readonly JsonElement s_golden = GoldenFile.Read("sequences.json").GetProperty("embedding");

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. new[] { 0, -1, int.MinValue }.SelectMany(size => (BadInput[])
        [
            OutOfRange(
                "EmbeddingLayer.ctor(vocabularySize)", $"{size}", _ => new EmbeddingLayer(size, 2), "EmbeddingLayer's vocabularySize",
                "1 or more", $"{size}"),
            OutOfRange(
                "EmbeddingLayer.ctor(outputSize)", $"{size}", _ => new EmbeddingLayer(2, size), "EmbeddingLayer's outputSize", "1 or more",
                $"{size}"),
        ]),
        OutOfRange("EmbeddingLayer.ctor(outputSize)", "more weights than a matrix holds", _ => new EmbeddingLayer(50_000, 50_000),
            "EmbeddingLayer(50000 -> 50000)'s Weights", "2,500,000,000"),
        Fine("EmbeddingLayer.ctor(initializer)", "null is standard normal", _ => new EmbeddingLayer(2, 2, initializer: null)),
        Fine("EmbeddingLayer.ctor(random)", "null is a shared one", _ => new EmbeddingLayer(2, 2, random: null)),
        Null("EmbeddingLayer.Weights(value)", _ => new EmbeddingLayer(4, 2).Weights = null!),
        Wrong("EmbeddingLayer.Weights(value)", "transposed", _ => new EmbeddingLayer(4, 2).Weights = Draw.Matrix(2, 4, Draw.Seeded(1)),
            "EmbeddingLayer(4 -> 2) expects Weights of 4 x 2, but got 2 x 4."),
        OutOfRange("EmbeddingLayer.L2(value)", "-1", _ => new EmbeddingLayer(4, 2).L2 = -1, "L2 of Weights", "0 or more"),
        .. new[] { 4, -1, 1.5, 1e300 }.SelectMany(value => (BadInput[])
        [
            Wrong("EmbeddingLayer.Predict(input)", $"{value}", _ => new EmbeddingLayer(4, 2).Predict(Column(0, 3, value)), Range,
                $"its input holds {value} at [2, 0]", "vocabularySize"),
            Wrong("EmbeddingLayer.ForwardPropagation(input)", $"{value}", _ => new EmbeddingLayer(4, 2).ForwardPropagation(Column(value)),
                Range, $"its input holds {value} at [0, 0]"),
            Wrong("Network.Predict(input)", $"{value} for an embedding",
                _ => new Network().Add(new EmbeddingLayer(4, 2)).Predict(Column(0, value)), Range, $"holds {value} at [1, 0]"),
        ]),
        Wrong("EmbeddingLayer.Predict(input)", "a row", _ => new EmbeddingLayer(4, 2).Predict(Draw.Row(0, 1, 2)),
            "EmbeddingLayer(4 -> 2) expects an input of one column, but got 1 x 3.", "3 x 1"),
        Wrong("Network.Add(layer)", "an EmbeddingLayer behind several features",
            _ => new Network().Add(new FCLayer(3, 2)).Add(new EmbeddingLayer(4, 2)), "expects an input of one column, but got 1 x 2"),
    ];

    [Fact]
    public void AgreesWithPyTorch()
    {
        const double Tolerance = 1e-10;
        var weight = s_golden.GetProperty("parameters").GetProperty("weight").Matrix();
        var layer = new EmbeddingLayer(weight.RowCount, weight.ColumnCount) { Weights = weight };

        for (int sample = 0; sample < s_golden.GetProperty("indices").GetArrayLength(); sample++)
        {
            var x = Column(s_golden.GetProperty("indices")[sample].Numbers());
            var y = s_golden.GetProperty("output")[sample].Matrix();
            layer.ForwardPropagation(x).ShouldBeBitForBit(y);
            layer.Predict(x).ShouldBeBitForBit(y);
            layer.Backward(s_golden.GetProperty("outputError")[sample].Matrix())
                .ShouldBeBitForBit(Matrix<double>.Build.Dense(x.RowCount, 1));
        }

        layer.Parameters[0].Gradient.ShouldBeNear(
            s_golden.GetProperty("parameterErrors").GetProperty("weight").Matrix(), Tolerance, Tolerance, "weight");
    }

    [Fact]
    public void GradientsAreThoseOfFiniteDifferencesForAnyLength()
    {
        for (int steps = 1; steps < 10; steps++)
        {
            var random = Draw.Seeded(steps);
            var x = Matrix<double>.Build.Dense(steps, 1, (_, _) => random.Next(4));
            GradientCheck.Run(new EmbeddingLayer(4, 3, random: random), x).WorstRelativeError.Should().BeLessThan(1e-6);
        }
    }

    [Fact]
    public void FitEvaluateAndValidationRefuseANumberBeforeAnythingChanges()
    {
        var net = new Network().Add(new EmbeddingLayer(4, 2, random: Draw.Seeded(1))).Add(new FCLayer(2, 1, random: Draw.Seeded(2)))
            .Use(LossFunction.Mse);
        Matrix<double>[] x = [Column(0), Column(1), Column(4)];
        Matrix<double>[] y = [Column(1), Column(1), Column(1)];
        var before = net.Clone();
        Matrix<double>[] fine = x[..2];

        Message(() => net.Fit(x, y, 1, 0.1)).Should().Contain(Range).And.Contain("xTrain[2] holds 4 at [0, 0]").And.Contain("xTrain'");
        Message(() => net.Evaluate(x, y)).Should().Contain("x[2] holds 4 at [0, 0]");
        Message(() => net.Fit(fine, y[..2], new FitOptions { Validation = (x, y) })).Should().Contain("Validation.X[2] holds 4 at [0, 0]");
        Message(() => net.Predict(x)).Should().Contain(Range).And.Contain("holds 4 at [0, 0]");

        net.Predict(fine).ShouldBeBitForBit(before.Predict(fine), "after refusals");
    }

    [Fact]
    public void AListThatMakesItsSamplesIsRefusedWhereItIsReadAndTheEpochTakenBack()
    {
        var net = new Network().Add(new NetworkLayer(new Network().Add(new EmbeddingLayer(4, 2, random: Draw.Seeded(1)))))
            .Add(new FCLayer(2, 1, random: Draw.Seeded(2))).Use(LossFunction.Mse);
        var x = new Made(i => Column(i == 20 ? 9 : i % 4), 24);
        var y = new Made(_ => Column(1), 24);
        var before = net.Clone();

        Message(() => net.Fit(x, y, new FitOptions { BatchSize = 4, Optimizer = new Sgd(0.1), Shuffle = false }))
            .Should().Contain(Range).And.Contain("holds 9 at [0, 0]");

        net.Predict(Column(0)).ShouldBeBitForBit(before.Predict(Column(0)));
    }

    [Fact]
    public void EachStepsErrorGoesToTheRowOfItsNumber()
    {
        var layer = new EmbeddingLayer(4, 2) { Weights = Matrices.Of([1, 2], [3, 4], [5, 6], [7, 8]) };

        layer.ForwardPropagation(Column(2, 0, 2)).ShouldBeBitForBit(Matrices.Of([5, 6], [1, 2], [5, 6]));
        layer.Backward(Matrices.Of([1, 10], [2, 20], [3, 30]));

        layer.Parameters[0].Gradient.ShouldBeBitForBit(Matrices.Of([2, 20], [0, 0], [4, 40], [0, 0]));
    }

    [Fact]
    public void VectorsStartStandardNormal()
    {
        var values = new EmbeddingLayer(100, 50, random: Draw.Seeded(1)).Weights.Enumerate().ToArray();

        values.Mean().Should().BeApproximately(0, 0.05);
        values.Variance().Should().BeApproximately(1, 0.05);
        values.Max().Should().BeGreaterThan(3);
    }

    [Fact]
    public void WeightsOfPyTorchsModuleAreLoadedBesideALinearOfTheSameShape()
    {
        var (embedding, head) = (new EmbeddingLayer(4, 2), new FCLayer(2, 4));
        var net = new Network().Add(embedding).Add(head);
        double[] vectors = [1, 2, 3, 4, 5, 6, 7, 8];
        double[] weights = [.. vectors.Select(value => 10 * value)];
        using var file = Models.TensorFile.Of(
            ("embedding.weight", [4, 2], vectors), ("head.weight", [4, 2], weights), ("head.bias", [4], [1, 1, 1, 1]));

        net.LoadWeights(file);

        embedding.Weights.ShouldBeBitForBit(Matrices.Of([1, 2], [3, 4], [5, 6], [7, 8]));
        head.Weights.ShouldBeBitForBit(Matrices.Of([10, 30, 50, 70], [20, 40, 60, 80]));
    }

    [Fact]
    public void WhatMayBeAnEmbeddingOrALinearWithoutBiasIsRefused()
    {
        var net = new Network().Add(new EmbeddingLayer(4, 2)).Add(new FCLayer(2, 4));
        double[] some = [1, 2, 3, 4, 5, 6, 7, 8];
        using var both = Models.TensorFile.Of(("one.weight", [4, 2], some), ("two.weight", [4, 2], some));
        using var either = Models.TensorFile.Of(("one.weight", [4, 2], some));

        foreach (var file in (Stream[])[both, either])
        {
            net.Invoking(one => one.LoadWeights(file)).Should().Throw<ModelFormatException>().WithMessage("*one*names*");
        }
    }

    private static string Message(Action call) => Record.Exception(call).Should().BeOfType<ArgumentException>().Which.Message;

    private static Matrix<double> Column(params double[] values) => Matrix<double>.Build.Dense(values.Length, 1, values);

    /// <summary>A list that makes a sample whenever it is asked for one.</summary>
    private sealed class Made(Func<int, Matrix<double>> make, int count) : IReadOnlyList<Matrix<double>>
    {
        public int Count => count;

        public Matrix<double> this[int index] => make(index);

        public IEnumerator<Matrix<double>> GetEnumerator() => Enumerable.Range(0, count).Select(make).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
