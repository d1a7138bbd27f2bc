using NeuralNet.Kernels;

namespace NeuralNet.Layers;

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

    /// <summary>Windows over an image, checked.</summary>
    /// <param name="owner">Whose they are, for the errors.</param>
    /// <param name="what">What the errors call a window, its sizes and the parameter that they came in.</param>
    /// <param name="inputShape">The image.</param>
    /// <param name="size">A window's rows and columns.</param>
    /// <param name="stride">From one window to the next.</param>
    /// <param name="padding">The zeros around the image.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, a window is larger than the image with its zeros, or that has more values than a matrix holds.
    /// </exception>
    public static WindowShape Windows(
        string owner,
        (string Window, string Sizes, string Parameter) what,
        (int Height, int Width, int Depth) inputShape,
        (int Rows, int Columns) size,
        (int Rows, int Columns) stride,
        Padding padding)
    {
        Check(inputShape, owner);
        NeuralNet.Check.Positive(size.Rows, $"{owner}'s {what.Sizes} rows", what.Parameter);
        NeuralNet.Check.Positive(size.Columns, $"{owner}'s {what.Sizes} columns", what.Parameter);
        NeuralNet.Check.Positive(stride.Rows, $"{owner}'s stride rows", nameof(stride));
        NeuralNet.Check.Positive(stride.Columns, $"{owner}'s stride columns", nameof(stride));
        var (top, bottom) = padding.Of(rows: true, inputShape.Height, size.Rows, stride.Rows);
        var (left, right) = padding.Of(rows: false, inputShape.Width, size.Columns, stride.Columns);
        NeuralNet.Check.SizeFits(
            ((Int128)inputShape.Height + top + bottom) * ((Int128)inputShape.Width + left + right) * inputShape.Depth,
            $"{owner}({inputShape.Height} x {inputShape.Width} x {inputShape.Depth}, padding {padding})'s input",
            nameof(inputShape));
        if (size.Rows > inputShape.Height + top + bottom || size.Columns > inputShape.Width + left + right)
        {
            string padded = padding == Padding.Valid ? "" : $" with padding {padding}";
            throw new ArgumentOutOfRangeException(
                what.Parameter,
                $"{owner} expects a {what.Window} no larger than its input of {inputShape.Height} x {inputShape.Width}{padded}, but got "
                + $"{size.Rows} x {size.Columns}. Take a smaller {what.Window}.");
        }

        return new WindowShape(
            inputShape.Height, inputShape.Width, inputShape.Depth, size, stride, (top, bottom, left, right));
    }

    public static ConvolutionShape Convolution(
        (int Height, int Width, int Depth) inputShape,
        (int Rows, int Columns) kernelShape,
        int layerDepth,
        (int Rows, int Columns) stride,
        Padding padding)
    {
        const string Layer = nameof(ConvLayer);
        NeuralNet.Check.Positive(layerDepth, $"{Layer}'s layerDepth", nameof(layerDepth));
        if (padding == Padding.Causal)
        {
            throw new ArgumentException(
                $"{Layer} expects padding for an image, which has no past, but got causal. Take Padding.Same, Padding.Valid or a number; "
                + "a sequence goes into a Conv1DLayer.",
                nameof(padding));
        }

        var windows = Windows(Layer, ("kernel", "kernel", nameof(kernelShape)), inputShape, kernelShape, stride, padding);
        var (outputHeight, outputWidth) = (windows.OutputHeight, windows.OutputWidth);
        string name = FormattableString.Invariant(
            $"{Layer}({inputShape.Height} x {inputShape.Width} x {inputShape.Depth} -> {outputHeight} x {outputWidth} x {layerDepth}, ")
            + FormattableString.Invariant($"kernel {kernelShape.Rows} x {kernelShape.Columns})");
        NeuralNet.Check.SizeFits((Int128)outputHeight * outputWidth * layerDepth, $"{name}'s output", nameof(layerDepth));
        NeuralNet.Check.SizeFits(
            (Int128)kernelShape.Rows * kernelShape.Columns * inputShape.Depth * layerDepth, $"{name}'s Weights", nameof(layerDepth));
        return new ConvolutionShape(
            inputShape.Height, inputShape.Width, inputShape.Depth, kernelShape.Rows, kernelShape.Columns, layerDepth, stride,
            windows.Padding);
    }

    public static string Name(ConvolutionShape s, Padding padding)
    {
        string stride = s.Stride == (1, 1) ? "" : FormattableString.Invariant($", stride {s.Stride.Rows} x {s.Stride.Columns}");
        string zeros = padding == Padding.Valid ? "" : $", padding {padding}";
        return FormattableString.Invariant(
            $"{nameof(ConvLayer)}({s.Height} x {s.Width} x {s.Depth} -> {s.OutputHeight} x {s.OutputWidth} x {s.OutputDepth}, kernel ")
            + FormattableString.Invariant($"{s.KernelRows} x {s.KernelColumns}{stride}{zeros})");
    }

    public static string Name(string layer, WindowShape s)
    {
        string stride = s.Stride == (s.KernelRows, s.KernelColumns)
            ? ""
            : FormattableString.Invariant($", stride {s.Stride.Rows} x {s.Stride.Columns}");
        return FormattableString.Invariant(
            $"{layer}({s.Height} x {s.Width} x {s.Depth} -> {s.OutputHeight} x {s.OutputWidth} x {s.Depth}, pool {s.KernelRows} x ")
            + FormattableString.Invariant($"{s.KernelColumns}{stride})");
    }

    /// <summary>The refusal of a layer on images to take a sequence step by step.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="forSequences">What to take in its place.</param>
    public static InvalidOperationException HasNoSteps(BatchLayer layer, string forSequences) => new(
        $"{layer.Name} takes a whole image, and a stream has one step of a sequence at a time. "
        + $"For a sequence take {forSequences}; or call Predict with the whole image.");

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
