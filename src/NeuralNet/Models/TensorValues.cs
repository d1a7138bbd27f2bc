namespace NeuralNet;

/// <summary>A matrix under the name that it has in a file.</summary>
/// <param name="Name">The name, once in a file.</param>
/// <param name="Rows">The rows, which are the first size of the tensor.</param>
/// <param name="Columns">The columns, which are the second.</param>
/// <param name="Values">The values, live: column-major, as MathNet has them. The file has them row-major.</param>
internal sealed record TensorValues(string Name, int Rows, int Columns, double[] Values)
{
    /// <summary>Takes the values in the order of the file.</summary>
    public void CopyFromRowMajor(double[] values)
    {
        for (int column = 0; column < Columns; column++)
        {
            for (int row = 0; row < Rows; row++)
            {
                Values[(column * Rows) + row] = values[(row * Columns) + column];
            }
        }
    }
}
