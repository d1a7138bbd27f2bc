namespace NeuralNet.Kernels;

/// <summary>Column-major to row-major and back.</summary>
internal static class Transposition
{
    /// <summary>Transposes every plane of rows x columns values, column-major, in <paramref name="source"/>.</summary>
    public static void Planes(ReadOnlySpan<double> source, int rows, int columns, Span<double> target)
    {
        for (int plane = 0; plane < source.Length; plane += rows * columns)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int column = 0; column < columns; column++)
                {
                    target[plane + (row * columns) + column] = source[plane + (column * rows) + row];
                }
            }
        }
    }
}
