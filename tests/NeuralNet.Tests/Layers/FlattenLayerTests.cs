using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class FlattenLayerTests
{
    [Fact]
    public void OnePlaneIsReadRowByRowAndPutBackSo()
    {
        var layer = new FlattenLayer();

        layer.ForwardPropagation(Matrices.Of([1, 2, 3], [4, 5, 6])).ShouldBeBitForBit(Matrices.Of([1, 2, 3, 4, 5, 6]));
        layer.BackwardPropagation(Matrices.Of([11, 12, 13, 14, 15, 16]), 0.1).ShouldBeBitForBit(Matrices.Of([11, 12, 13], [14, 15, 16]));
    }

    [Fact]
    public void SeveralPlanesAreReadOneAfterAnotherEachRowByRowAndPutBackSo()
    {
        var layer = new FlattenLayer(2);
        var planes = Matrices.Of(
            [1, 2, 3, /**/ 7, 8, 9],
            [4, 5, 6, /**/ 10, 11, 12]);
        var row = Matrices.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

        layer.ForwardPropagation(planes).ShouldBeBitForBit(row);
        layer.Predict(planes).ShouldBeBitForBit(row);
        layer.BackwardPropagation(row, 0.1).ShouldBeBitForBit(planes);
    }

    [Fact]
    public void TheSameImageInOnePlaneIsReadAcrossBothHalves() =>
        new FlattenLayer().Predict(Matrices.Of([1, 2, 7, 8], [3, 4, 9, 10])).ShouldBeBitForBit(Matrices.Of([1, 2, 7, 8, 3, 4, 9, 10]));

    [Fact]
    public void InANetworkItTakesTheNumberOfPlanesOfTheLayersBefore()
    {
        var convolution = new ConvLayer((3, 4, 1), (2, 2), 3, random: Draw.Seeded(1));
        var flatten = new FlattenLayer();
        var network = new Network().Add(convolution).Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Add(flatten);
        var x = Draw.Matrix(3, 4, Draw.Seeded(2));

        flatten.Depth.Should().Be(3);
        var planes = Activations.Tanh(convolution.Predict(x));
        double[] rowByRow = [.. Enumerable.Range(0, 3).SelectMany(plane => planes.SubMatrix(0, 2, plane * 3, 3).ToRowMajorArray())];
        network.Predict(x).ShouldBeBitForBit(Matrices.Of(rowByRow));
    }

    [Fact]
    public void ARowStaysARow() => new FlattenLayer().Predict(Matrices.Of([1, 2, 3])).ShouldBeBitForBit(Matrices.Of([1, 2, 3]));
}
