using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class FCLayerTests
{
    private static FCLayer Layer => new(3, 2)
    {
        Weights = Matrices.Of([1, 2], [3, 4], [5, 6]),
        Bias = Matrices.Of([10, 20]),
    };

    [Fact]
    public void OutputIsInputTimesWeightsPlusBias()
    {
        var layer = Layer;
        var x = Matrices.Of([1, 2, -1]);

        // 1 * 1 + 2 * 3 - 1 * 5 + 10 and 1 * 2 + 2 * 4 - 1 * 6 + 20
        layer.ForwardPropagation(x).ShouldBeBitForBit(Matrices.Of([12, 24]));
        layer.Predict(x).ShouldBeBitForBit(Matrices.Of([12, 24]));
        layer.Input.Should().BeSameAs(x);
        layer.Output!.ShouldBeBitForBit(Matrices.Of([12, 24]));
    }

    [Fact]
    public void BackwardGivesTheThreeDerivativesAndUpdatesNothing()
    {
        var layer = Layer;
        layer.ForwardPropagation(Matrices.Of([1, 2, -1]));

        var inputError = layer.Backward(Matrices.Of([1, -2]));

        inputError.ShouldBeBitForBit(Matrices.Of([1 - 4, 3 - 8, 5 - 12]));
        layer.Parameters[0].Gradient.ShouldBeBitForBit(Matrices.Of([1, -2], [2, -4], [-1, 2]));
        layer.Parameters[1].Gradient.ShouldBeBitForBit(Matrices.Of([1, -2]));
        layer.Weights.ShouldBeBitForBit(Layer.Weights);
        layer.Bias.ShouldBeBitForBit(Layer.Bias);
    }

    [Fact]
    public void BackwardPropagationStepsAgainstTheGradientAndGivesTheErrorOfTheWeightsBeforeIt()
    {
        var layer = Layer;
        layer.ForwardPropagation(Matrices.Of([1, 2, -1]));

        layer.BackwardPropagation(Matrices.Of([1, -2]), 0.5).ShouldBeBitForBit(Matrices.Of([-3, -5, -7]));

        layer.Weights.ShouldBeBitForBit(Matrices.Of([0.5, 3], [2, 6], [5.5, 5]));
        layer.Bias.ShouldBeBitForBit(Matrices.Of([9.5, 21]));
    }

    [Fact]
    public void ParametersAreWeightsAndBiasInThatOrderAndTheSameObjectsForEver()
    {
        var layer = Layer;
        var parameters = layer.Parameters.ToArray();

        layer.Weights = Matrices.Of([0, 0], [0, 0], [0, 0]);
        layer.ForwardPropagation(Matrices.Of([1, 2, 3]));
        layer.BackwardPropagation(Matrices.Of([1, 1]), 0.1);

        layer.Parameters.Should().Equal(parameters, ReferenceEquals);
        parameters.Select(parameter => parameter.Name).Should().Equal("Weights", "Bias");
        parameters.Select(parameter => parameter.ToString()).Should().Equal("Weights 3 x 2", "Bias 1 x 2");
        parameters[0].Value.Should().BeSameAs(layer.Weights);
        parameters[1].Value.Should().BeSameAs(layer.Bias);
    }

    [Fact]
    public void WeightsAndBiasAreTheLiveMatrices()
    {
        var layer = Layer;
        var (weights, bias) = (layer.Weights, layer.Bias);

        weights[0, 0] = 100;
        bias[0, 1] = -20;

        layer.Predict(Matrices.Of([1, 0, 0])).ShouldBeBitForBit(Matrices.Of([110, -18]));
        layer.ForwardPropagation(Matrices.Of([1, 0, 0]));
        layer.BackwardPropagation(Matrices.Of([1, 1]), 1);
        weights[0, 0].Should().Be(99);
        bias[0, 1].Should().Be(-21);
        layer.Weights.Should().BeSameAs(weights);
        layer.Bias.Should().BeSameAs(bias);
    }

    [Fact]
    public void SettingWeightsCopiesThemFromAMatrixOfAnyStorage()
    {
        var layer = new FCLayer(2, 2);
        var live = layer.Weights;
        var diagonal = Matrix<double>.Build.DiagonalOfDiagonalArray([2, 3]);
        var sparse = Matrix<double>.Build.SparseOfRowArrays([[0, 5]]);

        layer.Weights = diagonal;
        layer.Bias = sparse;
        diagonal[0, 0] = 7;
        sparse[0, 1] = 7;

        layer.Weights.Should().BeSameAs(live);
        layer.Weights.Storage.IsDense.Should().BeTrue();
        layer.Bias.Storage.IsDense.Should().BeTrue();
        layer.Predict(Matrices.Of([1, 1])).ShouldBeBitForBit(Matrices.Of([2, 8]));
    }

    [Fact]
    public void WithoutAnInitializerWeightsAndBiasAreUniformFromMinusAHalfToAHalf()
    {
        var layer = new FCLayer(100, 80, random: Draw.Seeded(1));
        var values = layer.Weights.Enumerate().Concat(layer.Bias.Enumerate()).ToArray();

        values.Should().OnlyContain(v => v >= -0.5 && v < 0.5);
        values.Max().Should().BeGreaterThan(0.499);
        values.Min().Should().BeLessThan(-0.499);

        // Of 8,080 values with variance 1/12: five standard errors.
        Math.Abs(values.Average()).Should().BeLessThan(5 * Math.Sqrt(1 / 12.0 / values.Length));
        values.Distinct().Should().HaveCount(values.Length);
    }

    [Fact]
    public void AnInitializersRangeHoldsForWeightsAndBias()
    {
        var layer = new FCLayer(20, 30, Initializer.Uniform(2, 5), Draw.Seeded(1));

        layer.Weights.Enumerate().Should().OnlyContain(v => v >= 2 && v < 5);
        layer.Bias.Enumerate().Should().OnlyContain(v => v >= 2 && v < 5);
    }

    [Fact]
    public void WithoutARandomTwoLayersDiffer() => new FCLayer(3, 4).Weights.Should().NotBe(new FCLayer(3, 4).Weights);

    [Fact]
    public void WeightsStartByTheInitializerAndTheLayersFans()
    {
        var layer = new FCLayer(400, 100, Initializer.HeNormal, Draw.Seeded(1));

        // Of 40,000 normal values the variance has a standard error of √(2 / 40000) of itself: five of them.
        (layer.Weights.Enumerate().Average(w => w * w) / (2.0 / 400)).Should().BeApproximately(1, 5 * Math.Sqrt(2.0 / 40_000));
        layer.Bias.Enumerate().Should().OnlyContain(b => b == 0);
    }

    [Fact]
    public void EveryRowIsTimesWeightsPlusBiasAndTheBiassGradientIsTheSumOverRows()
    {
        var layer = Layer;
        var x = Matrices.Of([1, 2, -1], [0, 1, 0]);

        layer.ForwardPropagation(x).ShouldBeBitForBit(Matrices.Of([12, 24], [13, 24]));
        layer.Backward(Matrices.Of([1, -2], [3, 0])).ShouldBeBitForBit(Matrices.Of([-3, -5, -7], [3, 9, 15]));

        layer.Parameters[0].Gradient.ShouldBeBitForBit(Matrices.Of([1, -2], [2 + 3, -4], [-1, 2]));
        layer.Parameters[1].Gradient.ShouldBeBitForBit(Matrices.Of([4, -2]));
        layer.BackwardPropagation(Matrices.Of([1, -2], [3, 0]), 1);
        layer.Weights.ShouldBeBitForBit(Matrices.Of([0, 4], [-2, 8], [6, 4]));
        layer.Bias.ShouldBeBitForBit(Matrices.Of([6, 22]));
    }

    [Fact]
    public void ARowHasTheSameBitsAloneAndAmongOthers()
    {
        var layer = new FCLayer(37, 13, random: Draw.Seeded(1));
        var x = Draw.Matrix(9, 37, Draw.Seeded(2));
        var error = Draw.Matrix(9, 13, Draw.Seeded(3));
        var y = layer.ForwardPropagation(x);
        var inputError = layer.Backward(error);

        for (int row = 0; row < 9; row++)
        {
            layer.ForwardPropagation(x.SubMatrix(row, 1, 0, 37)).ShouldBeBitForBit(y.SubMatrix(row, 1, 0, 13));
            layer.Backward(error.SubMatrix(row, 1, 0, 13)).ShouldBeBitForBit(inputError.SubMatrix(row, 1, 0, 37));
        }
    }

    [Fact]
    public void RowsAgreeWithPyTorch()
    {
        const double Tolerance = 1e-10;
        var golden = GoldenFile.Read("sequences.json").GetProperty("rowwiseLinear");
        var parameters = golden.GetProperty("parameters");
        var weights = parameters.GetProperty("weight").Matrix().Transpose();
        var layer = new FCLayer(weights.RowCount, weights.ColumnCount) { Weights = weights, Bias = parameters.GetProperty("bias").Row() };

        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            Matrix<double> Of(string name) => golden.GetProperty(name)[sample].Matrix();
            Of("input").RowCount.Should().BeGreaterThan(1);
            layer.ForwardPropagation(Of("input")).ShouldBeNear(Of("output"), Tolerance, what: "output");
            layer.Predict(Of("input")).ShouldBeNear(Of("output"), Tolerance, what: "prediction");
            layer.Backward(Of("outputError")).ShouldBeNear(Of("inputError"), Tolerance, what: "inputError");
        }

        var errors = golden.GetProperty("parameterErrors");
        layer.Parameters[0].Gradient.ShouldBeNear(errors.GetProperty("weight").Matrix().Transpose(), Tolerance, what: "weight");
        layer.Parameters[1].Gradient.ShouldBeNear(errors.GetProperty("bias").Row(), Tolerance, what: "bias");
    }

    [Fact]
    public void ALayerForSeveralRowsCanFollowOneThatTakesAnyNumber()
    {
        var net = new Network().Add(new FCLayer(3, 8)).Add(new FlattenLayer()).Add(new FCLayer(160, 1)).Use(LossFunction.Mse);

        net.Predict(Draw.Matrix(20, 3, Draw.Seeded(1))).RowCount.Should().Be(1);
        net.Summary().Should().Contain("│ 20 x 8 ").And.Contain("│ 1 x 160 ");
        net.Invoking(one => one.Predict(Draw.Matrix(19, 3, Draw.Seeded(1)))).Should().ThrowExactly<ArgumentException>()
            .WithMessage("FCLayer(160 -> 1) expects a 1 x 160 input, but got 1 x 152.*");
        net.Invoking(one => one.Add(new FCLayer(2, 1))).Should().ThrowExactly<ArgumentException>()
            .WithMessage("FCLayer(2 -> 1) expects a 1 x 2 input, but got 1 x 1.*");

        new Network().Add(new FCLayer(3, 8)).Add(new ConvLayer((6, 8, 1), (2, 8), 2)).Predict(Draw.Matrix(6, 3, Draw.Seeded(1)))
            .RowCount.Should().Be(5);
    }

    /// <summary>5 rows for the first convolution, then 2 (T - 4) - 2 = 38 values for the layer behind it.</summary>
    [Fact]
    public void TheFewestRowsAreFoundThatAllLayersCanTake()
    {
        var net = new Network().Add(new FCLayer(3, 8)).Add(new Conv1DLayer(8, 2, 5));
        net.Summary().Should().Contain("│ 5 x 8 ").And.Contain("│ 1 x 2 ");

        net.Add(new Conv1DLayer(2, 2, 2)).Add(new FlattenLayer()).Add(new FCLayer(38, 1));
        net.Summary().Should().Contain("│ 24 x 8 ").And.Contain("│ 19 x 2 ").And.Contain("│ 1 x 38 ");

        net.Invoking(one => one.Add(new FCLayer(7, 1))).Should().ThrowExactly<ArgumentException>();
        new Network().Add(new FCLayer(3, 8)).Add(new FlattenLayer()).Invoking(one => one.Add(new FCLayer(161, 1)))
            .Should().ThrowExactly<ArgumentException>().WithMessage("FCLayer(161 -> 1) expects a 1 x 161 input, but got 1 x 8.*");
    }

    [Fact]
    public void PlanesOfAnImageAreNoRows() =>
        new Network().Add(new ConvLayer((4, 4, 1), (2, 2), 2)).Invoking(net => net.Add(new FCLayer(6, 1)))
            .Should().ThrowExactly<ArgumentException>().WithMessage(
                "FCLayer(6 -> 1) expects a 1 x 6 input, but got 3 x 3 x 2. "
                + "Add a FlattenLayer before it, and make this one new FCLayer(18, 1).*");

    /// <summary>Rows may be those of one image, or steps: both ways out are named.</summary>
    [Fact]
    public void RowsOfOtherWidthsAreToldBothWaysOut() =>
        new FCLayer(4, 2).Invoking(layer => layer.ForwardPropagation(Draw.Matrix(5, 3, Draw.Seeded(1))))
            .Should().ThrowExactly<ArgumentException>().WithMessage(
                "FCLayer(4 -> 2) expects a 1 x 4 input, but got 5 x 3. Add a FlattenLayer before it, and make this one new FCLayer(15, 2); "
                + "for rows that are steps of a sequence, or of a table, make it new FCLayer(3, 2).*");
}
