using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Golden;

/// <summary>Twelve updates of whole networks against PyTorch's in float64, to 1e-9 relative.</summary>
public class GoldenNetworkTests
{
    private const double Tolerance = 1e-9;
    private static readonly JsonElement s_golden = GoldenFile.Read("networks.json");

    [Fact]
    public void AResidualNetworkLearnsAsPyTorchs()
    {
        var golden = s_golden.GetProperty("residual");
        var net = new Network()
            .Add(new ResidualLayer(Block((6, 6, 2), 2, 1)))
            .Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime))
            .Add(new ResidualLayer(Block((6, 6, 2), 3, 2), shortcut: [new ConvLayer((6, 6, 2), (1, 1), 3, (2, 2))]))
            .Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime))
            .Add(new FlattenLayer())
            .Add(new FCLayer(27, 4));
        net.Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
        Matrix<double>[] x = [.. golden.GetProperty("input").EnumerateArray().Select(image => image.Planes())];
        Matrix<double>[] y = [.. golden.GetProperty("target").Numbers()
            .Select(target => Matrices.Of([.. Enumerable.Range(0, 4).Select(i => i == target ? 1.0 : 0)]))];
        SetAll(net, golden.GetProperty("initial"));

        var history = net.Fit(x, y, new FitOptions { Epochs = 12, BatchSize = 5, Optimizer = new Sgd(0.05), Shuffle = false });

        Matrices.Of([.. history.Losses]).ShouldBeNear(golden.GetProperty("losses").Row(), Tolerance, what: "losses");
        foreach (var (name, value, convert) in Named(net))
        {
            bool isBuffer = golden.GetProperty("buffers").TryGetProperty(name, out var buffer);
            value.ShouldBeNear(convert(isBuffer ? buffer : golden.GetProperty("final").GetProperty(name)), Tolerance, what: name);
        }

        for (int i = 0; i < x.Length; i++)
        {
            net.Predict(x[i]).ShouldBeNear(golden.GetProperty("predictions")[i].Row(), Tolerance, what: "prediction");
        }
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void ARecurrentNetworkLearnsAsPyTorchs(string kind)
    {
        var golden = s_golden.GetProperty(kind);
        Matrix<double>[] x = [.. golden.GetProperty("input").EnumerateArray().Select(sequence => sequence.Matrix())];
        Matrix<double>[] y = [.. golden.GetProperty("target").EnumerateArray().Select(target => target.Row())];
        int hidden = golden.GetProperty("initial").GetProperty("output.weight")[0].GetArrayLength();
        var (recurrent, output) = (Recurrent.New(kind, x[0].ColumnCount, hidden), new FCLayer(hidden, 1));
        var net = new Network().Add(recurrent).Add(output).Use(Losses.Mse, Losses.MsePrime);
        IEnumerable<(Matrix<double> Value, Matrix<double> Golden)> Pairs(string when)
        {
            var all = golden.GetProperty(when);
            var torch = JsonSerializer.SerializeToElement(
                all.EnumerateObject().ToDictionary(one => one.Name.Replace("recurrent.", "", StringComparison.Ordinal), one => one.Value));
            foreach (var parameter in recurrent.Parameters)
            {
                yield return (parameter.Value, parameter.OfTorch(torch, "", adds: true));
            }

            yield return (output.Weights, all.GetProperty("output.weight").Matrix().Transpose());
            yield return (output.Bias, all.GetProperty("output.bias").Row());
        }

        foreach (var (value, initial) in Pairs("initial"))
        {
            initial.CopyTo(value);
        }

        Optimizer optimizer = kind == "lstm" ? new Adam(0.02) : new Sgd(0.05, momentum: 0.9);
        var history = net.Fit(x, y, new FitOptions { Epochs = 12, BatchSize = x.Length, Optimizer = optimizer, Shuffle = false });

        Matrices.Of([.. history.Losses]).ShouldBeNear(golden.GetProperty("losses").Row(), Tolerance, what: "losses");
        foreach (var (value, final) in Pairs("final"))
        {
            value.ShouldBeNear(final, Tolerance, what: "parameter");
        }

        for (int i = 0; i < x.Length; i++)
        {
            net.Predict(x[i]).ShouldBeNear(golden.GetProperty("predictions")[i].Row(), Tolerance, what: "prediction");
        }
    }

    private static Layer[] Block((int Height, int Width, int Depth) input, int depth, int stride)
    {
        var first = new ConvLayer(input, (3, 3), depth, (stride, stride), padding: 1);
        var shape = first.OutputShape;
        return
        [
            first,
            new BatchNormLayer(shape),
            new ActivationLayer(Activations.Relu, Activations.ReluPrime),
            new ConvLayer(shape, (3, 3), depth, (1, 1), padding: 1),
            new BatchNormLayer(shape),
        ];
    }

    private static void SetAll(Network net, JsonElement initial)
    {
        foreach (var (name, value, convert) in Named(net).Where(one => initial.TryGetProperty(one.Name, out _)))
        {
            convert(initial.GetProperty(name)).CopyTo(value);
        }
    }

    /// <summary>The network's numbers under PyTorch's names, and how to read PyTorch's layout.</summary>
    private static IEnumerable<(string Name, Matrix<double> Value, Func<JsonElement, Matrix<double>> Convert)> Named(Network net)
    {
        var (first, second) = ((ResidualLayer)net.Layers[0], (ResidualLayer)net.Layers[2]);
        (string Path, Layer Layer)[] layers =
        [
            .. first.Layers.Select((layer, i) => ($"0.main.{i}", layer)),
            .. second.Layers.Select((layer, i) => ($"1.main.{i}", layer)),
            ("1.shortcut", second.Shortcut[0]),
            ("3", net.Layers[5]),
        ];
        foreach (var (path, layer) in layers)
        {
            switch (layer)
            {
                case ConvLayer conv:
                    yield return ($"{path}.weight", conv.Weights, golden => golden.Kernels());
                    yield return ($"{path}.bias", conv.Bias, golden => golden.Row());
                    break;
                case FCLayer fc:
                    yield return ($"{path}.weight", fc.Weights, golden => golden.Matrix().Transpose());
                    yield return ($"{path}.bias", fc.Bias, golden => golden.Row());
                    break;
                case BatchNormLayer norm:
                    yield return ($"{path}.weight", norm.Gamma, golden => golden.Row());
                    yield return ($"{path}.bias", norm.Beta, golden => golden.Row());
                    yield return ($"{path}.running_mean", norm.RunningMean, golden => golden.Row());
                    yield return ($"{path}.running_var", norm.RunningVariance, golden => golden.Row());
                    break;
            }
        }
    }
}
