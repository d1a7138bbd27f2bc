namespace NeuralNet.Tests.Kernels;

/// <summary>Transposition of matrices one after another, as the textbook has it: T[c, r] = S[r, c].</summary>
internal static class NaiveTransposition
{
    /// <summary>Column-major matrices of rows x columns values, each row by row.</summary>
    public static double[] ToRows(double[] columnMajor, int rows, int columns)
    {
        double[] rowMajor = new double[columnMajor.Length];
        for (int at = 0; at < columnMajor.Length; at++)
        {
            int matrix = at / (rows * columns);
            int column = at % (rows * columns) / rows;
            int row = at % rows;
            rowMajor[(matrix * rows * columns) + (row * columns) + column] = columnMajor[at];
        }

        return rowMajor;
    }
}
