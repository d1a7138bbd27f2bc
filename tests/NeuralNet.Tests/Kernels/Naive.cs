namespace NeuralNet.Tests.Kernels;

/// <summary>The kernels' naive twins: the formulas as loops, with the sum of absolute products that bounds a sum's rounding.</summary>
internal static class Naive
{
    /// <summary>y_j = b_j + Σ_i x_i w_ij.</summary>
    public static (double[] Values, double[] Magnitudes) RowTimesMatrix(double[] x, double[] w, double[] b) => Sums(b.Length, j =>
        Enumerable.Range(0, x.Length).Select(i => x[i] * w[(j * x.Length) + i]).Prepend(b[j]));

    /// <summary>e_i = Σ_j y_j w_ij.</summary>
    public static (double[] Values, double[] Magnitudes) RowTimesTransposed(double[] y, double[] w, int n) => Sums(n, i =>
        Enumerable.Range(0, y.Length).Select(j => y[j] * w[(j * n) + i]));

    /// <summary>w_ij + scale x_i y_j.</summary>
    public static (double[] Values, double[] Magnitudes) AddOuter(double scale, double[] x, double[] y, double[] w) => Sums(w.Length, at =>
        [w[at], scale * x[at % x.Length] * y[at / x.Length]]);

    /// <summary>y_i + scale x_i.</summary>
    public static (double[] Values, double[] Magnitudes) AddScaled(double scale, double[] x, double[] y) => Sums(x.Length, i => [y[i], scale * x[i]]);

    private static (double[] Values, double[] Magnitudes) Sums(int count, Func<int, IEnumerable<double>> terms)
    {
        var values = new double[count];
        var magnitudes = new double[count];
        for (int i = 0; i < count; i++)
        {
            foreach (double term in terms(i))
            {
                values[i] += term;
                magnitudes[i] += Math.Abs(term);
            }
        }

        return (values, magnitudes);
    }
}
