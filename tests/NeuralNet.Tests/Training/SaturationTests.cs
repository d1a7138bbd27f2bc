using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>A network that ends in probabilities, with a cross-entropy of them, however sure it is: E and dE/dZ are right at any
/// logit.</summary>
public class SaturationTests
{
    private const double Exact = 1e-15;

    /// <summary>z, t, E and σ(z) - t, of 400 digits rounded once.</summary>
    public static TheoryData<double, double, double, double> BinaryCases => new()
    {
        { -745, 0, 5e-324, 5e-324 },
        { -745, 1, 745, -1 },
        { -720, 0, 2.0322308024e-313, 2.0322308024e-313 },
        { -720, 0.25, 180, -0.25 },
        { -30, 0, 9.357622968839737e-14, 9.357622968839299e-14 },
        { -30, 1, 30.000000000000092, -0.9999999999999064 },
        { -30, 0.25, 7.500000000000093, -0.24999999999990644 },
        { -1, 1, 1.3132616875182228, -0.7310585786300049 },
        { 0, 0, 0.6931471805599453, 0.5 },
        { 2, 0.25, 1.6269280110429725, 0.6307970779778824 },
        { 30, 0, 30.000000000000092, 0.9999999999999064 },
        { 37, 1, 8.533047625744066e-17, -8.533047625744065e-17 },
        { 50, 0, 50, 1 },
        { 50, 1, 1.9287498479639178e-22, -1.9287498479639178e-22 },
        { 700, 1, 9.85967654375977e-305, -9.85967654375977e-305 },
        { 1e300, 0, 1e300, 1 },
        { 1e300, 1, 0, 0 },
    };

    public static TheoryData<string> Heads => ["Sigmoid", "Softmax"];

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void SigmoidAndBinaryCrossEntropyAreExactInFitSampleBySample(double z, double t, double loss, double derivative)
    {
        var (network, layer) = Binary(z);

        var history = network.Fit([Draw.Row(1)], [Draw.Row(t)], epochs: 1, learningRate: 1);

        history.Losses[0].ShouldBeNear(loss, Exact);
        (-layer.Bias[0, 0]).ShouldBeNear(derivative, Exact);
    }

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void SigmoidAndBinaryCrossEntropyAreExactInFitByBatches(double z, double t, double loss, double derivative)
    {
        var (network, layer) = Binary(z);

        var history = network.Fit(
            [Draw.Row(1), Draw.Row(1)], [Draw.Row(t), Draw.Row(t)], new FitOptions { Epochs = 1, BatchSize = 2, Optimizer = new Sgd(1) });

        history.Losses[0].ShouldBeNear(loss, Exact);
        (-layer.Bias[0, 0]).ShouldBeNear(derivative, Exact);
    }

    [Theory]
    [MemberData(nameof(BinaryCases))]
    public void SigmoidAndBinaryCrossEntropyAreExactInEvaluateAndValidation(double z, double t, double loss, double derivative)
    {
        var (network, _) = Binary(z);
        (Matrix<double>[] X, Matrix<double>[] Y) set = ([Draw.Row(1)], [Draw.Row(t)]);

        network.Evaluate(set.X, set.Y).Loss.ShouldBeNear(loss, Exact);
        var history = network.Fit(set.X, set.Y, new FitOptions { Epochs = 1, Optimizer = new Sgd(double.Epsilon), Validation = set });

        history.ValidationLosses[0].ShouldBeNear(loss, Exact);
        double.IsFinite(derivative).Should().BeTrue();
    }

