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

    /// <summary>y[s, j] = Σ_i x[s, i] W[i, j] + b[j].</summary>
    public static double[] RowsTimesMatrix(double[] x, int count, double[] w, double[] b) =>
        [.. Rows(x, count).SelectMany(row => RowTimesMatrix(row, w, b))];

    /// <summary>e[s, i] = Σ_j y[s, j] W[i, j].</summary>
    public static double[] InputErrors(double[] y, int count, double[] w, int n) =>
        [.. Rows(y, count).SelectMany(row => RowTimesTransposed(row, w, n))];

    /// <summary>W[i, j] + Σ_s x[s, i] e[s, j].</summary>
    public static double[] AddOuters(double[] x, double[] e, int count, double[] w) =>
        Rows(x, count).Zip(Rows(e, count)).Aggregate((double[])[.. w], (sum, rows) => AddOuter(1, rows.First, rows.Second, sum));

    /// <summary>b[j] + Σ_s e[s, j] for j in [from, to), and b[j] elsewhere.</summary>
    public static double[] AddColumnSums(double[] e, int count, int from, int to, double[] b) =>
        [.. b.Select((bias, j) => bias + (j >= from && j < to ? Rows(e, count).Sum(row => row[j]) : 0))];

    private static IEnumerable<double[]> Rows(double[] values, int count) =>
        Enumerable.Range(0, count).Select(s => values[(s * (values.Length / count))..((s + 1) * (values.Length / count))]);
}
