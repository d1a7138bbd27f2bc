using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using static NeuralNet.Tests.Refusals;

namespace NeuralNet.Tests.Data;

public class StandardizerTests
{
    [Fact]
    public void TargetsGetMeanZeroAndDeviationOneAndComeBack()
    {
        Matrix<double>[] y = [Draw.Row(10, 7), Draw.Row(30, 7)];
        var standardizer = Standardizer.Of(y);

        standardizer.Mean.Should().Be(Draw.Row(20, 7));
        standardizer.StandardDeviation.Should().Be(Draw.Row(10, 0));
        standardizer.Transform(y).Should().Equal(Draw.Row(-1, 0), Draw.Row(1, 0));
        standardizer.Inverse(Draw.Row(0.5, 0.25)).Should().Be(Draw.Row(25, 7.25));
        standardizer.Inverse(standardizer.Transform(y)).Should().Equal(y);
        standardizer.ToString().Should().Be("Standardizer(2)");
    }

    [Fact]
    public void TheInverseIsTheInverse() => Gen
        .Select(Gen.Int[1, 20], Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int).Sample((count, n, steps, seed) =>
    {
        var y = Draw.Matrices(count, steps, n, Draw.Seeded(seed));
        var standardizer = Standardizer.Of(y);

        standardizer.Inverse(standardizer.Transform(y)).ShouldBeNear(y);
        standardizer.Transform(y[0]).ShouldBeBitForBit(new NormalizationLayer(n).Adapt(y).Predict(y[0]));
    });

    [Fact]
    public void ItIsSavedBesideTheModelWithAllItsBits()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "target.json");
        var y = Draw.Matrices(7, 1, 3, Draw.Seeded(1)).Select(sample => sample * 1e-5).ToArray();
        var standardizer = Standardizer.Of(y);

        standardizer.Save(path);

        Standardizer.Load(path).Mean.ShouldBeBitForBit(standardizer.Mean);
        Standardizer.Load(path).Inverse(y[0]).ShouldBeBitForBit(standardizer.Inverse(y[0]));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"mean": [1]}""")]
    [InlineData("""{"mean": [], "standardDeviation": []}""")]
    [InlineData("""{"mean": [1], "standardDeviation": [1, 2]}""")]
    [InlineData("""{"mean": [1], "standardDeviation": [-1]}""")]
    [InlineData("""{"mean": [1e999], "standardDeviation": [1]}""")]
    [InlineData("""{"mean": ["1"], "standardDeviation": [1]}""")]
    [InlineData("""{"mean": 1, "standardDeviation": 1}""")]
    [InlineData("{")]
    public void AFileOfSomethingElseIsRefusedByName(string text)
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "target.json");
        File.WriteAllText(path, text);

        FluentActions.Invoking(() => Standardizer.Load(path)).Should().ThrowExactly<InvalidDataException>()
            .WithMessage("*target.json does not hold the means and standard deviations*");
    }

    [Fact]
    public void WhatIsRefusedIsNamed()
    {
        var standardizer = Standardizer.Of([Draw.Row(1, 2)]);
        Refused<ArgumentNullException>(() => Standardizer.Of(null!), "targets");
        Refused<ArgumentException>(() => Standardizer.Of([]), "targets", "Standardizer expects at least one sample");
        Refused<ArgumentException>(() => Standardizer.Of([null!]), "targets", "targets[0] is null");
        Refused<ArgumentException>(() => Standardizer.Of([Draw.Row(double.NaN)]), "targets", "NaN at [0, 0]");
        Refused<ArgumentException>(() => Standardizer.Of([Draw.Row(1), Draw.Row(1, 2)]), "targets", "1 columns", "targets[1] is 1 x 2");
        Refused<ArgumentException>(() => standardizer.Transform(Draw.Row(1)), "target", "Standardizer(2) expects", "target is 1 x 1");
        Refused<ArgumentException>(() => standardizer.Transform([Draw.Row(1, 2), null!]), "targets", "targets[1] is null");
        Refused<ArgumentException>(() => standardizer.Inverse([Draw.Row(1, double.NaN)]), "predictions", "predictions[0]", "NaN");
        Refused<ArgumentNullException>(() => standardizer.Inverse((Matrix<double>)null!), "prediction");
    }
}
