using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

/// <summary>
/// The gradients of a mini-batch against finite differences of its mean loss, both through Fit: no relative error above 1e-6.
/// </summary>
public class BatchGradientTests
{
    private const double Worst = 1e-6;
    private const double H = 1e-5;

    /// <summary>Networks by name: rows and columns of a sample, and layers; no two sizes are the same where they may differ.</summary>
    private static readonly Dictionary<string, (int Rows, int Columns, int Samples, Func<Random, Layer[]> Make)> s_networks = new()
    {
        ["strided Conv"] = (7, 10, 3, random =>
            [new ConvLayer((7, 5, 2), (3, 2), 3, (2, 3), random: random), Tanh, new FlattenLayer(), new FCLayer(18, 4, random: random)]),
        ["padded Conv twice"] = (4, 5, 3, random =>
        [
            new ConvLayer((4, 5, 1), (3, 2), 2, (1, 1), Padding.Same, random: random), Tanh,
            new ConvLayer((4, 5, 2), (2, 3), 3, (2, 1), new Padding(1, 2), random: random), Tanh, new FlattenLayer(),
            new FCLayer(63, 2, random: random),
        ]),
        ["MaxPool"] = (7, 12, 4, random =>
        [
            new ConvLayer((7, 6, 2), (2, 3), 3, random: random), Tanh, new MaxPoolLayer((6, 4, 3), (3, 2), (2, 1)), new FlattenLayer(),
            new FCLayer(18, 2, random: random)
        ]),
        ["AveragePool"] = (7, 12, 4, random =>
        [
            new ConvLayer((7, 6, 2), (2, 3), 3, random: random), Tanh, new AveragePoolLayer((6, 4, 3), (3, 2), (2, 1)), new FlattenLayer(),
            new FCLayer(18, 2, random: random)
        ]),
        ["Dropout"] = (1, 6, 5, random =>
        [
            new DropoutLayer(0.2), new FCLayer(6, 7, random: random), Tanh, new DropoutLayer(0.5, Draw.Seeded(8)),
            new FCLayer(7, 3, random: random), new DropoutLayer(0.3)
        ]),
        ["BatchNorm of rows"] = (1, 6, 5, random =>
        [
            new BatchNormLayer(6), new FCLayer(6, 4, random: random), new BatchNormLayer(4), Tanh, new FCLayer(4, 3, random: random),
            new BatchNormLayer(3)
        ]),
        ["BatchNorm of images"] = (5, 8, 3, random =>
        [
            new ConvLayer((5, 4, 2), (2, 3), 3, random: random), new BatchNormLayer((4, 2, 3)), Tanh,
            new ConvLayer((4, 2, 3), (3, 1), 2, random: random), new BatchNormLayer((2, 2, 2)), new FlattenLayer(),
            new FCLayer(8, 3, random: random),
        ]),
        ["Softmax"] = (1, 6, 5, random =>
            [new FCLayer(6, 4, random: random), new SoftmaxLayer(), new FCLayer(4, 3, random: random), new SoftmaxLayer()]),
        ["all of them"] = (8, 9, 6, random =>
        [
            new ConvLayer((8, 9, 1), (3, 4), 3, (1, 2), Padding.Same, random: random), new BatchNormLayer((8, 5, 3)), Tanh,
            new MaxPoolLayer((8, 5, 3), (2, 3), (2, 2)), new DropoutLayer(0.2),
            new ConvLayer((4, 2, 3), (2, 2), 4, (1, 1), 1, random: random), Tanh, new AveragePoolLayer((5, 3, 4), (3, 2)),
            new FlattenLayer(), new FCLayer(4, 5, random: random), new BatchNormLayer(5),
            new DropoutLayer(0.4), new FCLayer(5, 3, random: random), new SoftmaxLayer(),
        ]),
    };

    private static ActivationLayer Tanh => BuiltIn.Layer("Tanh");

    public static IEnumerable<object[]> Table =>
        from network in s_networks.Keys
        from loss in new[] { "Mse", "SoftmaxCrossEntropy", "CategoricalCrossEntropy" }
        where loss != "CategoricalCrossEntropy" || s_networks[network].Make(Draw.Seeded(1))[^1] is SoftmaxLayer
        select new object[] { network, loss };

