namespace NeuralNet.Onnx.Operators;

/// <summary>How windows, the kernels of a convolution or those of a pooling, lie over an image.</summary>
/// <param name="Input">The image's height, width and number of planes.</param>
/// <param name="Kernel">A window's rows and columns.</param>
/// <param name="Stride">From one window to the next, in rows and columns.</param>
/// <param name="Pads">Zeros above, on the left, below and on the right.</param>
internal sealed record WindowShape(
    (int Height, int Width, int Depth) Input,
    (int Rows, int Columns) Kernel,
    (int Rows, int Columns) Stride,
    (long Top, long Left, long Bottom, long Right) Pads)
{
    public long OutputHeight => ((Input.Height + Pads.Top + Pads.Bottom - Kernel.Rows) / Stride.Rows) + 1;

    public long OutputWidth => ((Input.Width + Pads.Left + Pads.Right - Kernel.Columns) / Stride.Columns) + 1;

    /// <summary>
    /// The zeros of <see cref="Padding.Same"/>, ONNX's SAME_UPPER: one more below and on the right where they are odd in number.
    /// </summary>
    public (long Top, long Left, long Bottom, long Right) SamePads
    {
        get
        {
            var (top, bottom) = Same(Input.Height, Kernel.Rows, Stride.Rows);
            var (left, right) = Same(Input.Width, Kernel.Columns, Stride.Columns);
            return (top, left, bottom, right);
        }
    }

    /// <summary>The fewest nodes of a function that cuts the windows out of an image.</summary>
    public long NodesAtLeast => 2 * ((long)Kernel.Rows + Kernel.Columns);

    /// <summary>What a node's attributes say of its windows over the image that comes in.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kernelOfWeights">The windows' size where there is no kernel_shape; null where there must be one.</param>
    public static WindowShape Read(NodeReader node, (int Rows, int Columns)? kernelOfWeights = null)
    {
        long[] Sizes(string name, long[] fallback) => node.Attributes.Ints(name, 2) is not { } sizes ? fallback
            : Array.TrueForAll(sizes, size => size is >= 1 and <= int.MaxValue) ? sizes
            : throw node.Refuse($"has a size in {name} that is not 1 or more");

        long[] kernel = Sizes("kernel_shape", kernelOfWeights is var (rows, columns) ? [rows, columns] : []);
        if (kernel.Length == 0)
        {
            throw node.Refuse("has no kernel_shape");
        }

        long[] strides = Sizes("strides", [1, 1]);
        if (Sizes("dilations", [1, 1]) is not [1, 1])
        {
            throw node.Refuse("has dilations; the library's windows have no gaps (dilations = 1, 1)");
        }

        long[]? pads = node.Attributes.Ints("pads", 4);
        string auto = node.Attributes.Text("auto_pad", "NOTSET");
        var windows = new WindowShape(node.Form.Image, ((int)kernel[0], (int)kernel[1]), ((int)strides[0], (int)strides[1]), default);
        var same = windows.SamePads;
        (long Top, long Left, long Bottom, long Right) zeros = auto switch
        {
            "NOTSET" when pads is not null => (pads[0], pads[1], pads[2], pads[3]),
            "NOTSET" or "VALID" => default,
            "SAME_UPPER" => same,
            "SAME_LOWER" => (same.Bottom, same.Right, same.Top, same.Left),
            _ => throw node.Refuse($"has the unknown auto_pad '{Refusal.Short(auto)}'"),
        };
        if (zeros.Top is < 0 or > int.MaxValue || zeros.Left is < 0 or > int.MaxValue
            || zeros.Bottom is < 0 or > int.MaxValue || zeros.Right is < 0 or > int.MaxValue)
        {
            throw node.Refuse("has pads that are not 0 or more");
        }

        return windows with { Pads = zeros };
    }

    private static (long Before, long After) Same(long input, long kernel, long stride)
    {
        long output = ((input - 1) / stride) + 1;
        long zeros = Math.Max(((output - 1) * stride) + kernel - input, 0);
        return (zeros / 2, zeros - (zeros / 2));
    }
}
