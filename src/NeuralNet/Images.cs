using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>What the layers on images have in common: the checks of their sizes and of their input.</summary>
internal static class Images
{
    public static Shape Check((int Height, int Width, int Depth) inputShape, string layer)
    {
        NeuralNet.Check.Positive(inputShape.Height, $"{layer}'s input height", nameof(inputShape));
        NeuralNet.Check.Positive(inputShape.Width, $"{layer}'s input width", nameof(inputShape));
        NeuralNet.Check.Positive(inputShape.Depth, $"{layer}'s input depth", nameof(inputShape));
        NeuralNet.Check.SizeFits(
            (Int128)inputShape.Height * inputShape.Width * inputShape.Depth,
            $"{layer}({inputShape.Height} x {inputShape.Width} x {inputShape.Depth})'s input",
            nameof(inputShape));
        return new Shape(inputShape.Height, inputShape.Width, inputShape.Depth);
    }

    /// <exception cref="ArgumentException">The input is not the image that the layer was made for.</exception>
    public static void Require(BatchLayer layer, Shape input)
    {
        var expected = layer.ExpectedInput!.Value;
        if (!input.SameMatrix(expected) || (input.Depth > 1 && input.Depth != expected.Depth))
        {
            string wayOut = input.Rows == 1 && input.Size == expected.Size
                ? "Give it the image, not its flattened row."
                : input.Columns == expected.Size ? $"{NeuralNet.Check.OneByOne(input)} Make an image of each."
                : "An image of D planes is height x (width * D), the planes side by side.";
            throw new ArgumentException($"{layer.Name} expects a {expected.Matrix} input, but got {input}. {wayOut}", nameof(input));
        }
    }

    public static PoolShape Pool(
        string layer, (int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns) stride)
    {
        Check(inputShape, layer);
        NeuralNet.Check.Positive(poolShape.Rows, $"{layer}'s pool rows", nameof(poolShape));
        NeuralNet.Check.Positive(poolShape.Columns, $"{layer}'s pool columns", nameof(poolShape));
        NeuralNet.Check.Positive(stride.Rows, $"{layer}'s stride rows", nameof(stride));
        NeuralNet.Check.Positive(stride.Columns, $"{layer}'s stride columns", nameof(stride));
        if (poolShape.Rows > inputShape.Height || poolShape.Columns > inputShape.Width)
        {
            throw new ArgumentOutOfRangeException(
                nameof(poolShape),
                $"{layer} expects a window no larger than its input of {inputShape.Height} x {inputShape.Width}, but got {poolShape.Rows} "
                + $"x {poolShape.Columns}. Take a smaller window.");
        }

        return new PoolShape(
            inputShape.Height, inputShape.Width, inputShape.Depth, poolShape.Rows, poolShape.Columns, stride.Rows, stride.Columns);
    }

