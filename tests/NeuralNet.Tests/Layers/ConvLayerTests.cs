using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Tests.Kernels;

namespace NeuralNet.Tests.Layers;

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
        layer.Parameters[0].Gradient
            .ShouldBeBitForBit(Matrices.Of([37, 47, 67, 77, 5, 7, 8, 5], [-9, -10, -12, -13, -1, 0, 0, -1]).Transpose());
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

        layer.Weights.ShouldBeBitForBit(Matrices.Of([-17.5, -23.5, -33.5, -39.5, -1.5, -2.5, -4, -2.5], [4.5, 6, 8, 6.5, 0.5, 0, 0, 3.5])
            .Transpose());
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

        layer.Predict(Matrices.Of([1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3]))
            .ShouldBeBitForBit(Matrices.Of([765321, 876432], [219765, 321876]));
        layer.OutputShape.Should().Be((2, 2, 1));
    }

    [Fact]
    public void AKernelOfTheImagesSizeGivesOneValue()
    {
        var layer = new ConvLayer((2, 3, 1), (2, 3), 2)
        {
            Weights = Matrices.Of([1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, -1]).Transpose(),
            Bias = Matrices.Of([0, 1])
        };

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

    [Fact]
    public void AStrideKeepsEverySoManyThRowAndColumn()
    {
        var strided = new ConvLayer((7, 8, 2), (3, 2), 3, (2, 3), random: Draw.Seeded(1));
        var plain = new ConvLayer((7, 8, 2), (3, 2), 3, random: Draw.Seeded(1));
        var x = Draw.Matrix(7, 16, Draw.Seeded(2));

        strided.OutputShape.Should().Be((3, 3, 3));
        var all = plain.Predict(x);
        var kept = Matrix<double>.Build.Dense(3, 9, (row, column) => all[2 * row, (column / 3 * 7) + (3 * (column % 3))]);
        strided.Predict(x).ShouldBeNear(kept, 1e-14, 1e-14);
        strided.ForwardPropagation(x).ShouldBeNear(kept, 1e-14, 1e-14);
    }

    [Fact]
    public void PaddingIsAnImageWithZerosAround()
    {
        var padded = new ConvLayer((3, 4, 2), (2, 3), 3, (1, 1), new Padding(2, 1), random: Draw.Seeded(1));
        var plain = new ConvLayer((7, 6, 2), (2, 3), 3, random: Draw.Seeded(1));
        var x = Draw.Matrix(3, 8, Draw.Seeded(2));
        var around = Matrix<double>.Build.Dense(7, 12);
        around.SetSubMatrix(2, 1, x.SubMatrix(0, 3, 0, 4));
        around.SetSubMatrix(2, 7, x.SubMatrix(0, 3, 4, 4));

        padded.OutputShape.Should().Be(plain.OutputShape);
        padded.ForwardPropagation(x).ShouldBeNear(plain.ForwardPropagation(around), 1e-14, 1e-14);
        var outputError = Draw.Matrix(6, 12, Draw.Seeded(3));
        var whole = plain.Backward(outputError);
        padded.Backward(outputError).ShouldBeNear(whole.SubMatrix(2, 3, 1, 4).Append(whole.SubMatrix(2, 3, 7, 4)), 1e-14, 1e-14);
        padded.Parameters[0].Gradient.ShouldBeNear(plain.Parameters[0].Gradient, 1e-14, 1e-13);
        padded.Parameters[1].Gradient.ShouldBeNear(plain.Parameters[1].Gradient, 1e-14, 1e-14);
    }

    /// <summary>Paddings up to three times the kernel, where whole rows and columns of kernels see zeros only.</summary>
    [Fact]
    public void AnyStrideAndPaddingGiveWhatTheTextbookGives()
    {
        var recipes =
            from kernel in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
            from image in Gen.Select(Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[1, 3])
            from rows in Gen.Int[0, 3 * kernel.Item1]
            from columns in Gen.Int[0, 3 * kernel.Item2]
            from depth in Gen.Int[1, 4]
            from stride in Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5])
            from seed in Gen.Int
            where image.Item1 + (2 * rows) >= kernel.Item1 && image.Item2 + (2 * columns) >= kernel.Item2
            select (Image: image, Kernel: kernel, Depth: depth, Stride: stride, Padding: (Rows: rows, Columns: columns), Seed: seed);
        recipes.Sample(
            recipe =>
            {
                var ((height, width, depth), kernel, layerDepth, stride, padding, seed) = recipe;
                var random = Draw.Seeded(seed);
                var layer = new ConvLayer(
                    (height, width, depth), kernel, layerDepth, stride, new Padding(padding.Rows, padding.Columns), random: random);
                var naive = new NaiveConvolution(new ConvolutionShape(
                    height, width, depth, kernel.Item1, kernel.Item2, layerDepth, stride,
                    (padding.Rows, padding.Rows, padding.Columns, padding.Columns)));
                var x = Draw.Matrix(height, width * depth, random);
                double[] weights = layer.Weights.ToColumnMajorArray();
                Matrix<double> Of(double[] values, Matrix<double> like) =>
                    Matrix<double>.Build.Dense(like.RowCount, like.ColumnCount, values);

                var y = layer.ForwardPropagation(x);
                y.ShouldBeNear(Of(naive.Correlate(x.ToColumnMajorArray(), weights, layer.Bias.ToColumnMajorArray()), y));
                layer.Predict(x).ShouldBeBitForBit(y);
                var error = Draw.Matrix(y.RowCount, y.ColumnCount, random);
                layer.Backward(error).ShouldBeNear(Of(naive.InputError(error.ToColumnMajorArray(), weights), x));
                var (weightsError, biasError) = naive.AddGradient(
                    1, x.ToColumnMajorArray(), error.ToColumnMajorArray(), new double[weights.Length], new double[layerDepth]);
                layer.Parameters[0].Gradient.ShouldBeNear(Of(weightsError, layer.Weights));
                layer.Parameters[1].Gradient.ShouldBeNear(Of(biasError, layer.Bias));
            },
            iter: 5000);
    }

    [Fact]
    public void AHugePaddingGivesTheBiasWhereTheKernelSeesNoInput()
    {
        var layer = new ConvLayer((1, 1, 1), (2, 2), 2, (1, 1), 500, Initializer.Constant(3));

        var y = layer.ForwardPropagation(Matrices.Of([2]));
        var inputError = layer.Backward(Matrix<double>.Build.Dense(1000, 2000, 1));

        layer.OutputShape.Should().Be((1000, 1000, 2));
        y.Enumerate().GroupBy(value => value).ToDictionary(same => same.Key, same => same.Count())
            .Should().Equal(new Dictionary<double, int> { [3] = 1_999_992, [9] = 8 });
        inputError.ShouldBeBitForBit(Matrices.Of([24]));
        layer.Parameters[0].Gradient.ShouldBeBitForBit(Matrix<double>.Build.Dense(4, 2, 2));
        layer.Parameters[1].Gradient.ShouldBeBitForBit(Matrices.Of([1_000_000, 1_000_000]));
    }

    [Fact]
    public void AStrideBeyondTheImageGivesOneValueForEachKernel()
    {
        var layer = new ConvLayer((4, 5, 1), (2, 2), 1, (9, int.MaxValue))
        {
            Weights = Matrices.Of([1, 10, 100, 1000]).Transpose(),
            Bias = Matrices.Of([0])
        };

        layer.OutputShape.Should().Be((1, 1, 1));
        layer.Predict(Matrix<double>.Build.Dense(4, 5, (row, column) => (2 * row) + column)).ShouldBeBitForBit(Matrices.Of([3210]));
    }

    [Fact]
    public void WeightsStartByTheInitializerAndTheLayersFans()
    {
        // fanIn 3 * 2 * 5 = 30, fanOut 3 * 2 * 40 = 240.
        var layer = new ConvLayer((6, 7, 5), (3, 2), 40, (2, 1), Padding.Same, Initializer.GlorotUniform, Draw.Seeded(1));
        double bound = Math.Sqrt(6.0 / (30 + 240));

        layer.Weights.Enumerate().Should().OnlyContain(w => Math.Abs(w) <= bound);
        layer.Weights.Enumerate().Max(Math.Abs).Should().BeGreaterThan(0.99 * bound);
        layer.Bias.Enumerate().Should().OnlyContain(b => b == 0);
        new ConvLayer((6, 7, 5), (3, 2), 4, Initializer.Constant(0.25)).Weights.Enumerate().Should().OnlyContain(w => w == 0.25);
        new ConvLayer((6, 7, 5), (3, 2), 4, random: Draw.Seeded(1)).Weights
            .ShouldBeBitForBit(new ConvLayer((6, 7, 5), (3, 2), 4, (1, 1), random: Draw.Seeded(1)).Weights);
    }
}
