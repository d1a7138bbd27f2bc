using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class ConvLayerTests
{
    private static readonly Matrix<double> s_x = Matrices.Of(
        [1, 2, 3, /**/ 1, 0, 2],
        [4, 5, 6, /**/ 0, 1, 0],
        [7, 8, 9, /**/ 2, 0, 1]);

    private static readonly Matrix<double> s_outputError = Matrices.Of(
        [1, 2, /**/ 1, 0],
        [3, 4, /**/ 0, -2]);

    /// <summary>3 x 3 x 2 to 2 x 2 x 2. Kernel 0: [1 0; 0 -1] and [1 1; 0 0]; kernel 1: [0 1; 2 0] and [0 0; 0 3].</summary>
    private static ConvLayer Layer => new((3, 3, 2), (2, 2), 2)
    {
        Weights = Matrices.Of([1, 0, 0, -1, 1, 1, 0, 0], [0, 1, 2, 0, 0, 0, 0, 3]).Transpose(),
        Bias = Matrices.Of([0.5, -1]),
    };

    [Fact]
    public void AnOutputPlaneIsTheSumOfCorrelationsWithAllInputPlanesPlusItsBiasOnce()
    {
        var layer = Layer;
        var y = Matrices.Of(
            [-4 + 1 + 0.5, -4 + 2 + 0.5, /**/ 2 + 8 + 3 - 1, 3 + 10 + 0 - 1],
            [-4 + 1 + 0.5, -4 + 1 + 0.5, /**/ 5 + 14 + 0 - 1, 6 + 16 + 3 - 1]);

        layer.ForwardPropagation(s_x).ShouldBeBitForBit(y);
        layer.Predict(s_x).ShouldBeBitForBit(y);
        layer.OutputShape.Should().Be((2, 2, 2));
    }

    [Fact]
    public void BackwardGivesTheThreeDerivativesAndUpdatesNothing()
    {
        var layer = Layer;
        layer.ForwardPropagation(s_x);

        var inputError = layer.Backward(s_outputError);

        inputError.ShouldBeBitForBit(Matrices.Of(
            [1, 3, 0, /**/ 1, 3, 2],
            [5, 3, -4, /**/ 3, 10, 4],
            [0, -7, -4, /**/ 0, 0, -6]));
        layer.Parameters[0].Gradient.ShouldBeBitForBit(Matrices.Of([37, 47, 67, 77, 5, 7, 8, 5], [-9, -10, -12, -13, -1, 0, 0, -1]).Transpose());
        layer.Parameters[1].Gradient.ShouldBeBitForBit(Matrices.Of([10, -1]));
        layer.Weights.ShouldBeBitForBit(Layer.Weights);
        layer.Bias.ShouldBeBitForBit(Layer.Bias);
    }

    [Fact]
    public void BackwardPropagationStepsAgainstTheGradientAndGivesTheErrorOfTheKernelsBeforeIt()
    {
        var layer = Layer;
        layer.ForwardPropagation(s_x);
        var expected = Layer;
        expected.ForwardPropagation(s_x);

        layer.BackwardPropagation(s_outputError, 0.5).ShouldBeBitForBit(expected.Backward(s_outputError));

        layer.Weights.ShouldBeBitForBit(Matrices.Of([-17.5, -23.5, -33.5, -39.5, -1.5, -2.5, -4, -2.5], [4.5, 6, 8, 6.5, 0.5, 0, 0, 3.5]).Transpose());
        layer.Bias.ShouldBeBitForBit(Matrices.Of([-4.5, -0.5]));
    }

    [Fact]
    public void ARectangularKernelHasItsRowsDownAndItsColumnsAcross()
    {
        var layer = new ConvLayer((3, 4, 1), (2, 3), 1)
        {
            Weights = Matrices.Of([1, 10, 100, 1000, 10000, 100000]).Transpose(),
            Bias = Matrices.Of([0]),
        };

        layer.Predict(Matrices.Of([1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3])).ShouldBeBitForBit(Matrices.Of([765321, 876432], [219765, 321876]));
        layer.OutputShape.Should().Be((2, 2, 1));
    }

    [Fact]
    public void AKernelOfTheImagesSizeGivesOneValue()
    {
        var layer = new ConvLayer((2, 3, 1), (2, 3), 2) { Weights = Matrices.Of([1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, -1]).Transpose(), Bias = Matrices.Of([0, 1]) };

        layer.Predict(Matrices.Of([1, 2, 3], [4, 5, 6])).ShouldBeBitForBit(Matrices.Of([21, -4]));
    }

    [Fact]
    public void ParametersAreTheLiveWeightsAndBias()
    {
        var layer = new ConvLayer((6, 5, 2), (3, 2), 4);
        var (weights, bias) = (layer.Weights, layer.Bias);
        var kernels = Draw.Matrix(12, 4, Draw.Seeded(1));

        layer.Weights = kernels;
        layer.Bias = Matrices.Of([1, 2, 3, 4]);
        kernels.Clear();

        layer.Weights.Should().BeSameAs(weights).And.BeSameAs(layer.Parameters[0].Value);
        layer.Bias.Should().BeSameAs(bias).And.BeSameAs(layer.Parameters[1].Value);
        weights.ShouldBeBitForBit(Draw.Matrix(12, 4, Draw.Seeded(1)));
        layer.Parameters.Select(parameter => parameter.ToString()).Should().Equal("Weights 12 x 4", "Bias 1 x 4");
        weights.Clear();
        layer.Predict(Draw.Matrix(6, 10, Draw.Seeded(2))).ShouldBeBitForBit(
            Matrices.Of([.. Enumerable.Repeat<double[]>([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4], 4)]));
    }
}
