using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>
/// The shape of one sample: <paramref name="Depth"/> planes of height x width side by side, in a matrix of height x (width * depth).
/// </summary>
/// <param name="Height">The number of rows, 1 or more.</param>
/// <param name="Width">The number of columns of a plane, 1 or more.</param>
/// <param name="Depth">The number of planes, 1 or more; 1 for a row, a table or a sequence.</param>
public readonly record struct Shape(int Height, int Width, int Depth = 1)
{
    /// <summary>Gets the number of rows of the matrix.</summary>
    public int Rows => Height;

    /// <summary>Gets the number of columns of the matrix, those of all planes.</summary>
    public int Columns => Width * Depth;

    /// <summary>Gets the number of values.</summary>
    public int Size => Height * Width * Depth;

    /// <summary>The matrix that holds the planes, as one plane.</summary>
    internal Shape Matrix => new(Rows, Columns);

    /// <summary>Returns the shape of a row, 1 x size.</summary>
    /// <param name="size">The number of values, 1 or more.</param>
    public static Shape Row(int size) => new(1, size);

    /// <summary>Returns the shape of a matrix, as one plane.</summary>
    /// <param name="matrix">Any matrix.</param>
    public static Shape Of(Matrix<double> matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return new(matrix.RowCount, matrix.ColumnCount);
    }

    /// <summary>Returns whether samples of the two shapes are matrices of the same rows and columns.</summary>
    /// <param name="other">The other shape.</param>
    public bool SameMatrix(Shape other) => Rows == other.Rows && Columns == other.Columns;

    /// <summary>Returns the sizes: <c>28 x 28</c>, and <c>28 x 28 x 3</c> for three planes.</summary>
    public override string ToString() => Depth == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Height} x {Width}")
        : string.Create(CultureInfo.InvariantCulture, $"{Height} x {Width} x {Depth}");
}
