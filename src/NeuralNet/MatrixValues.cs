using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>MathNet's matrices as the column-major values that the kernels read.</summary>
internal static class MatrixValues
{
    /// <summary>The values of a dense matrix, or a dense copy of any other's; to be read only.</summary>
    public static double[] Values(this Matrix<double> matrix) => matrix.AsColumnMajorArray() ?? matrix.ToColumnMajorArray();

    /// <summary>The matrix itself where it is dense, else a dense copy, which is read again and again for no more.</summary>
    public static Matrix<double> ToDense(this Matrix<double> matrix) => matrix.AsColumnMajorArray() is null
        ? Matrix<double>.Build.Dense(matrix.RowCount, matrix.ColumnCount, matrix.ToColumnMajorArray())
        : matrix;
}
