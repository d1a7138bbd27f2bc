using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

/// <summary>The gradients of whole mini-batches against finite differences of their mean loss.</summary>
public class BatchGradientTests
{
    private const double Step = 1e-5;

    public static TheoryData<string> Kinds => [.. s_layers.Keys];

    private static readonly Dictionary<string, Func<Random, Layer[]>> s_layers = new()
    {
        ["batch norm of rows"] = random => [new FlattenLayer(2), new FCLayer(60, 4, random: random), new BatchNormLayer(4), BuiltIn.Layer("Tanh")],
        ["batch norm of images"] = random => [new BatchNormLayer((6, 5, 2)), new ConvLayer((6, 5, 2), (3, 2), 3, random: random), new BatchNormLayer((4, 4, 3)), BuiltIn.Layer("Tanh")],
        ["dropout"] = random => [new ConvLayer((6, 5, 2), (3, 2), 3, random: random), new DropoutLayer(0.4), BuiltIn.Layer("Tanh"), new FlattenLayer(3), new FCLayer(48, 3, random: random)],
        ["convolution with stride and padding"] = random => [new ConvLayer((6, 5, 2), (3, 2), 3, (2, 1), 1, random: random), BuiltIn.Layer("Tanh"), new ConvLayer((3, 6, 3), (2, 2), 2, (1, 1), Padding.Same, random: random)],
        ["pools"] = random => [new ConvLayer((6, 5, 2), (1, 1), 3, random: random), new MaxPoolLayer((6, 5, 3), (2, 2)), BuiltIn.Layer("Tanh"), new AveragePoolLayer((3, 2, 3), (2, 1), (1, 1))],
        ["softmax"] = random => [new FlattenLayer(2), new FCLayer(60, 4, random: random), new SoftmaxLayer()],
        ["L2"] = random => [new FlattenLayer(2), new FCLayer(60, 4, random: random) { L2 = 0.3 }, BuiltIn.Layer("Tanh")],
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneStepOfSgdGoesAgainstTheGradientOfTheMeanLoss(string kind)
    {
        var random = Draw.Seeded(7);
        var layers = s_layers[kind](random);
        var network = new Network();
        foreach (var layer in layers)
        {
            network.Add(layer);
        }

        network.Use(Losses.Mse, Losses.MsePrime);
        var x = Draw.Matrices(5, 6, 10, random);
        var output = network.Predict(x[0]);
        var y = Draw.Matrices(5, output.RowCount, output.ColumnCount, random);

        // The masks of dropout are the same in each call, because the seed is.
        double Loss()
        {
            var saved = network.Layers.SelectMany(layer => layer.Statistics).Select(values => (values, Copy: values.ToArray())).ToArray();
            var parameters = layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).ToArray();
            var before = parameters.Select(parameter => parameter.Value.Clone()).ToArray();
            double loss = network.Fit(x, y, new FitOptions { BatchSize = 5, Optimizer = new Sgd(1e-3), Seed = 1 }).Losses[0];
            for (int i = 0; i < parameters.Length; i++)
            {
                before[i].CopyTo(parameters[i].Value);
            }

            foreach (var (values, copy) in saved)
            {
                copy.CopyTo(values, 0);
            }

            return loss + layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).Sum(parameter => parameter.L2 * parameter.Value.Enumerate().Sum(w => w * w));
        }

        foreach (var parameter in layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters))
        {
            var numeric = parameter.Value.Clone();
            foreach (var (row, column, value) in parameter.Value.Clone().EnumerateIndexed())
            {
                parameter.Value[row, column] = value + Step;
                double plus = Loss();
                parameter.Value[row, column] = value - Step;
                double minus = Loss();
                parameter.Value[row, column] = value;
                numeric[row, column] = (plus - minus) / (2 * Step);
            }

            var analytic = Gradient(network, x, y, parameter);
            analytic.ShouldBeNear(numeric, 1e-6, 1e-6 * numeric.Enumerate().Max(Math.Abs) + 1e-9, $"{kind}: {parameter}");
        }
    }

    /// <summary>What one step of Sgd with a learning rate of 1 takes from the parameter; everything is put back.</summary>
    private static Matrix<double> Gradient(Network network, Matrix<double>[] x, Matrix<double>[] y, Parameter parameter)
    {
        var parameters = network.Layers.OfType<TrainableLayer>().SelectMany(layer => layer.Parameters).ToArray();
        var before = parameters.Select(one => one.Value.Clone()).ToArray();
        network.Fit(x, y, new FitOptions { BatchSize = 5, Optimizer = new Sgd(1), Seed = 1 });
        var gradient = before[Array.IndexOf(parameters, parameter)] - parameter.Value;
        for (int i = 0; i < parameters.Length; i++)
        {
            before[i].CopyTo(parameters[i].Value);
        }

        return gradient;
    }
}