    [Theory]
    [MemberData(nameof(Table))]
    public void AStepOfOneIsTheDerivativeOfTheMeanLoss(string network, string loss)
    {
        var (rows, columns, samples, make) = s_networks[network];
        var x = Draw.Matrices(samples, rows, columns, Draw.Seeded(1));
        var output = Make().Predict(x[0]);
        var random = Draw.Seeded(2);
        var y = Enumerable.Range(0, samples)
            .Select(_ => new SoftmaxLayer().Predict(Matrices.Uniform(output.RowCount, output.ColumnCount, random, -2, 2))).ToArray();
        var trained = Make();
        var before = Parameters(trained).Select(parameter => parameter.Value).Clones();
        MeanLoss(trained);

        for (int i = 0; i < before.Length; i++)
        {
            var analytic = before[i] - Parameters(trained)[i].Value;
            var numeric = before[i].MapIndexed((row, column, value) =>
            {
                double At(double other)
                {
                    var changed = Make();
                    Parameters(changed)[i].Value[row, column] = other;
                    return MeanLoss(changed);
                }

                return ((8 * (At(value + H) - At(value - H))) - (At(value + (2 * H)) - At(value - (2 * H)))) / (12 * H);
            });

            // The rounding of a derivative near 0 does not count: it is that of the loss, about 1e-16, over the step.
            double floor = Math.Max(1e-3 * numeric.Enumerate().Max(Math.Abs), 1e-4);
            analytic.ShouldBeNear(numeric, Worst, Worst * floor, Parameters(trained)[i].Name);
        }

        Network Make()
        {
            var made = new Network().Use(BuiltIn.Loss[loss].Loss, BuiltIn.Loss[loss].Prime);
            foreach (var layer in make(Draw.Seeded(3)))
            {
                made.Add(layer);
            }

            return made;
        }

        double MeanLoss(Network made) => made.Fit(x, y, new FitOptions { BatchSize = samples, Optimizer = new Sgd(1), Seed = 4 }).Losses[0];
    }

    [Fact]
    public void L2AddsTwiceItsWeightsToTheGradientButNotToBiasOrLoss()
    {
        (Func<Network> Make, Matrix<double>[] X)[] networks =
        [
            (() => new Network().Add(new FCLayer(4, 3, random: Draw.Seeded(1))), Draw.Matrices(6, 1, 4, Draw.Seeded(2))),
            (() => new Network().Add(new ConvLayer((3, 4, 1), (2, 2), 3, random: Draw.Seeded(1))), Draw.Matrices(6, 3, 4, Draw.Seeded(2))),
        ];
        foreach (var (make, x) in networks)
        {
            var output = make().Predict(x[0]);
            var y = Draw.Matrices(6, output.RowCount, output.ColumnCount, Draw.Seeded(3));
            (string Name, Func<Network, double> Train)[] ways =
            [
                ("a batch", network => network.Fit(x, y, new FitOptions { BatchSize = 6, Optimizer = new Sgd(0.5) }).Losses[0]),
                ("the article's Fit", network => network.Fit(x[..1], y[..1], 1, 0.5).Losses[0]),
                ("the article's loop", network => ArticleLoop.Fit(network.Layers, Losses.Mse, Losses.MsePrime, x[..1], y[..1], 1, 0.5)[0]),
            ];
            foreach (var (name, train) in ways)
            {
                var (plain, regularised) = (make().Use(Losses.Mse, Losses.MsePrime), make().Use(Losses.Mse, Losses.MsePrime));
                var before = Parameters(plain).Select(parameter => parameter.Value).Clones();
                Regularise(regularised.Layers[0], 0.25);

                double loss = train(plain);

                train(regularised).ShouldBeNear(loss, 1e-14, what: name);
                Parameters(regularised)[0].Value
                    .ShouldBeNear(Parameters(plain)[0].Value - (0.5 * 2 * 0.25 * before[0]), 1e-13, 1e-14, name);
                Parameters(regularised)[1].Value.ShouldBeNear(Parameters(plain)[1].Value, 1e-14, 1e-14, name);
            }
        }

        static void Regularise(Layer layer, double l2)
        {
            if (layer is FCLayer fc)
            {
                fc.L2 = l2;
                fc.L2.Should().Be(l2);
            }
            else if (layer is ConvLayer conv)
            {
                conv.L2 = l2;
                conv.L2.Should().Be(l2);
            }

            ((TrainableLayer)layer).Parameters.Select(parameter => parameter.L2).Should().Equal(l2, 0);
        }
    }

    private static Parameter[] Parameters(Network network) =>
        [.. network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters)];
}
