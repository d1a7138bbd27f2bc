namespace NeuralNet.Kernels;

/// <summary>Products of a row with a matrix. Matrices are column-major: column j of a matrix of n rows is values [j*n, (j+1)*n).</summary>
internal static class Products
{
    /// <summary>y = xW + b, with x of n, W of n x m, b and y of m values.</summary>
    public static void RowTimesMatrix(ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        for (int j = 0; j < y.Length; j++)
        {
            var column = w.Slice(j * x.Length, x.Length);
            double sum = 0;
            for (int i = 0; i < x.Length; i++)
            {
                sum = Math.FusedMultiplyAdd(x[i], column[i], sum);
            }

            y[j] = b[j] + sum;
        }
    }

    /// <summary>x = yWᵀ, with y of m, W of n x m, x of n values.</summary>
    public static void RowTimesTransposed(ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
        x.Clear();
        for (int j = 0; j < y.Length; j++)
        {
            AddScaled(y[j], w.Slice(j * x.Length, x.Length), x);
        }
    }

    /// <summary>W += scale * xᵀy, with x of n, y of m, W of n x m values.</summary>
    public static void AddOuter(double scale, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> w)
    {
        for (int j = 0; j < y.Length; j++)
        {
            AddScaled(scale * y[j], x, w.Slice(j * x.Length, x.Length));
        }
    }

    /// <summary>y += scale * x.</summary>
    public static void AddScaled(double scale, ReadOnlySpan<double> x, Span<double> y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Math.FusedMultiplyAdd(scale, x[i], y[i]);
        }
    }
}
