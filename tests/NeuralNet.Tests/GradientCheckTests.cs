using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class GradientCheckTests
{
    private static readonly Dictionary<string, (Layer Layer, Matrix<double> Input, string Where)> s_wrongLayers = WrongLayers();

    public static TheoryData<string> WrongLayerNames => [.. s_wrongLayers.Keys];

    public static TheoryData<string, Loss, LossPrime> WrongLosses => new()
    {
        { "factor 2 missing", Losses.Mse, (yTrue, yPred) => Losses.MsePrime(yTrue, yPred) / 2 },
        { "true and predicted swapped", Losses.Mse, (yTrue, yPred) => Losses.MsePrime(yPred, yTrue) },
        { "sum in place of the mean", Losses.Mse, (yTrue, yPred) => 2 * (yPred - yTrue) },
        { "another loss' derivative", Losses.Huber, Losses.MsePrime },
        { "another loss' derivative", Losses.BinaryCrossEntropy, Losses.MsePrime },
        { "one value off", Losses.Mae, (yTrue, yPred) => Spoil(Losses.MaePrime(yTrue, yPred), 1, 2) },
    };

    [Theory]
    [MemberData(nameof(WrongLayerNames))]
    public void AWrongLayerIsCaughtAndThePlaceNamed(string name)
    {
        var (layer, input, where) = s_wrongLayers[name];

        var result = GradientCheck.Run(layer, input);

        result.WorstRelativeError.Should().BeGreaterThan(1e-3);
        result.Where.Should().MatchRegex($@"^{where}\[\d+, \d+\]$");
        result.ToString().Should().Contain(result.Where);
    }

    [Fact]
    public void TheSameLayersUnspoiledPass()
    {
        foreach (var (name, (layer, input, _)) in s_wrongLayers)
        {
            GradientCheck.Run(layer is Spoiled spoiled ? spoiled.Inner : BuiltIn.Layer("Tanh"), input).WorstRelativeError
                .Should().BeLessThan(1e-6, "{0} is right before it is spoiled", name);
        }
    }

    [Theory]
    [InlineData("Weights", 1, 2)]
    [InlineData("Weights", 2, 0)]
    [InlineData("Bias", 0, 1)]
    public void ASingleWrongGradientIsNamedByRowAndColumn(string parameter, int row, int column)
    {
        var layer =
            new Spoiled(FC(3, 4)) { Gradients = layer => Spoil(layer.Parameters.Single(p => p.Name == parameter).Gradient, row, column) };

        var result = GradientCheck.Run(layer, Input(1, 3));

        result.Where.Should().Be($"dE/d{parameter}[{row}, {column}]");
        Math.Abs(result.Analytic - result.Numeric).ShouldBeNear(1, 1e-9);
    }

    [Fact]
    public void ASingleWrongInputErrorIsNamedByRowAndColumn()
    {
        var layer = new Spoiled(new ConvLayer((4, 5, 1), (2, 3), 2, random: Draw.Seeded(1)))
        {
            InputError = (_, inputError, _) => Spoil(inputError, 3, 1)
        };

        GradientCheck.Run(layer, Input(4, 5)).Where.Should().Be("dE/dX[3, 1]");
    }

    [Fact]
    public void DerivativesThatAreNotANumberAreInfinitelyWrong()
    {
        var layer = new Spoiled(FC(3, 4)) { InputError = (_, inputError, _) => inputError * double.NaN };

        GradientCheck.Run(layer, Input(1, 3)).WorstRelativeError.Should().Be(double.PositiveInfinity);
    }

    [Fact]
    public void ALayerWithTheArticlesTwoMethodsIsCheckedAndKeepsItsWeights()
    {
        var weights = Draw.Matrix(3, 4, Draw.Seeded(1));
        var before = weights.Clone();

        GradientCheck.Run(new ArticleLayer(weights, wrong: false), Input(1, 3)).WorstRelativeError.Should().BeLessThan(1e-9);
        var wrong = GradientCheck.Run(new ArticleLayer(weights, wrong: true), Input(1, 3));

        wrong.WorstRelativeError.Should().BeGreaterThan(1e-3);
        wrong.Where.Should().StartWith("dE/dX[");
        weights.ShouldBeBitForBit(before);
    }

    [Fact]
    public void ParametersGradientsAndInputAreLeftBitForBit()
    {
        Layer[] layers =
            [FC(6, 4), new ConvLayer((1, 3, 2), (1, 2), 2, random: Draw.Seeded(1)), BuiltIn.Layer("Gelu"), new FlattenLayer(2)];
        foreach (var input in new[] { Input(1, 6), Matrix<double>.Build.SparseOfMatrix(Input(1, 6)) })
        {
            foreach (var layer in layers)
            {
                var parameters = (layer as TrainableLayer)?.Parameters ?? [];
                foreach (var parameter in parameters)
                {
                    Draw.Matrix(parameter.Value.RowCount, parameter.Value.ColumnCount, Draw.Seeded(2)).CopyTo(parameter.Gradient);
                }

                var values = parameters.Select(parameter => parameter.Value).ToArray();
                var gradients = parameters.Select(parameter => parameter.Gradient).ToArray();
                var (valuesBefore, gradientsBefore, inputBefore) = (values.Clones(), gradients.Clones(), input.Clone());

                GradientCheck.Run(layer, input).WorstRelativeError.Should().BeLessThan(1e-6);

                parameters.Select(parameter => parameter.Value).Should().Equal(values, ReferenceEquals);
                values.ShouldBeBitForBit(valuesBefore, "values");
                gradients.ShouldBeBitForBit(gradientsBefore, "gradients");
                input.ShouldBeBitForBit(inputBefore, "input");
            }
        }
    }

    [Fact]
    public void ParametersAndGradientsAreRestoredWhenTheLayerThrows()
    {
        for (int call = 1; call <= 60; call += 7)
        {
            int calls = 0;
            var layer = new Spoiled(FC(3, 4));
            layer.Forward = () =>
            {
                if (++calls == call)
                {
                    throw new NotSupportedException();
                }
            };
            layer.Parameters[0].Gradient[1, 1] = 5;
            var values = layer.Parameters.Select(parameter => parameter.Value).Clones();
            var gradients = layer.Parameters.Select(parameter => parameter.Gradient).Clones();

            layer.Invoking(l => GradientCheck.Run(l, Input(1, 3))).Should().Throw<NotSupportedException>();

            layer.Parameters.Select(parameter => parameter.Value).ToArray().ShouldBeBitForBit(values, "values");
            layer.Parameters.Select(parameter => parameter.Gradient).ToArray().ShouldBeBitForBit(gradients, "gradients");
        }
    }

    [Fact]
    public void WithoutARandomTwoRunsGiveTheSame() => GradientCheck.Run(FC(3, 4), Input(1, 3))
        .Should().Be(GradientCheck.Run(FC(3, 4), Input(1, 3)));

    [Fact]
    public void TheOutputErrorIsDrawnFromTheGivenRandom() =>
        GradientCheck.Run(FC(3, 4), Input(1, 3), Draw.Seeded(5)).Should().NotBe(GradientCheck.Run(FC(3, 4), Input(1, 3), Draw.Seeded(6)));

    [Theory]
    [MemberData(nameof(WrongLosses))]
    public void AWrongLossIsCaught(string what, Loss loss, LossPrime lossPrime)
    {
        var random = Draw.Seeded(1);
        var (yTrue, yPred) = (Matrices.Uniform(2, 3, random, 0, 0.4), Matrices.Uniform(2, 3, random, 0.5, 0.9));
        yPred = loss == Losses.Huber ? yPred + 1 : yPred;

        var result = GradientCheck.RunLoss(loss, lossPrime, yTrue, yPred);

        result.WorstRelativeError.Should().BeGreaterThan(1e-3, what);
        result.Where.Should().MatchRegex(what == "one value off" ? @"^dE/dY\[1, 2\]$" : @"^dE/dY\[\d, \d\]$");
    }

    [Fact]
    public void ALossCheckLeavesItsMatricesBitForBit()
    {
        var (yTrue, yPred) = (Input(2, 3), Input(2, 3) + 1.5);
        var (trueBefore, predBefore) = (yTrue.Clone(), yPred.Clone());

        GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, yTrue, yPred);

        yTrue.ShouldBeBitForBit(trueBefore);
        yPred.ShouldBeBitForBit(predBefore);
    }

    /// <summary>Right layers, each spoiled in one way that is easily got wrong, and where that must show.</summary>
    private static Dictionary<string, (Layer Layer, Matrix<double> Input, string Where)> WrongLayers() => new()
    {
        ["FC: weights not transposed on the way back"] =
            (new Spoiled(FC(4, 4)) { InputError = (e, _, layer) => e * ((FCLayer)layer).Weights }, Input(1, 4), "dE/dX"),
        ["FC: factor in the weights' gradient"] = (
            new Spoiled(FC(3, 4)) { Gradients = layer => layer.Parameters[0].Gradient.Multiply(0.5, layer.Parameters[0].Gradient) },
            Input(1, 3),
            "dE/dWeights"),
        ["FC: sign of the weights' gradient"] = (
            new Spoiled(FC(3, 4)) { Gradients = layer => layer.Parameters[0].Gradient.Negate(layer.Parameters[0].Gradient) },
            Input(1, 3),
            "dE/dWeights"),
        ["FC: weights' gradient transposed"] = (
            new Spoiled(FC(4, 4)) { Gradients = layer => layer.Parameters[0].Gradient.Transpose().CopyTo(layer.Parameters[0].Gradient) },
            Input(1, 4),
            "dE/dWeights"),
        ["FC: no gradient for the bias"] =
            (new Spoiled(FC(3, 4)) { Gradients = layer => layer.Parameters[1].Gradient.Clear() }, Input(1, 3), "dE/dBias"),
        ["FC: sign of the input's error"] =
            (new Spoiled(FC(3, 4)) { InputError = (_, inputError, _) => -inputError }, Input(1, 3), "dE/dX"),
        ["Conv: bias' gradient times the layer's depth, as in the article"] = (
            new Spoiled(Conv()) { Gradients = layer => layer.Parameters[1].Gradient.Multiply(2, layer.Parameters[1].Gradient) },
            Input(5, 10),
            "dE/dBias"),
        ["Conv: rows and columns of the kernels' gradient swapped"] =
            (new Spoiled(Conv()) { Gradients = layer => SwapRowsAndColumns(layer.Parameters[0].Gradient) }, Input(5, 10), "dE/dWeights"),
        ["Conv: kernel turned around on the way back"] =
            (new Spoiled(Conv()) { InputError = (e, _, layer) => InputErrorOfTurned((ConvLayer)layer, e) }, Input(5, 10), "dE/dX"),
        ["Conv: planes of the input's error swapped"] = (
            new Spoiled(Conv()) { InputError = (_, error, _) => error.SubMatrix(0, 5, 5, 5).Append(error.SubMatrix(0, 5, 0, 5)) },
            Input(5, 10),
            "dE/dX"),
        ["Flatten: column by column on the way back"] = (
            new Spoiled(new FlattenLayer()) { InputError = (e, _, _) => Matrix<double>.Build.Dense(3, 4, e.ToRowMajorArray()) },
            Input(3, 4),
            "dE/dX"),
        ["Activation: derivative missing"] = (new Spoiled(BuiltIn.Layer("Tanh")) { InputError = (e, _, _) => e }, Input(3, 4), "dE/dX"),
        ["Activation: derivative at Y in place of X"] =
            (new ActivationLayer(Activations.Tanh, x => Activations.TanhPrime(Activations.Tanh(x))), Input(3, 4), "dE/dX"),
        ["Activation: another function's derivative"] =
            (new ActivationLayer(Activations.Tanh, x => Activations.SigmoidPrime(x).Clone()), Input(3, 4), "dE/dX"),
    };

    private static FCLayer FC(int inputs, int outputs) => new(inputs, outputs, random: Draw.Seeded(1));

    private static ConvLayer Conv() => new((5, 5, 2), (3, 3), 2, random: Draw.Seeded(1));

    private static Matrix<double> Input(int rows, int columns) => Draw.Matrix(rows, columns, Draw.Seeded(3));

    private static Matrix<double> Spoil(Matrix<double> matrix, int row, int column)
    {
        matrix[row, column] += 1;
        return matrix;
    }

    private static void SwapRowsAndColumns(Matrix<double> kernels)
    {
        var right = kernels.Clone();
        for (int row = 0; row < kernels.RowCount; row++)
        {
            kernels.SetRow(row, right.Row((row / 9 * 9) + (row % 3 * 3) + (row % 9 / 3)));
        }
    }

    private static Matrix<double> InputErrorOfTurned(ConvLayer layer, Matrix<double> outputError)
    {
        var turned = Conv();
        turned.Weights = Matrix<double>.Build.Dense(18, 2, (row, column) => layer.Weights[(row / 9 * 9) + (8 - (row % 9)), column]);
        turned.ForwardPropagation(layer.Input!);
        return turned.Backward(outputError);
    }

    private sealed class Spoiled(Layer inner) : TrainableLayer
    {
        public Layer Inner => inner;

        /// <summary>dE/dX from dE/dY, the right dE/dX and the layer.</summary>
        public Func<Matrix<double>, Matrix<double>, Layer, Matrix<double>>? InputError { get; init; }

        public Action<TrainableLayer>? Gradients { get; init; }

        public Action? Forward { get; set; }

        public override IReadOnlyList<Parameter> Parameters => (inner as TrainableLayer)?.Parameters ?? [];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Forward?.Invoke();
            return inner.ForwardPropagation(input);
        }

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            var inputError = inner is TrainableLayer trainable
                ? trainable.Backward(outputError)
                : inner.BackwardPropagation(outputError, 0);
            Gradients?.Invoke((TrainableLayer)inner);
            return InputError is null ? inputError : InputError(outputError, inputError, inner);
        }
    }

    private sealed class ArticleLayer(Matrix<double> weights, bool wrong) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            return Output = input * weights;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
        {
            var inputError = outputError * weights.Transpose();
            weights.Subtract(learningRate * Input!.Transpose() * outputError, weights);
            return wrong ? inputError.PointwiseAbs() : inputError;
        }
    }
}
