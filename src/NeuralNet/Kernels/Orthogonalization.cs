using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>Makes the columns of a matrix orthonormal, or its rows where these are fewer.</summary>
/// <remarks>
/// Gram and Schmidt's method, each vector freed of those before it twice: once leaves more than rounding errors where vectors are nearly
/// alike (Giraud, Langou and Rozložník, 2005).
/// </remarks>
internal static class Orthogonalization
{
    /// <param name="matrix">rows x columns values, column by column.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns.</param>
    public static void Apply(double[] matrix, int rows, int columns)
    {
        if (rows >= columns)
        {
            Columns(matrix, rows, columns);
            return;
        }

        double[] transposed = new double[matrix.Length];
        Transposition.ToRows(matrix, rows, columns, transposed);
        Columns(transposed, columns, rows);
        Transposition.ToColumns(transposed, rows, columns, matrix);
    }

    private static void Columns(Span<double> vectors, int size, int count)
    {
        Span<double> projections = new double[count];
        Span<double> zeros = new double[count];
        for (int i = 0; i < count; i++)
        {
            var vector = vectors.Slice(i * size, size);
            var before = vectors[..(i * size)];
            for (int pass = 0; pass < 2; pass++)
            {
                Products.RowTimesMatrix(vector, before, zeros[..i], projections[..i]);
                for (int j = 0; j < i; j++)
                {
                    Products.AddScaled(-projections[j], before.Slice(j * size, size), vector);
                }
            }

            Products.RowTimesMatrix(vector, vector, zeros[..1], projections[..1]);
            TensorPrimitives.Divide(vector, Math.Sqrt(projections[0]), vector);
        }
    }
}
