using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.BadInputs;
using static NeuralNet.Tests.BadInputs.BadInputTable;

namespace NeuralNet.Tests.Layers;

/// <summary>Global pooling of sequences against PyTorch's figures, and of images against pooling with the image's own size.</summary>
public class GlobalPoolLayerTests
{
    private static readonly JsonElement s_golden = GoldenFile.Read("sequences.json").GetProperty("globalPooling");

    internal static IReadOnlyList<BadInput> BadInput { get; } =
    [
        .. Rows("GlobalMaxPoolLayer", shape => new GlobalMaxPoolLayer(shape), () => new GlobalMaxPoolLayer()),
        .. Rows("GlobalAveragePoolLayer", shape => new GlobalAveragePoolLayer(shape), () => new GlobalAveragePoolLayer()),
    ];

    [Theory]
    [InlineData("average")]
    [InlineData("maximum")]
    public void AgreesWithPyTorch(string kind)
    {
        const double Tolerance = 1e-10;
        var golden = s_golden.GetProperty(kind);
        Layer layer = kind == "average" ? new GlobalAveragePoolLayer() : new GlobalMaxPoolLayer();
        for (int sample = 0; sample < golden.GetProperty("input").GetArrayLength(); sample++)
        {
            var x = golden.GetProperty("input")[sample].Matrix();
            var y = golden.GetProperty("output")[sample].Row();
            layer.ForwardPropagation(x).ShouldBeNear(y, Tolerance, Tolerance, "output");
            layer.Predict(x).ShouldBeNear(y, Tolerance, Tolerance, "prediction");
            ((BatchLayer)layer).Backward(golden.GetProperty("outputError")[sample].Row())
                .ShouldBeNear(golden.GetProperty("inputError")[sample].Matrix(), Tolerance, Tolerance, "inputError");
        }
    }

    [Fact]
    public void GradientsAreThoseOfFiniteDifferencesForAnyLength()
    {
        for (int steps = 1; steps < 10; steps++)
        {
            var x = Draw.Matrix(steps, 3, Draw.Seeded(steps));
            GradientCheck.Run(new GlobalAveragePoolLayer(), x).WorstRelativeError.Should().BeLessThan(1e-6);
            GradientCheck.Run(new GlobalMaxPoolLayer(), x).WorstRelativeError.Should().BeLessThan(1e-6);
        }
    }

    [Fact]
    public void APlaneOfAnImageIsPooledAsByAWindowOfItsSize()
    {
        var (height, width, depth) = (5, 4, 3);
        var x = Draw.Matrix(height, width * depth, Draw.Seeded(1)).Map(value => Math.Round(2 * value));
        var error = Draw.Matrix(1, depth, Draw.Seeded(2));
        foreach (var (global, window) in ((BatchLayer, BatchLayer)[])
        [
            (new GlobalAveragePoolLayer((height, width, depth)), new AveragePoolLayer((height, width, depth), (height, width))),
            (new GlobalMaxPoolLayer((height, width, depth)), new MaxPoolLayer((height, width, depth), (height, width))),
        ])
        {
            global.ForwardPropagation(x).ShouldBeNear(window.ForwardPropagation(x));
            global.Backward(error).ShouldBeNear(window.Backward(error));
        }
    }

    [Fact]
    public void OfSeveralGreatestValuesTheFirstRowByRowGetsTheError()
    {
        var sequence = new GlobalMaxPoolLayer();
        sequence.ForwardPropagation(Matrices.Of([1, 5], [3, 5], [3, 2]));
        sequence.Backward(Draw.Row(7, 8)).ShouldBeBitForBit(Matrices.Of([0, 8], [7, 0], [0, 0]));

        var image = new GlobalMaxPoolLayer((2, 2, 1));
        image.ForwardPropagation(Matrices.Of([1, 3], [3, 3]));
        image.Backward(Draw.Row(7)).ShouldBeBitForBit(Matrices.Of([0, 7], [0, 0]));
    }

    [Fact]
    public void InANetworkTheyMakeARowOfWhatConvolutionsGive()
    {
        var random = Draw.Seeded(1);
        var sequences = new Network().Add(new Conv1DLayer(3, 5, 2, random: random)).Add(new GlobalMaxPoolLayer())
            .Add(new FCLayer(5, 2, random: random));
        var images = new Network().Add(new ConvLayer((5, 4, 2), (2, 2), 3, random: random)).Add(new GlobalAveragePoolLayer((4, 3, 3)))
            .Add(new FCLayer(3, 2, random: random));

        Shape.Of(sequences.Predict(Draw.Matrix(4, 3, random))).Should().Be(Shape.Row(2));
        Shape.Of(sequences.Predict(Draw.Matrix(9, 3, random))).Should().Be(Shape.Row(2));
        Shape.Of(images.Predict(Draw.Matrix(5, 8, random))).Should().Be(Shape.Row(2));
        new Network().Add(new ConvLayer((5, 1, 2), (2, 1), 3)).Add(new GlobalMaxPoolLayer()).Layers.Should().HaveCount(2);
    }

    [Fact]
    public void FilesKeepTheShape()
    {
        var net = new Network().Add(new GlobalAveragePoolLayer((4, 3, 2))).Add(new GlobalMaxPoolLayer());
        using var file = new MemoryStream();
        net.Save(file);
        file.Position = 0;

        Network.Load(file).Layers.Select(layer => layer.ToString())
            .Should().Equal("GlobalAveragePoolLayer(4 x 3 x 2)", "GlobalMaxPoolLayer");
    }

    private static IEnumerable<BadInput> Rows(
        string type, Func<(int Height, int Width, int Depth), Layer> ofImages, Func<Layer> ofSequences) =>
    [
        .. new[] { 0, -1, int.MinValue }.SelectMany(size => (BadInput[])
        [
            OutOfRange($"{type}.ctor(inputShape)", $"height {size}", _ => ofImages((size, 6, 2)), $"{type}'s input height", $"{size}"),
            OutOfRange($"{type}.ctor(inputShape)", $"width {size}", _ => ofImages((5, size, 2)), $"{type}'s input width", $"{size}"),
            OutOfRange($"{type}.ctor(inputShape)", $"depth {size}", _ => ofImages((5, 6, size)), $"{type}'s input depth", $"{size}"),
        ]),
        OutOfRange($"{type}.ctor(inputShape)", "more than a matrix holds", _ => ofImages((50_000, 50_000, 2)), type, "5,000,000,000"),
        Wrong($"{type}.Predict(input)", "one plane of two", _ => ofImages((5, 6, 2)).Predict(Draw.Matrix(5, 6, Draw.Seeded(1))),
            $"{type}(5 x 6 x 2) expects a 5 x 12 input, but got 5 x 6.", "side by side"),
        Wrong("Network.Add(layer)", $"a {type} of sequences behind an image",
            _ => new Network().Add(new ConvLayer((5, 6, 2), (2, 3), 3)).Add(ofSequences()),
            $"{type} expects a sequence", "but got 4 x 4 x 3", $"new {type}((4, 4, 3))"),
    ];
}
