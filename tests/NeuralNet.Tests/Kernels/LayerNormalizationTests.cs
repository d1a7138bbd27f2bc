using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>Layer normalisation against its formulas, row by row.</summary>
public class LayerNormalizationTests
{
    private const double Epsilon = 0.01;
    private const int Shapes = 2000;

    [Fact]
    public void ValuesAndDerivativesAreTheFormulas() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 40], Gen.Int[1, 3], Gen.Int).Sample(
        (height, width, tables, seed) =>
        {
            var values = new KernelValues(seed);
            int size = height * width;
            int keptSize = height * LayerNormalization.KeptPerRow;
            double[] gamma = values.Dense(width);
            double[] beta = values.Dense(width);
            double[] x = values.Row(tables * size);
            double[] error = values.Row(tables * size);
            double[] kept = Unset(tables * keptSize);
            var (xs, ys, inputErrors) = (values.Border(x), values.Border(Unset(x.Length)), values.Border(Unset(x.Length)));
            var (gammas, betas) = (values.Border([.. gamma]), values.Border([.. beta]));
            int from = seed & 1 & (width > 1 ? 1 : 0);

            for (int table = 0; table < tables; table++)
            {
                var part = new Range(table * size, (table + 1) * size);
                var its = kept.AsSpan(table * keptSize, keptSize);
                LayerNormalization.Normalise(xs.Values[part], height, Epsilon, gamma, beta, ys.Values[part], its);
                LayerNormalization.InputErrors(xs.Values[part], error.AsSpan(part), height, gamma, its, inputErrors.Values[part]);
            }

            LayerNormalization.AddGradients(
                xs.Values, error, height, width, kept, from, gammas.Values[from..], betas.Values[from..]);

            var naive = Naive(x, error, height, width, gamma, beta);
            ys.ShouldBe(naive.Y, [.. Enumerable.Repeat(400.0, x.Length)], width + 8, "y");
            inputErrors.ShouldBe(naive.InputError, [.. Enumerable.Repeat(40_000.0, x.Length)], width + 8, "inputError");
            double[] sums = [.. Enumerable.Repeat(400.0 * height * tables, width)];
            gammas.ShouldBe([.. gamma.Select((g, i) => i < from ? g : g + naive.Gamma[i])], sums, height + width + 8, "gamma");
            betas.ShouldBe([.. beta.Select((b, i) => i < from ? b : b + naive.Beta[i])], sums, height + width + 8, "beta");
            xs.ShouldBeExactly(x, "x");
        },
        iter: Shapes);

    /// <summary>Row by row, and dE/dx by every derivative: dyj/dxi = gammaj scale ((i = j) - 1/n - x̂i x̂j / n).</summary>
    private static (double[] Y, double[] InputError, double[] Gamma, double[] Beta) Naive(
        double[] x, double[] error, int height, int width, double[] gamma, double[] beta)
    {
        double[] y = new double[x.Length];
        double[] inputError = new double[x.Length];
        double[] gammaError = new double[width];
        double[] betaError = new double[width];
        for (int start = 0; start < x.Length; start += height * width)
        {
            for (int row = 0; row < height; row++)
            {
                int[] at = [.. Enumerable.Range(0, width).Select(column => start + (column * height) + row)];
                double mean = at.Average(i => x[i]);
                double scale = 1 / Math.Sqrt(at.Average(i => (x[i] - mean) * (x[i] - mean)) + Epsilon);
                double[] normalised = [.. at.Select(i => (x[i] - mean) * scale)];
                for (int i = 0; i < width; i++)
                {
                    y[at[i]] = (gamma[i] * normalised[i]) + beta[i];
                    gammaError[i] += error[at[i]] * normalised[i];
                    betaError[i] += error[at[i]];
                    for (int j = 0; j < width; j++)
                    {
                        double derivative = (i == j ? 1 : 0) - ((1 + (normalised[i] * normalised[j])) / width);
                        inputError[at[i]] += error[at[j]] * gamma[j] * scale * derivative;
                    }
                }
            }
        }

        return (y, inputError, gammaError, betaError);
    }
}
