namespace NeuralNet.Kernels;

/// <summary>The sizes of a pooling. Rows and columns at the end that fill no window are left out.</summary>
internal sealed record PoolShape(int Height, int Width, int Depth, int PoolRows, int PoolColumns, int StrideRows, int StrideColumns)
{
    public int OutputHeight { get; } = Windows.Count(Height, PoolRows, StrideRows);

    public int OutputWidth { get; } = Windows.Count(Width, PoolColumns, StrideColumns);

    public int InputSize { get; } = Height * Width * Depth;

    public int OutputSize => OutputHeight * OutputWidth * Depth;

    /// <summary>Whether windows are 2 x 2 and lie side by side.</summary>
    public bool IsTwoByTwo => (PoolRows, PoolColumns, StrideRows, StrideColumns) == (2, 2, 2, 2);
}
