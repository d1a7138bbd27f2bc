namespace NeuralNet.Onnx.Operators;

/// <summary>A node's windows over an image, those of a pooling or the kernels of a convolution.</summary>
/// <param name="Input">The image's height, width and number of planes.</param>
/// <param name="Kernel">A window's rows and columns.</param>
/// <param name="Stride">From one window to the next, in rows and columns.</param>
/// <param name="Padding">The zeros around the image.</param>
internal sealed record WindowAttributes(
    (int Height, int Width, int Depth) Input, (int Rows, int Columns) Kernel, (int Rows, int Columns) Stride, Padding Padding = default)
{
    /// <summary>The shape of one value for each window.</summary>
    public Shape Output => Padding.GetOutputShape(Image, Kernel, Stride);

    /// <summary>The zeros on each side, in numbers.</summary>
    public (int Top, int Bottom, int Left, int Right) Zeros => Padding.GetZeros(Image, Kernel, Stride);

    /// <summary>The fewest nodes of a function that cuts the windows out of an image.</summary>
    public long NodesAtLeast => 2 * ((long)Kernel.Rows + Kernel.Columns);

    private Shape Image => new(Input.Height, Input.Width, Input.Depth);

    /// <summary>What a node's attributes say of its windows over the image that comes in, but for their zeros.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kernelOfWeights">The windows' size where there is no kernel_shape; null where there must be one.</param>
    public static WindowAttributes Read(NodeReader node, (int Rows, int Columns)? kernelOfWeights = null)
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

        return new WindowAttributes(node.Form.Image, ((int)kernel[0], (int)kernel[1]), ((int)strides[0], (int)strides[1]));
    }

    /// <summary>What the node's attributes say of zeros around the image.</summary>
    public (int Top, int Bottom, int Left, int Right) ReadZeros(NodeReader node)
    {
        long[]? pads = node.Attributes.Ints("pads", 4);
        string auto = node.Attributes.Text("auto_pad", "NOTSET");
        if (auto is "SAME_UPPER" or "SAME_LOWER")
        {
            var (top, bottom, left, right) = (this with { Padding = Padding.Same }).Zeros;
            return auto == "SAME_UPPER" ? (top, bottom, left, right) : (bottom, top, right, left);
        }

        if (auto is not ("NOTSET" or "VALID"))
        {
            throw node.Refuse($"has the unknown auto_pad '{Refusal.Short(auto)}'");
        }

        if (auto == "VALID" || pads is null)
        {
            return default;
        }

        // ONNX has what comes before the rows and columns first, then what comes behind them.
        return Array.TrueForAll(pads, zeros => zeros is >= 0 and <= int.MaxValue)
            ? ((int)pads[0], (int)pads[2], (int)pads[1], (int)pads[3])
            : throw node.Refuse("has pads that are not 0 or more");
    }
}
