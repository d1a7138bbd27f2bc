namespace NeuralNet.Tests.Kernels;

/// <summary>Products of a row with a matrix, as the textbook has them. W is n x m, column-major: W[i, j] is w[i + j * n].</summary>
internal static class NaiveProducts
{
    /// <summary>y[j] = Σ_i x[i] W[i, j] + b[j].</summary>
    public static double[] RowTimesMatrix(double[] x, double[] w, double[] b)
    {
        double[] y = new double[b.Length];
        for (int j = 0; j < b.Length; j++)
        {
            y[j] = b[j];
            for (int i = 0; i < x.Length; i++)
            {
                y[j] += x[i] * w[i + (j * x.Length)];
            }
        }

        return y;
    }

    /// <summary>x[i] = Σ_j y[j] W[i, j].</summary>
    public static double[] RowTimesTransposed(double[] y, double[] w, int n)
    {
        double[] x = new double[n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < y.Length; j++)
            {
                x[i] += y[j] * w[i + (j * n)];
            }
        }

        return x;
    }

    /// <summary>W[i, j] + scale * x[i] y[j].</summary>
    public static double[] AddOuter(double scale, double[] x, double[] y, double[] w)
    {
        double[] sum = new double[w.Length];
        for (int i = 0; i < x.Length; i++)
        {
            for (int j = 0; j < y.Length; j++)
            {
                sum[i + (j * x.Length)] = w[i + (j * x.Length)] + (scale * x[i] * y[j]);
            }
        }

        return sum;
    }

    /// <summary>y[i] + scale * x[i].</summary>
    public static double[] AddScaled(double scale, double[] x, double[] y)
    {
        double[] sum = new double[y.Length];
        for (int i = 0; i < y.Length; i++)
        {
            sum[i] = y[i] + (scale * x[i]);
        }

        return sum;
    }
}
