using System.Text.Json;
using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using NeuralNet.Tests.BadInputs;
using NeuralNet.Tests.Models;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Normalisation of raw numbers against scikit-learn's figures, by hand, and at the ends of the range.</summary>
public class NormalizationLayerTests
{
    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. new[] { 0, -1, int.MinValue }.Select(size => OutOfRange(
            "NormalizationLayer.ctor(size)", $"{size}", _ => new NormalizationLayer(size), "NormalizationLayer's size", "1 or more",
            $"{size}")),
        Null("NormalizationLayer.Mean(value)", _ => new NormalizationLayer(3).Mean = null!),
        Wrong("NormalizationLayer.Mean(value)", "a column", _ => new NormalizationLayer(3).Mean = Draw.Matrix(3, 1, Draw.Seeded(1)),
            "NormalizationLayer(3) expects Mean of 1 x 3, but got 3 x 1."),
        Null("NormalizationLayer.StandardDeviation(value)", _ => new NormalizationLayer(3).StandardDeviation = null!),
        Wrong("NormalizationLayer.StandardDeviation(value)", "negative",
            _ => new NormalizationLayer(3).StandardDeviation = Draw.Row(1, 2, -3), "StandardDeviation of 0 or more", "-3"),
        Null("NormalizationLayer.Adapt(samples)", _ => new NormalizationLayer(3).Adapt(null!)),
        Wrong("NormalizationLayer.Adapt(samples)", "none", _ => new NormalizationLayer(3).Adapt([]),
            "NormalizationLayer(3)'s Adapt expects at least one sample", "samples is empty"),
        Wrong("NormalizationLayer.Adapt(samples)", "a null among them", _ => new NormalizationLayer(2).Adapt([Draw.Row(1, 2), null!]),
            "samples[1] is null"),
        Wrong("NormalizationLayer.Adapt(samples)", "other columns", _ => new NormalizationLayer(2).Adapt([Draw.Row(1, 2), Draw.Row(1)]),
            "NormalizationLayer(2)'s Adapt expects samples of 2 columns, but samples[1] is 1 x 1."),
        .. new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity }.Select(value => Wrong(
            "NormalizationLayer.Adapt(samples)", $"{value}", _ => new NormalizationLayer(2).Adapt([Draw.Row(1, value)]),
            "samples[0]", "finite", $"{value} at [0, 1]")),
        Wrong("NormalizationLayer.Adapt(samples)", "values too far apart",
            _ => new NormalizationLayer(2).Adapt([Draw.Row(1, -1e308), Draw.Row(1, 1e308)]), "no farther apart than", "column 1"),
    ];

    [Fact]
    public void AgreesWithScikitLearn()
    {
        var golden = GoldenFile.Read("metrics.json").GetProperty("normalization");
        var samples = golden.GetProperty("samples").Matrix();

        var layer = new NormalizationLayer(3).Adapt(Samples.FromRows(samples));

        layer.Mean.ShouldBeNear(golden.GetProperty("mean").Row(), 1e-14);
        layer.StandardDeviation.ShouldBeNear(golden.GetProperty("standardDeviation").Row(), 1e-10);
        layer.Predict(samples).ShouldBeNear(golden.GetProperty("output").Matrix(), 1e-9, 1e-9);
    }

    [Fact]
    public void RowsOfSequencesCountAlikeWhateverTheirLength()
    {
        var table = Draw.Matrix(12, 3, Draw.Seeded(1));
        Matrix<double>[] sequences = [table.SubMatrix(0, 7, 0, 3), table.SubMatrix(7, 1, 0, 3), table.SubMatrix(8, 4, 0, 3)];

        var (rows, steps) = (new NormalizationLayer(3).Adapt(Samples.FromRows(table)), new NormalizationLayer(3).Adapt(sequences));

        steps.Mean.ShouldBeBitForBit(rows.Mean);
        steps.StandardDeviation.ShouldBeBitForBit(rows.StandardDeviation);
        steps.Predict(sequences[0]).ShouldBeBitForBit(rows.Predict(table).SubMatrix(0, 7, 0, 3));
    }

    [Fact]
    public void WhatItWasAdaptedToHasMeanZeroAndDeviationOne() =>
        Gen.Select(Gen.Int[2, 30], Gen.Double[-300, 300], Gen.Double[0, 6], Gen.Int).Sample((count, size, offset, seed) =>
        {
            // Columns of 1e-300 to 1e300, up to a million deviations from 0.
            var random = Draw.Seeded(seed);
            var scale = Math.Pow(10, size - (size > 0 ? offset : 0));
            var x = Draw.Matrices(count, 1, 1, random).Select(sample => (sample + Math.Pow(10, offset)) * scale).ToArray();

            var y = Samples.ToMatrix([.. x.Select(new NormalizationLayer(1).Adapt(x).Predict)]).Column(0);

            (y.Sum() / count).ShouldBeNear(0, 0, 1e-8);
            (y.DotProduct(y) / count).ShouldBeNear(1, 1e-8);
        });

    [Fact]
    public void AColumnOfOneValueBecomesZeroAndIsNotScaled()
    {
        var layer = new NormalizationLayer(3).Adapt([Draw.Row(7, 1, 0.1 + 0.2), Draw.Row(7, 3, 0.3)]);

        layer.StandardDeviation.ShouldBeBitForBit(Draw.Row(0, 1, 0));
        layer.Predict(Draw.Row(7, 3, 0.3)).ShouldBeNear(Draw.Row(0, 1, 0), 0, 1e-15);
        layer.Predict(Draw.Row(9, 2, 1.3)).ShouldBeNear(Draw.Row(2, 0, 1), 1e-15);
        new NormalizationLayer(1).Adapt([Draw.Row(5)]).Predict(Draw.Row(6)).ShouldBeBitForBit(Draw.Row(1));
    }

    [Fact]
    public void HugeAndTinyColumnsStayFinite()
    {
        Matrix<double>[] x = [Draw.Row(1e308, -4e-323, double.MaxValue), Draw.Row(2e307, 4e-323, 0)];

        var layer = new NormalizationLayer(3).Adapt(x);

        layer.Predict(x[0]).ShouldBeNear(Draw.Row(1, -1, 1), 1e-12);
        layer.Predict(x[1]).ShouldBeNear(Draw.Row(-1, 1, -1), 1e-12);
    }

    [Fact]
    public void AdaptingAgainForgetsAndARefusalChangesNothing()
    {
        var layer = new NormalizationLayer(1).Adapt([Draw.Row(1), Draw.Row(3)]);

        layer.Invoking(one => one.Adapt([Draw.Row(double.NaN)])).Should().Throw<ArgumentException>();
        layer.Predict(Draw.Row(3)).ShouldBeBitForBit(Draw.Row(1));
        layer.Adapt([Draw.Row(10), Draw.Row(30)]).Predict(Draw.Row(30)).ShouldBeBitForBit(Draw.Row(1));
    }

    [Fact]
    public void TrainingBeforeAdaptIsRefusedInWords()
    {
        var inner = new NormalizationLayer(2);
        foreach (var first in (Layer[])[inner, new ResidualLayer([inner])])
        {
            var net = new Network().Add(first).Add(new FCLayer(2, 1)).Use(LossFunction.Mse);
            foreach (var fit in (Action[])[
                () => net.Fit([Draw.Row(1, 2)], [Draw.Row(1)], 1, 0.1), () => net.Fit([Draw.Row(1, 2)], [Draw.Row(1)], new FitOptions())])
            {
                fit.Should().ThrowExactly<InvalidOperationException>().WithMessage(
                    "NormalizationLayer(2) has seen no samples yet, and would pass on raw numbers. Call its Adapt(xTrain) before Fit.");
            }

            inner.Predict(Draw.Row(1, 2)).ShouldBeBitForBit(Draw.Row(1, 2));
        }
    }

    [Fact]
    public void SamplesOfZerosAreSamples()
    {
        Matrix<double>[] x = [Draw.Row(0, 0), Draw.Row(0, 0)];
        Matrix<double>[] y = [Draw.Row(1), Draw.Row(1)];
        NormalizationLayer[] layers =
        [
            new NormalizationLayer(2).Adapt(x),
            new NormalizationLayer(2) { StandardDeviation = Draw.Row(0, 0) },
        ];
        foreach (var layer in layers)
        {
            var net = new Network().Add(layer).Add(new FCLayer(2, 1)).Use(LossFunction.Mse);
            using var file = new MemoryStream();
            net.Save(file);
            file.Position = 0;
            foreach (var one in (Network[])[net, net.Clone(), Network.Load(file)])
            {
                one.Fit(x, y, 1, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
            }
        }

        // Others are written as before.
        var others = new Network().Add(new NormalizationLayer(2)).Add(new NormalizationLayer(2).Adapt([Draw.Row(1, 2)]));
        ModelBytes.HeaderOf(ModelBytes.Of(others)).Should().NotContain("adapted");
    }

    [Fact]
    public void ItIsSavedAndClonedAndNotTrained()
    {
        Matrix<double>[] x = [Draw.Row(100, 1e6), Draw.Row(300, 3e6), Draw.Row(200, 4e6)];
        Matrix<double>[] y = [Draw.Row(0), Draw.Row(1), Draw.Row(1)];
        var net = new Network { InitialSeed = 1 }.Add(new NormalizationLayer(2).Adapt(x)).Add(new FCLayer(2, 1)).Use(LossFunction.Mse);
        var layer = (NormalizationLayer)net.Layers[0];
        string before = Fingerprint.Of([layer.Mean, layer.StandardDeviation]);

        net.Fit(x, y, new FitOptions { Epochs = 30, Optimizer = new Adam(0.1), Seed = 1 }).Losses[^1].Should().BeLessThan(0.1);

        using var file = new MemoryStream();
        net.Save(file);
        file.Position = 0;
        foreach (var copy in (Network[])[net, Network.Load(file), net.Clone()])
        {
            var its = (NormalizationLayer)copy.Layers[0];
            Fingerprint.Of([its.Mean, its.StandardDeviation]).Should().Be(before);
            its.Parameters.Should().BeEmpty();
            copy.Predict(x[1]).ShouldBeBitForBit(net.Predict(x[1]));
        }
    }
}
