namespace NeuralNet.Kernels;

/// <summary>The sizes of a convolution.</summary>
internal sealed record ConvolutionShape(int Height, int Width, int Depth, int KernelRows, int KernelColumns, int OutputDepth)
{
    private int[]? _taps;

    public int OutputHeight => Height - KernelRows + 1;

    public int OutputWidth => Width - KernelColumns + 1;

    /// <summary>For each weight of a kernel, in its order, how far behind an output's own place in the input the value is that it meets.</summary>
    public ReadOnlySpan<int> Taps => _taps ??=
    [
        .. from plane in Enumerable.Range(0, Depth)
           from row in Enumerable.Range(0, KernelRows)
           from column in Enumerable.Range(0, KernelColumns)
           select (((plane * Width) + column) * Height) + row,
    ];
}