    [Theory]
    [InlineData(30, 1, 30.000000000000092, 0.9999999999999064, 9.357622968839299e-14)]
    [InlineData(50, 0, 1.9287498479639178e-22, -1.9287498479639178e-22, 1.9287498479639178e-22)]
    [InlineData(50, 1, 50, 1, 1.9287498479639178e-22)]
    [InlineData(800, 1, 800, 1, 0)]
    [InlineData(1e300, 1, 1e300, 1, 0)]
    [InlineData(1e300, 0, 0, 0, 0)]
    public void SoftmaxAndCategoricalCrossEntropyAreExactEverywhere(double z, int answer, double loss, double first, double small)
    {
        // Logits z and 0: dE/dZ of the first is p - t, of the second the opposite.
        Matrix<double>[] x = [Draw.Row(1), Draw.Row(1)];
        Matrix<double>[] y = [Draw.Row(1 - answer, answer), Draw.Row(1 - answer, answer)];
        double second = answer == 0 ? small : -first;
        foreach (int batch in new[] { 0, 2 })
        {
            var layer = new FCLayer(1, 2, Initializer.Zeros) { Weights = Draw.Row(z, 0) };
            var network = new Network().Add(layer).Add(new SoftmaxLayer()).Use(LossFunction.CategoricalCrossEntropy);

            network.Evaluate(x, y).Loss.ShouldBeNear(loss, Exact);
            var history = batch == 0
                ? network.Fit(x[..1], y[..1], epochs: 1, learningRate: 1)
                : network.Fit(x, y, new FitOptions { Epochs = 1, BatchSize = batch, Optimizer = new Sgd(1), Validation = (x, y) });

            history.Losses[0].ShouldBeNear(loss, Exact);
            (-layer.Bias).ShouldBeNear(Draw.Row(first, second), Exact);
        }
    }

