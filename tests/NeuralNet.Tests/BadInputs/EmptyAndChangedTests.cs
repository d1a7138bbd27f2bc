using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Storage;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Matrices without values, and lists that change while Fit reads them.</summary>
public class EmptyAndChangedTests
{
    private static readonly Matrix<double> s_empty = new DenseMatrix(DenseColumnMajorMatrixStorage<double>.OfInit(1, 0, (_, _) => 0));

    private static readonly Matrix<double> s_huge = Matrix<double>.Build.Sparse(50_000, 50_000);

    public static TheoryData<string, Action> Doors => new()
    {
        { "Predict", () => Net().Predict(s_empty) },
        { "Fit", () => Net().Fit([s_empty], [Matrices.Of([1])], 1, 0.1) },
        { "ForwardPropagation", () => new FlattenLayer(3).ForwardPropagation(s_empty) },
        { "ActivationLayer", () => new ActivationLayer(Activations.Tanh, Activations.TanhPrime).Predict(s_empty) },
        { "Parameter", () => _ = new Parameter("W", s_empty) },
        { "GradientCheck", () => GradientCheck.Run(new FlattenLayer(), s_empty) },
        { "Mse", () => Losses.Mse(s_empty, s_empty) },
    };

    [Theory]
    [MemberData(nameof(Doors))]
    public void AMatrixWithoutValuesIsRefusedInWords(string door, Action call) =>
        call.Should().Throw<ArgumentException>(door).WithMessage("*must hold at least one value, but is 1 x 0*");

    /// <summary>MathNet's sparse matrices may have more values than an array holds.</summary>
    public static TheoryData<string, Action> DoorsOfSparseMatrices => new()
    {
        { "Predict", () => Net().Predict(s_huge) },
        { "Predict of many", () => Net().Predict([s_huge]) },
        { "Predict of an activation", () => Tanh().Predict(s_huge) },
        { "Fit", () => Net().Fit([s_huge], [Matrices.Of([1])], 1, 0.1) },
        { "Fit's targets", () => Net().Fit([Matrices.Of([1, 2])], [s_huge], 1, 0.1) },
        { "Fit by options", () => Tanh().Fit([s_huge], [s_huge], new FitOptions()) },
        { "Validation", () =>
            Net().Fit([Matrices.Of([1, 2])], [Matrices.Of([1])], new FitOptions { Validation = ([Matrices.Of([1, 2])], [s_huge]) }) },
        { "Evaluate", () => Tanh().Evaluate([s_huge], [s_huge]) },
        { "ForwardPropagation", () => new FlattenLayer(2).ForwardPropagation(s_huge) },
        { "ActivationLayer", () => new ActivationLayer(Activations.Tanh, Activations.TanhPrime).Predict(s_huge) },
        { "Activations", () => Activations.Relu(s_huge) },
        { "Activations' derivatives", () => Activations.ReluPrime(s_huge) },
        { "Parameter", () => _ = new Parameter("W", s_huge) },
        { "GradientCheck", () => GradientCheck.Run(new FlattenLayer(2), s_huge) },
        { "GradientCheck of a loss", () => GradientCheck.RunLoss(Losses.Mse, Losses.MsePrime, s_huge, s_huge) },
        { "Losses", () => Losses.Mse(s_huge, s_huge) },
        { "Losses' derivatives", () => Losses.MsePrime(s_huge, s_huge) },
        { "Metric", () => Metric.R2.Of([s_huge], [s_huge]) },
    };

    [Theory]
    [MemberData(nameof(DoorsOfSparseMatrices))]
    public void AMatrixOfMoreValuesThanFitIsRefusedInWords(string door, Action call) =>
        call.Should().Throw<ArgumentException>(door)
            .WithMessage("*must hold at most 2,147,483,591 values, but is 50000 x 50000, which is 2,500,000,000.*");

    [Fact]
    public void AUsersLayerThatGivesMoreValuesThanFitIsNamed()
    {
        var net = new Network().Add(new UserLayers.Custom(_ => s_huge, error => error)).Use(Losses.Mse, Losses.MsePrime);

        net.Invoking(it => it.Fit([Matrices.Of([1])], [Matrices.Of([1])], 1, 0.1)).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("Custom's ForwardPropagation returned 50000 x 50000; at most 2,147,483,591 values fit into a matrix.");
    }

    [Theory]
    [InlineData("xTrain")]
    [InlineData("yTrain")]
    public void AListThatChangesDuringFitIsNamed(string name)
    {
        var x = new List<Matrix<double>> { Matrices.Of([1, 2]), Matrices.Of([2, 1]) };
        var y = new List<Matrix<double>> { Matrices.Of([1]), Matrices.Of([0]) };
        foreach (Action<List<Matrix<double>>> change in new Action<List<Matrix<double>>>[]
        {
            list => list.RemoveAt(1), list => list[1] = Matrices.Of([1, 2, 3]), list => list[0] = null!
        })
        {
            var (xs, ys) = (x.ToList(), y.ToList());
            var fit = () => Net().Fit(xs, ys, 3, 0.1, new SynchronousProgress<EpochReport>(_ => change(name == "xTrain" ? xs : ys)));
            fit.Should().Throw<InvalidOperationException>().WithMessage($"{name} was changed during Fit*2 samples*");
        }
    }

    [Fact]
    public void AUsersLayerThatGivesAnErrorOfTheWrongShapeIsNamed()
    {
        var net = new Network().Add(new FCLayer(2, 2)).Add(new Wide()).Use(Losses.Mse, Losses.MsePrime);
        var fit = () => net.Fit([Matrices.Of([1, 2])], [Matrices.Of([1, 2])], 1, 0.1);
        fit.Should().Throw<InvalidOperationException>()
            .WithMessage("Wide's BackwardPropagation returned 3 x 3*in the shape of its input, 1 x 2*");
    }

    [Fact]
    public void AUsersLayerWithoutAListOfParametersIsRefusedByAdd() =>
        FluentActions.Invoking(() => new Network().Add(new Listless()))
            .Should().Throw<ArgumentException>().WithMessage("Listless's Parameters is null*");

    private static Network Net() => new Network().Add(new FCLayer(2, 1)).Use(Losses.Mse, Losses.MsePrime);

    private static Network Tanh() =>
        new Network().Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)).Use(Losses.Mse, Losses.MsePrime);

    private sealed class Wide : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => Output = Input = input;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
            Matrix<double>.Build.Dense(3, 3);
    }

    private sealed class Listless : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters => null!;

        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> Backward(Matrix<double> outputError) => outputError;
    }
}
