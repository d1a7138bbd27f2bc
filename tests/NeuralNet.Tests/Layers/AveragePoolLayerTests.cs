using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class AveragePoolLayerTests
{
    private static readonly Matrix<double> s_x = Matrices.Of(
        [1, 3, 5, 7],
        [5, 7, 0, 0],
        [-1, -3, 1, 2],
        [-2, -2, 3, 4]);

    [Fact]
    public void OutputIsTheMeanOfEachWindowAndTheErrorIsSharedEqually()
    {
        var layer = new AveragePoolLayer((4, 4, 1), (2, 2));

        layer.ForwardPropagation(s_x).ShouldBeBitForBit(Matrices.Of([4, 3], [-2, 2.5]));
        layer.Predict(s_x).ShouldBeBitForBit(Matrices.Of([4, 3], [-2, 2.5]));
        layer.BackwardPropagation(Matrices.Of([4, 8], [12, 16]), 0.1).ShouldBeBitForBit(Matrices.Of(
            [1, 1, 2, 2],
            [1, 1, 2, 2],
            [3, 3, 4, 4],
            [3, 3, 4, 4]));
        layer.OutputShape.Should().Be((2, 2, 1));
    }

    [Fact]
    public void WhereWindowsOverlapErrorsAddUp()
    {
        var layer = new AveragePoolLayer((3, 3, 1), (2, 2), (1, 1));

        layer.ForwardPropagation(Matrices.Of([1, 2, 3], [4, 5, 6], [7, 8, 9])).ShouldBeBitForBit(Matrices.Of([3, 4], [6, 7]));
        layer.BackwardPropagation(Matrices.Of([4, 40], [400, 4000]), 0.1)
            .ShouldBeBitForBit(Matrices.Of([1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]));
    }

    [Fact]
    public void RowsAndColumnsThatFillNoWindowAreLeftOut()
    {
        var layer = new AveragePoolLayer((3, 5, 1), (2, 2));

        layer.OutputShape.Should().Be((1, 2, 1));
        layer.ForwardPropagation(Matrices.Of([1, 2, 3, 4, 99], [5, 4, 7, 6, 99], [99, 99, 99, 99, 99]))
            .ShouldBeBitForBit(Matrices.Of([3, 5]));
        layer.BackwardPropagation(Matrices.Of([4, 8]), 0.1)
            .ShouldBeBitForBit(Matrices.Of([1, 1, 2, 2, 0], [1, 1, 2, 2, 0], [0, 0, 0, 0, 0]));
    }

    [Fact]
    public void PlanesArePooledByThemselves()
    {
        var layer = new AveragePoolLayer((2, 2, 3), (2, 1));

        layer.ForwardPropagation(Matrices.Of([1, 5, /**/ 9, 2, /**/ -1, -4], [3, 4, /**/ 8, 7, /**/ -2, -3]))
            .ShouldBeBitForBit(Matrices.Of([2, 4.5, /**/ 8.5, 4.5, /**/ -1.5, -3.5]));
        layer.OutputShape.Should().Be((1, 2, 3));
    }
}
