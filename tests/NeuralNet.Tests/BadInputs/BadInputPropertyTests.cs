using System.Text.RegularExpressions;
using CsCheck;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.BadInputs;

/// <summary>
/// Random layers in random order with random matrices: hardly anything fits, and nothing but the library's own words may come of it.
/// </summary>
public partial class BadInputPropertyTests
{
    private static readonly string[] s_parameters =
        ["input", "inputs", "outputError", "layer", "xTrain", "yTrain", "yTrue", "yPred", "learning rate", "epochs", "lossPrime"];

    private static readonly Gen<(int Rows, int Columns)> s_shape = Gen.Select(
        Gen.Frequency((3, Gen.Const(1)), (2, Gen.Int[1, 4])), Gen.Frequency((3, Gen.Int[1, 4]), (1, Gen.Int[5, 12])));

    private static readonly Gen<Matrix<double>?> s_matrix =
        from shape in s_shape
        from fault in Gen.Frequency((12, Gen.Const("")), (1, Gen.Const("null")), (1, Gen.Const("NaN")), (1, Gen.Const("sparse")))
        from seed in Gen.Int
        select fault switch
        {
            "null" => null,
            "NaN" => Matrix<double>.Build.Dense(shape.Rows, shape.Columns, double.NaN),
            "sparse" => Matrix<double>.Build.Sparse(shape.Rows, shape.Columns),
            _ => Draw.Matrix(shape.Rows, shape.Columns, Draw.Seeded(seed)),
        };

    private static readonly Gen<Func<Layer>> s_builtIn = Gen.OneOf<Func<Layer>>(
        Gen.Int[0, 6].Select(Gen.Int[0, 6], (n, m) => (Func<Layer>)(() => new FCLayer(n, m, random: Draw.Seeded(1)))),
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[0, 3],
            (height, width, depth, rows, columns, layerDepth) =>
                (Func<Layer>)(() => new ConvLayer((height, width, depth), (rows, columns), layerDepth, random: Draw.Seeded(1)))),
        Gen.Int[0, 3].Select(depth => (Func<Layer>)(() => new FlattenLayer(depth))),
        Gen.Const(() => (Func<Layer>)(() => new FlattenLayer())),
        Gen.Const(() => (Func<Layer>)(() => new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime))),
        Gen.Const(() => (Func<Layer>)(() => new ActivationLayer(x => Activations.Tanh(x), x => Activations.TanhPrime(x)))));

    private static readonly Gen<Func<Layer>> s_users = Gen.Select(
        s_matrix,
        s_matrix,
        (y, error) =>
            (Func<Layer>)(() => new UserLayers.Custom(x => y is null ? x : y, outputError => error is null ? outputError : error)));

    [Fact]
    public void WhateverIsGivenToANetworkIsTakenOrRefusedInTheLibrarysWordsWithNothingChanged() =>
        Gen.Select(
            s_builtIn.Array[0, 4], s_matrix.Array[0, 3], s_matrix.Array[0, 3], Gen.Int[-1, 2], Gen.OneOfConst(-1, 0, 0.1, double.NaN))
            .Sample(
                (layers, x, y, epochs, learningRate) =>
                {
                    var network = new Network().Use(Losses.Huber, Losses.HuberPrime);
                    foreach (var layer in layers)
                    {
                        Try(network, () => network.Add(layer()));
                    }

                    Try(network, () => network.Fit(x!, y!, epochs, learningRate));
                    Try(network, () => network.Fit(x!, x!, 1, 0.1));
                    Try(network, () => network.Predict(x!));
                    foreach (var one in x)
                    {
                        Try(network, () => network.Predict(one!));
                    }
                },
                iter: 10_000);

    [Fact]
    public void WhateverIsGivenToALayerIsTakenOrRefusedInTheLibrarysWordsWithNothingChanged() =>
        Gen.Select(s_builtIn, s_matrix.Array[1, 6]).Sample(
            (make, matrices) =>
            {
                if (Made(make) is not { } layer)
                {
                    return;
                }

                foreach (var matrix in matrices)
                {
                    Try([layer], () => layer.BackwardPropagation(matrix!, 0.1));
                    Try([layer], () => layer.Predict(matrix!));
                    Try([layer], () => layer.ForwardPropagation(matrix!));
                    Try([layer], () => layer.BackwardPropagation(layer.Output!, 0.1));
                    Try([layer], () => (layer as TrainableLayer)?.Backward(matrix!));
                }
            },
            iter: 10_000);

    [Fact]
    public void WhateverAUsersLayerReturnsIsTakenOrRefusedInTheLibrarysWords() =>
        Gen.Select(Gen.OneOf(s_builtIn, s_users).Array[1, 4], s_matrix.Array[1, 2], s_shape).Sample(
            (layers, x, shape) =>
            {
                var network = new Network().Use(Losses.Mse, Losses.MsePrime);
                foreach (var layer in layers)
                {
                    Try(network, () => network.Add(layer()));
                }

                var y = x.Select(_ => Matrix<double>.Build.Dense(shape.Rows, shape.Columns)).ToArray();
                Refusal(() => network.Fit(x!, y, 2, 0.1), network.Layers);
                Refusal(() => network.Predict(x!), network.Layers);
            },
            iter: 10_000);

    private static Layer? Made(Func<Layer> make)
    {
        Layer? layer = null;
        Refusal(() => layer = make(), []);
        return layer;
    }

    private static void Try(Network network, Func<object?> call)
    {
        int count = network.Layers.Count;
        if (Try(network.Layers, call))
        {
            Assert.Equal(count, network.Layers.Count);
        }
    }

    private static bool Try(IReadOnlyList<Layer> layers, Func<object?> call)
    {
        string before = Fingerprint.OfState(layers);
        bool refused = Refusal(call, layers);
        if (refused)
        {
            Assert.Equal(before, Fingerprint.OfState(layers));
        }

        return refused;
    }

    private static bool Refusal(Func<object?> call, IReadOnlyList<Layer> layers)
    {
        try
        {
            call();
            return false;
        }
        catch (Exception exception)
        {
            string[] names = [.. layers.Select(layer => layer.ToString()!.Split(',')[0]), .. s_parameters];
            bool named = names.Any(exception.Message.Contains) || KindOfLayer().IsMatch(exception.Message)
                || exception.Message.StartsWith("The network has no layers.", StringComparison.Ordinal);
            if (exception is not (ArgumentException or InvalidOperationException) || !named)
            {
                throw new Xunit.Sdk.XunitException(
                    $"Expected an ArgumentException or InvalidOperationException that names a layer or a parameter, but got {exception}");
            }

            return true;
        }
    }

    [GeneratedRegex(@"\b(FC|Conv|Flatten|Activation)Layer\b")]
    private static partial Regex KindOfLayer();
}