    public static ConvolutionShape Convolution(
        (int Height, int Width, int Depth) inputShape,
        (int Rows, int Columns) kernelShape,
        int layerDepth,
        (int Rows, int Columns) stride,
        Padding padding)
    {
        const string Layer = nameof(ConvLayer);
        Check(inputShape, Layer);
        NeuralNet.Check.Positive(kernelShape.Rows, $"{Layer}'s kernel rows", nameof(kernelShape));
        NeuralNet.Check.Positive(kernelShape.Columns, $"{Layer}'s kernel columns", nameof(kernelShape));
        NeuralNet.Check.Positive(layerDepth, $"{Layer}'s layerDepth", nameof(layerDepth));
        NeuralNet.Check.Positive(stride.Rows, $"{Layer}'s stride rows", nameof(stride));
        NeuralNet.Check.Positive(stride.Columns, $"{Layer}'s stride columns", nameof(stride));
        if (padding == Padding.Causal)
        {
            throw new ArgumentException(
                $"{Layer} expects padding for an image, which has no past, but got causal. Take Padding.Same, Padding.Valid or a number; "
                + "a sequence goes into a Conv1DLayer.",
                nameof(padding));
        }

        var (top, bottom) = padding.Of(rows: true, inputShape.Height, kernelShape.Rows, stride.Rows);
        var (left, right) = padding.Of(rows: false, inputShape.Width, kernelShape.Columns, stride.Columns);
        NeuralNet.Check.SizeFits(
            ((Int128)inputShape.Height + top + bottom) * ((Int128)inputShape.Width + left + right) * inputShape.Depth,
            $"{Layer}({inputShape.Height} x {inputShape.Width} x {inputShape.Depth}, padding {padding})'s input",
            nameof(inputShape));
        if (kernelShape.Rows > inputShape.Height + top + bottom || kernelShape.Columns > inputShape.Width + left + right)
        {
            string padded = padding == Padding.Valid ? "" : $" with padding {padding}";
            throw new ArgumentOutOfRangeException(
                nameof(kernelShape),
                $"{Layer} expects a kernel no larger than its input of {inputShape.Height} x {inputShape.Width}{padded}, but got "
                + $"{kernelShape.Rows} x {kernelShape.Columns}. Take a smaller kernel.");
        }

        int outputHeight = Windows.Count(inputShape.Height + top + bottom, kernelShape.Rows, stride.Rows);
        int outputWidth = Windows.Count(inputShape.Width + left + right, kernelShape.Columns, stride.Columns);
        string name = FormattableString.Invariant(
            $"{Layer}({inputShape.Height} x {inputShape.Width} x {inputShape.Depth} -> {outputHeight} x {outputWidth} x {layerDepth}, ")
            + FormattableString.Invariant($"kernel {kernelShape.Rows} x {kernelShape.Columns})");
        NeuralNet.Check.SizeFits((Int128)outputHeight * outputWidth * layerDepth, $"{name}'s output", nameof(layerDepth));
        NeuralNet.Check.SizeFits(
            (Int128)kernelShape.Rows * kernelShape.Columns * inputShape.Depth * layerDepth, $"{name}'s Weights", nameof(layerDepth));
        return new ConvolutionShape(
            inputShape.Height, inputShape.Width, inputShape.Depth, kernelShape.Rows, kernelShape.Columns, layerDepth, stride,
            (top, bottom, left, right));
    }

    public static string Name(ConvolutionShape s, Padding padding)
    {
        string stride = s.Stride == (1, 1) ? "" : FormattableString.Invariant($", stride {s.Stride.Rows} x {s.Stride.Columns}");
        string zeros = padding == Padding.Valid ? "" : $", padding {padding}";
        return FormattableString.Invariant(
            $"{nameof(ConvLayer)}({s.Height} x {s.Width} x {s.Depth} -> {s.OutputHeight} x {s.OutputWidth} x {s.OutputDepth}, kernel ")
            + FormattableString.Invariant($"{s.KernelRows} x {s.KernelColumns}{stride}{zeros})");
    }

    public static string Name(string layer, PoolShape s)
    {
        string stride = (s.StrideRows, s.StrideColumns) == (s.PoolRows, s.PoolColumns)
            ? ""
            : FormattableString.Invariant($", stride {s.StrideRows} x {s.StrideColumns}");
        return FormattableString.Invariant(
            $"{layer}({s.Height} x {s.Width} x {s.Depth} -> {s.OutputHeight} x {s.OutputWidth} x {s.Depth}, pool {s.PoolRows} x ")
            + FormattableString.Invariant($"{s.PoolColumns}{stride})");
    }

    public static string GlobalPoolName(string layer, Shape? image) => image is { } shape
        ? FormattableString.Invariant($"{layer}({shape.Height} x {shape.Width} x {shape.Depth})")
        : layer;

    /// <summary>The shape of a global pooling's output: a row of a value for each plane of an image, or for each column of a
    /// sequence.</summary>
    /// <exception cref="ArgumentException">The input is not the image that the layer was made for, or an image where none is.</exception>
    public static Shape GlobalPool(BatchLayer layer, Shape? image, Shape input)
    {
        if (image is { } expected)
        {
            Require(layer, input);
            return Shape.Row(expected.Depth);
        }

        if (input is { Depth: > 1, Width: > 1 })
        {
            throw new ArgumentException(
                $"{layer.Name} expects a sequence, one step a row, but got {input}, an image of several planes. Make it "
                + FormattableString.Invariant($"new {layer.GetType().Name}(({input.Height}, {input.Width}, {input.Depth}))."),
                nameof(input));
        }

        return Shape.Row(input.Columns);
    }
}
