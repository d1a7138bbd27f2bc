namespace NeuralNet.Kernels;

/// <summary>The sizes of a convolution.</summary>
internal readonly record struct ConvolutionShape(int Height, int Width, int Depth, int KernelRows, int KernelColumns, int OutputDepth)
{
    public int OutputHeight => Height - KernelRows + 1;

    public int OutputWidth => Width - KernelColumns + 1;
}
