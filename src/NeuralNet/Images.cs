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
            (Int128)inputShape.Height * inputShape.Width * inputShape.Depth, $"{layer}({inputShape.Height} x {inputShape.Width} x {inputShape.Depth})'s input", nameof(inputShape));
        return new Shape(inputShape.Height, inputShape.Width, inputShape.Depth);
    }

    /// <exception cref="ArgumentException">The input is not the image that the layer was made for.</exception>
    public static void Require(string layer, Shape expected, Shape? input)
    {
        if (input is { } x && (!x.SameMatrix(expected) || (x.Depth > 1 && x.Depth != expected.Depth)))
        {
            string wayOut = x.Rows == 1 && x.Size == expected.Size
                ? "Give it the image, not its flattened row."
                : "An image of D planes is height x (width * D), the planes side by side.";
            throw new ArgumentException($"{layer} expects a {expected.Matrix} input, but got {x}. {wayOut}", nameof(input));
        }
    }

    public static PoolShape Pool(string layer, (int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns) stride)
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
                $"{layer} expects a window no larger than its input of {inputShape.Height} x {inputShape.Width}, but got {poolShape.Rows} x {poolShape.Columns}. Take a smaller window.");
        }

        return new PoolShape(inputShape.Height, inputShape.Width, inputShape.Depth, poolShape.Rows, poolShape.Columns, stride.Rows, stride.Columns);
    }

    public static string Name(string layer, PoolShape s)
    {
        string stride = (s.StrideRows, s.StrideColumns) == (s.PoolRows, s.PoolColumns) ? "" : FormattableString.Invariant($", stride {s.StrideRows} x {s.StrideColumns}");
        return FormattableString.Invariant($"{layer}({s.Height} x {s.Width} x {s.Depth} -> {s.OutputHeight} x {s.OutputWidth} x {s.Depth}, pool {s.PoolRows} x {s.PoolColumns}{stride})");
    }
}
