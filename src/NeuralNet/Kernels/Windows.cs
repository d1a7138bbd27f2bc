namespace NeuralNet.Kernels;

/// <summary>Windows, the kernels of a convolution or those of a pooling, along rows or columns.</summary>
internal static class Windows
{
    /// <summary>How many lie on a length, ⌊(length - window) / stride⌋ + 1; what fills no window at its end is left out.</summary>
    /// <param name="length">Rows or columns, zeros around them among them.</param>
    /// <param name="window">Those of a window, no more.</param>
    /// <param name="stride">From one window to the next.</param>
    public static int Count(int length, int window, int stride) => ((length - window) / stride) + 1;
}
