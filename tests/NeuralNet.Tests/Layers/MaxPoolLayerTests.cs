using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class MaxPoolLayerTests
{
    private static readonly Matrix<double> s_x = Matrices.Of(
        [1, 2, 5, 3],
        [4, 0, 6, 1],
        [-9, -2, 7, 7],
        [-3, -1, 7, 8]);

    [Fact]
    public void OutputIsTheGreatestValueOfEachWindowAndTheErrorGoesToItsPlace()
    {
        var layer = new MaxPoolLayer((4, 4, 1), (2, 2));

        layer.ForwardPropagation(s_x).ShouldBeBitForBit(Matrices.Of([4, 6], [-1, 8]));
        layer.Predict(s_x).ShouldBeBitForBit(Matrices.Of([4, 6], [-1, 8]));
        layer.BackwardPropagation(Matrices.Of([10, 20], [30, 40]), 0.1).ShouldBeBitForBit(Matrices.Of(
            [0, 0, 0, 0],
            [10, 0, 20, 0],
            [0, 0, 0, 0],
            [0, 30, 0, 40]));
        layer.OutputShape.Should().Be((2, 2, 1));
    }

    [Fact]
    public void OfEqualValuesTheFirstRowByRowGetsTheWholeError()
    {
        var layer = new MaxPoolLayer((2, 6, 1), (2, 2));

        layer.ForwardPropagation(Matrices.Of([5, 5, 1, 7, 0, 0], [5, 5, 7, 7, 0, 0])).ShouldBeBitForBit(Matrices.Of([5, 7, 0]));
        layer.BackwardPropagation(Matrices.Of([1, 2, 3]), 0.1).ShouldBeBitForBit(Matrices.Of([1, 0, 0, 2, 3, 0], [0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void WhereWindowsOverlapErrorsAddUp()
    {
        var layer = new MaxPoolLayer((3, 3, 1), (2, 2), (1, 1));

        layer.ForwardPropagation(Matrices.Of([1, 2, 0], [3, 9, 4], [0, 5, 6])).ShouldBeBitForBit(Matrices.Of([9, 9], [9, 9]));
        layer.BackwardPropagation(Matrices.Of([1, 10], [100, 1000]), 0.1)
            .ShouldBeBitForBit(Matrices.Of([0, 0, 0], [0, 1111, 0], [0, 0, 0]));
    }

    [Fact]
    public void RowsAndColumnsThatFillNoWindowAreLeftOut()
    {
        var layer = new MaxPoolLayer((3, 5, 1), (2, 2));

        layer.OutputShape.Should().Be((1, 2, 1));
        layer.ForwardPropagation(Matrices.Of([1, 2, 3, 4, 99], [5, 6, 7, 8, 99], [99, 99, 99, 99, 99]))
            .ShouldBeBitForBit(Matrices.Of([6, 8]));
        layer.BackwardPropagation(Matrices.Of([1, 2]), 0.1)
            .ShouldBeBitForBit(Matrices.Of([0, 0, 0, 0, 0], [0, 1, 0, 2, 0], [0, 0, 0, 0, 0]));
    }

    [Fact]
    public void AStrideBeyondTheWindowLeavesValuesOut()
    {
        var layer = new MaxPoolLayer((1, 8, 1), (1, 2), (1, 3));

        layer.ForwardPropagation(Matrices.Of([1, 2, 99, 4, 3, 99, 5, 6])).ShouldBeBitForBit(Matrices.Of([2, 4, 6]));
    }

    [Fact]
    public void PlanesArePooledByThemselves()
    {
        var layer = new MaxPoolLayer((2, 2, 3), (2, 1));

        layer.ForwardPropagation(Matrices.Of([1, 5, /**/ 9, 2, /**/ -1, -4], [3, 4, /**/ 8, 7, /**/ -2, -3]))
            .ShouldBeBitForBit(Matrices.Of([3, 5, /**/ 9, 7, /**/ -1, -3]));
        layer.BackwardPropagation(Matrices.Of([1, 2, /**/ 3, 4, /**/ 5, 6]), 0.1)
            .ShouldBeBitForBit(Matrices.Of([0, 2, /**/ 3, 0, /**/ 5, 0], [1, 0, /**/ 0, 4, /**/ 0, 6]));
        layer.OutputShape.Should().Be((1, 2, 3));
    }
}