    [Fact]
    public void ANetworkThatIsSureAndWrongLearns()
    {
        var (network, _) = Binary(50);

        var history = network.Fit([Draw.Row(1)], [Draw.Row(0)], epochs: 200, learningRate: 0.5);

        history.Losses[0].Should().Be(50);
        history.Losses[^1].Should().BeLessThan(0.1);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void TheBitsDoNotDependOnThreadsAndTheLossIsTheSameByEveryPath(string head)
    {
        var x = Draw.Matrices(70, 1, 200, Draw.Seeded(1));
        Matrix<double>[] y = [.. x.Select((_, i) => Matrix<double>.Build.Dense(1, 100, (_, column) => column == i ? 1 : 0))];
        string? bits = null;
        foreach (int threads in new[] { 1, 2, 3 })
        {
            var network = Wide(head);
            var options = new FitOptions
            {
                Epochs = 2,
                BatchSize = 64,
                Seed = 1,
                ValidationSplit = 0.2,
                Optimizer = new Adam(0.01),
                MaxDegreeOfParallelism = threads,
            };

            var history = network.Fit(x, y, options);

            var losses = history.Losses.Concat(history.ValidationLosses).Select(loss => loss.ToString("R"));
            string now = string.Join(' ', losses) + Fingerprint.OfParameters(network.Layers);
            now.Should().Be(bits ??= now);
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void TheMetricsSeeTheOutputsOfTheNetwork(string head)
    {
        var network = Wide(head);
        var x = Draw.Matrices(5, 1, 200, Draw.Seeded(2));
        IReadOnlyList<Matrix<double>>? seen = null;
        var metric = new Metric("seen", (_, yPred) => (seen = yPred).Count, higherIsBetter: true);

        network.Evaluate(x, Draw.Matrices(5, 1, 100, Draw.Seeded(3)), metric);

        seen!.ShouldBeBitForBit(network.Predict(x), "the predictions");
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void ANetworkOfTheLastLayerAloneHasTheLossOfItsInputAndNothingToLearn(string head)
    {
        var network = Last(new Network(), head);
        Matrix<double>[] x = [Draw.Row(800, 0)];
        Matrix<double>[] y = [Draw.Row(0, 1)];
        double loss = head == "Sigmoid" ? (800 + Math.Log(2)) / 2 : 800;

        network.Evaluate(x, y).Loss.Should().Be(loss);
        network.Fit(x, y, 1, 1).Losses[0].Should().Be(loss);
        network.Fit(x, y, new FitOptions { Epochs = 1, BatchSize = 2 }).Losses[0].Should().Be(loss);
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void AUsersLayerBeforeTheLastGetsTheExactError(string head)
    {
        var errors = new List<Matrix<double>>();
        var network = Last(new Network().Add(new Listening(errors)), head);
        Matrix<double>[] x = [Draw.Row(800, 0), Draw.Row(800, 0)];
        Matrix<double>[] y = [Draw.Row(0, 1), Draw.Row(0, 1)];

        network.Fit(x[..1], y[..1], 1, 1);
        network.Fit(x, y, new FitOptions { Epochs = 1, BatchSize = 2 });

        errors.Should().HaveCount(3)
            .And.AllSatisfy(error => error.ShouldBeBitForBit(head == "Sigmoid" ? Draw.Row(0.5, -0.25) : Draw.Row(1, -1)));
    }

    [Fact]
    public void OnlyThePairsThatBelongTogetherAreComputedTogether()
    {
        // A probability that has rounded to 1 is all that these losses see.
        var probability = Math.Log(1 - Math.BitDecrement(1));

        Loss(new SoftmaxLayer(), LossFunction.BinaryCrossEntropy, Draw.Row(800, 0), Draw.Row(0, 0)).ShouldBeNear(-probability / 2, 1e-15);
        Loss(BuiltIn.Layer("Sigmoid"), LossFunction.CategoricalCrossEntropy, Draw.Row(-800, 0), Draw.Row(1, 0))
            .ShouldBeNear(-Math.Log(double.Epsilon), 1e-15);
        Loss(BuiltIn.Layer("Sigmoid"), LossFunction.Mse, Draw.Row(800, 800), Draw.Row(0, 1)).Should().Be(0.5);
        Loss(BuiltIn.Layer("Linear"), LossFunction.BinaryCrossEntropy, Draw.Row(1, 0), Draw.Row(1, 0)).Should().Be(0);

        static double Loss(Layer layer, LossFunction loss, Matrix<double> x, Matrix<double> y) =>
            new Network().Add(layer).Use(loss).Evaluate([x], [y]).Loss;
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(0.3)]
    [InlineData(50)]
    [InlineData(700)]
    public void TheGradientCheckSeesWhatFitComputes(double z)
    {
        foreach (double t in new[] { 0, 0.25, 1 })
        {
            var (yTrue, logits) = (Draw.Row(t, 1 - t), Draw.Row(z, 0.2));
            GradientCheck.RunLoss(LossFunction.BinaryCrossEntropy, yTrue, logits, BuiltIn.Layer("Sigmoid")).WorstRelativeError
                .Should().BeLessThan(1e-6);
            GradientCheck.RunLoss(LossFunction.CategoricalCrossEntropy, yTrue, logits, new SoftmaxLayer()).WorstRelativeError
                .Should().BeLessThan(1e-6);
        }
    }

    [Fact]
    public void TheGradientCheckOfALossTakesALayerThatItHasNothingInCommonWith()
    {
        GradientCheck.RunLoss(LossFunction.Mse, Draw.Row(0.2, 1), Draw.Row(0.3, -0.4), BuiltIn.Layer("Tanh")).WorstRelativeError
            .Should().BeLessThan(1e-6);
        GradientCheck.RunLoss(LossFunction.Huber, Draw.Row(0.2, 1), Draw.Row(0.3, -0.4)).WorstRelativeError.Should().BeLessThan(1e-6);
    }

    private static (Network Network, FCLayer Layer) Binary(double z)
    {
        var layer = new FCLayer(1, 1, Initializer.Zeros) { Weights = Draw.Row(z) };
        return (new Network().Add(layer).Add(new ActivationLayer(ActivationFunction.Sigmoid)).Use(LossFunction.BinaryCrossEntropy), layer);
    }

    private static Network Wide(string head) =>
        Last(new Network().Add(new FCLayer(200, 100, Initializer.GlorotUniform, Draw.Seeded(1))), head);

    private static Network Last(Network network, string head) => head == "Sigmoid"
        ? network.Add(new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))
            .Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime)
        : network.Add(new SoftmaxLayer()).Use(Losses.CategoricalCrossEntropy, Losses.CategoricalCrossEntropyPrime);

    private sealed class Listening(List<Matrix<double>> errors) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => Output = (Input = input).Clone();

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
        {
            errors.Add(outputError.Clone());
            return outputError;
        }
    }
}
