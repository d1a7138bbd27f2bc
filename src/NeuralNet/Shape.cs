using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The shape of one sample: <paramref name="Depth"/> planes of height x width side by side, in a matrix of height x (width * depth).</summary>
internal readonly record struct Shape(int Height, int Width, int Depth = 1)
{
    public int Rows => Height;

    public int Columns => Width * Depth;

    public int Size => Height * Width * Depth;

    /// <summary>The matrix that holds the planes, as one plane.</summary>
    public Shape Matrix => new(Rows, Columns);

    public static Shape Row(int size) => new(1, size);

    public static Shape Of(Matrix<double> matrix) => new(matrix.RowCount, matrix.ColumnCount);

    public bool SameMatrix(Shape other) => Rows == other.Rows && Columns == other.Columns;

    public override string ToString() => Depth == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Height} x {Width}")
        : string.Create(CultureInfo.InvariantCulture, $"{Height} x {Width} x {Depth}");
}
