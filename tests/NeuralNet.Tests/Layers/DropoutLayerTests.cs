using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class DropoutLayerTests
{
    private static readonly Matrix<double> s_ones = Matrix<double>.Build.Dense(100, 1000, 1);

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void SoManyValuesAreLeftOutAndTheOthersKeepTheExpectation(double rate)
    {
        var y = new DropoutLayer(rate, Draw.Seeded(3)).ForwardPropagation(s_ones);

        y.Enumerate().Distinct().Should().OnlyContain(value => value == 0 || value == 1 / (1 - rate));
        double zeros = y.Enumerate().Count(value => value == 0) / 1e5;
        zeros.Should().BeApproximately(rate, 5 * Math.Sqrt(rate * (1 - rate) / 1e5) + 1e-12);
        (y.Enumerate().Sum() / 1e5).Should().BeApproximately(1, 5 * Math.Sqrt(rate / (1 - rate) / 1e5) + 1e-12);
    }

    [Fact]
    public void PredictLeavesEverythingAsItIs()
    {
        var x = Draw.Matrix(3, 4, Draw.Seeded(1));
        new DropoutLayer(0.9).Predict(x).ShouldBeBitForBit(x);
        new Network().Add(new DropoutLayer(0.9)).Predict([x, x])[1].ShouldBeBitForBit(x);
    }

    [Fact]
    public void TheErrorPassesTheSameValues()
    {
        var layer = new DropoutLayer(0.5, Draw.Seeded(1));
        var y = layer.ForwardPropagation(s_ones);

        layer.BackwardPropagation(s_ones, 0).ShouldBeBitForBit(y);
    }

    [Fact]
    public void MasksDifferFromCallToCallAndAreTheSameForTheSameGenerator()
    {
        var layer = new DropoutLayer(0.5, Draw.Seeded(1));
        var twin = new DropoutLayer(0.5, Draw.Seeded(1));
        var first = layer.ForwardPropagation(s_ones);
        var second = layer.ForwardPropagation(s_ones);

        first.Should().NotBe(second);
        twin.ForwardPropagation(s_ones).ShouldBeBitForBit(first);
        twin.ForwardPropagation(s_ones).ShouldBeBitForBit(second);
        new DropoutLayer(0.5, Draw.Seeded(2)).ForwardPropagation(s_ones).Should().NotBe(first);
    }

    [Fact]
    public void SamplesOfABatchHaveMasksOfTheirOwn()
    {
        Matrix<double>[] x = [s_ones, s_ones, s_ones];
        var samples = OneBatch.Samples(OneBatch.Through(new DropoutLayer(0.5), x, x).Output, 3);

        samples.Select(Fingerprint.Of).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void TheGradientCheckFreezesTheMask() =>
        GradientCheck.Run(new DropoutLayer(0.4), Draw.Matrix(4, 5, Draw.Seeded(1))).WorstRelativeError.Should().BeLessThan(1e-6);

    [Fact]
    public void FitsSeedDecidesTheMasksOfALayerWithoutAGenerator()
    {
        var (x, y) = Training.Networks.Samples("everything", 20);
        string Run(int seed)
        {
            var network = Training.Networks.Make("everything");
            network.Fit(x, y, new FitOptions { BatchSize = 10, Seed = seed });
            return Training.Networks.Hash(network);
        }

        Run(1).Should().Be(Run(1)).And.NotBe(Run(2));
    }
}
