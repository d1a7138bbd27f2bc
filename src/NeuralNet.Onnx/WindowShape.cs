namespace NeuralNet.Onnx;

/// <summary>How windows, the kernels of a convolution or those of a pooling, lie over an image.</summary>
/// <param name="Input">The image's height, width and number of planes.</param>
/// <param name="Kernel">A window's rows and columns.</param>
/// <param name="Stride">From one window to the next, in rows and columns.</param>
/// <param name="Pads">Zeros above, on the left, below and on the right.</param>
internal sealed record WindowShape(
    (int Height, int Width, int Depth) Input, (int Rows, int Columns) Kernel, (int Rows, int Columns) Stride, (long Top, long Left, long Bottom, long Right) Pads)
{
    public long OutputHeight => ((Input.Height + Pads.Top + Pads.Bottom - Kernel.Rows) / Stride.Rows) + 1;

    public long OutputWidth => ((Input.Width + Pads.Left + Pads.Right - Kernel.Columns) / Stride.Columns) + 1;
}
