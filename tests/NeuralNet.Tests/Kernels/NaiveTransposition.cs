namespace NeuralNet.Tests.Kernels;

/// <summary>Transposition of planes, as the textbook has it: T[c, r] = S[r, c].</summary>
internal static class NaiveTransposition
{
    /// <summary>Column-major planes of rows x columns values, each transposed.</summary>
    public static double[] Planes(double[] source, int rows, int columns)
    {
        double[] target = new double[source.Length];
        for (int at = 0; at < source.Length; at++)
        {
            int plane = at / (rows * columns);
            int column = at % (rows * columns) / rows;
            int row = at % rows;
            target[(plane * rows * columns) + (row * columns) + column] = source[at];
        }

        return target;
    }
}
