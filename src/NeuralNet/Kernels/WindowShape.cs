namespace NeuralNet.Kernels;

/// <summary>
/// How windows, those of a pooling or the kernels of a convolution, lie over the planes of an image. Rows and columns at the end that fill
/// no window are left out.
/// </summary>
internal class WindowShape(
    int height,
    int width,
    int depth,
    (int Rows, int Columns) kernel,
    (int Rows, int Columns) stride,
    (int Top, int Bottom, int Left, int Right) padding = default)
{
    public int Height { get; } = height;

    public int Width { get; } = width;

    public int Depth { get; } = depth;

    /// <summary>The rows of a window, which PyTorch and ONNX call a kernel for poolings, too.</summary>
    public int KernelRows { get; } = kernel.Rows;

    public int KernelColumns { get; } = kernel.Columns;

    public (int Rows, int Columns) Stride { get; } = stride;

    /// <summary>The zeros around the image.</summary>
    public (int Top, int Bottom, int Left, int Right) Padding { get; } = padding;

    public int OutputHeight { get; } = Count(height + padding.Top + padding.Bottom, kernel.Rows, stride.Rows);

    public int OutputWidth { get; } = Count(width + padding.Left + padding.Right, kernel.Columns, stride.Columns);

    public int InputSize { get; } = height * width * depth;

    /// <summary>How many windows lie on a length, ⌊(length - window) / stride⌋ + 1; what fills no window at its end is left out.</summary>
    /// <param name="length">Rows or columns, zeros around them among them.</param>
    /// <param name="window">Those of a window, no more.</param>
    /// <param name="stride">From one window to the next.</param>
    public static int Count(int length, int window, int stride) => ((length - window) / stride) + 1;

    public override string ToString() => FormattableString.Invariant(
        $"{Height} x {Width} x {Depth} -> {OutputHeight} x {OutputWidth}, window {KernelRows} x {KernelColumns}, stride ")
        + FormattableString.Invariant($"{Stride}, padding {Padding}");
}
