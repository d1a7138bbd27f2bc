namespace NeuralNet.Kernels;

/// <summary>Layer normalisation of the rows of tables, each table column by column, one after another.</summary>
/// <remarks>
/// All loops go along the columns, as the values lie in memory, with one sum for each row, in the order of the columns. What is kept of a
/// table is <see cref="KeptPerRow"/> lists of one number for each row.
/// </remarks>
internal static class LayerNormalization
{
    /// <summary>What is kept of a table: the rows' means, what these lack, 1 / √(variance + ε), and two sums of the way back.</summary>
    public const int KeptPerRow = 5;

    private const int Mean = 0, Rest = 1, Scale = 2, Sum = 3, Products = 4;

    /// <summary>y = gamma x̂ + beta, with x̂ = (x - mean) / √(variance + ε) by each row's mean and biased variance.</summary>
    /// <remarks>
    /// Distances from the row's first value are added up, not the values: that keeps the digits of values that are far from 0 and near
    /// one another. The mean is two numbers, the double next to it and the rest, as in <see cref="BatchNormalization"/>.
    /// </remarks>
    /// <param name="x">A table of height x gamma.Length.</param>
    /// <param name="height">The number of rows.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="gamma">A factor for each column.</param>
    /// <param name="beta">A term for each column.</param>
    /// <param name="y">Where the result goes.</param>
    /// <param name="kept">Where <see cref="KeptPerRow"/> values a row go.</param>
    public static void Normalise(
        ReadOnlySpan<double> x,
        int height,
        double epsilon,
        ReadOnlySpan<double> gamma,
        ReadOnlySpan<double> beta,
        Span<double> y,
        Span<double> kept)
    {
        var mean = Part(kept, Mean, height);
        var rest = Part(kept, Rest, height);
        var scale = Part(kept, Scale, height);
        Statistics(x, height, epsilon, mean, rest, scale);
        for (int column = 0; column < gamma.Length; column++)
        {
            var from = x.Slice(column * height, height);
            var to = y.Slice(column * height, height);
            for (int row = 0; row < height; row++)
            {
                to[row] = ((from[row] - mean[row] - rest[row]) * scale[row] * gamma[column]) + beta[column];
            }
        }
    }

    /// <summary>
    /// dE/dx = (g - mean of g - x̂ (mean of g x̂)) / √(variance + ε) with g = gamma dE/dy, both means over the n values of a row.
    /// </summary>
    /// <param name="x">A table of height x gamma.Length.</param>
    /// <param name="error">dE/dy.</param>
    /// <param name="height">The number of rows.</param>
    /// <param name="gamma">A factor for each column.</param>
    /// <param name="kept">What <see cref="Normalise"/> kept of the table; the two sums are written.</param>
    /// <param name="inputError">Where the result goes.</param>
    public static void InputErrors(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> error,
        int height,
        ReadOnlySpan<double> gamma,
        Span<double> kept,
        Span<double> inputError)
    {
        var mean = Part(kept, Mean, height);
        var rest = Part(kept, Rest, height);
        var scale = Part(kept, Scale, height);
        var sum = Part(kept, Sum, height);
        var products = Part(kept, Products, height);
        sum.Clear();
        products.Clear();
        for (int column = 0, at = 0; column < gamma.Length; column++)
        {
            for (int row = 0; row < height; row++, at++)
            {
                double scaled = gamma[column] * error[at];
                sum[row] += scaled;
                products[row] += scaled * ((x[at] - mean[row] - rest[row]) * scale[row]);
            }
        }

        for (int row = 0; row < height; row++)
        {
            (sum[row], products[row]) = (sum[row] / gamma.Length, products[row] / gamma.Length);
        }

        for (int column = 0, at = 0; column < gamma.Length; column++)
        {
            for (int row = 0; row < height; row++, at++)
            {
                double normalised = (x[at] - mean[row] - rest[row]) * scale[row];
                inputError[at] = scale[row] * ((gamma[column] * error[at]) - sum[row] - (normalised * products[row]));
            }
        }
    }

    /// <summary>Adds dE/dgamma = Σ dE/dy x̂ and dE/dbeta = Σ dE/dy of some columns, over all rows of all tables.</summary>
    /// <param name="x">Tables of height x width, one after another.</param>
    /// <param name="error">dE/dy.</param>
    /// <param name="height">The number of rows of a table.</param>
    /// <param name="width">The number of columns of a table.</param>
    /// <param name="kept">What <see cref="Normalise"/> kept of all tables.</param>
    /// <param name="from">The first column; there are as many as gradients.</param>
    /// <param name="gamma">The gradient of gamma, added to.</param>
    /// <param name="beta">The gradient of beta, added to.</param>
    public static void AddGradients(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> error,
        int height,
        int width,
        ReadOnlySpan<double> kept,
        int from,
        Span<double> gamma,
        Span<double> beta)
    {
        int tables = x.Length / (height * width);
        for (int column = 0; column < gamma.Length; column++)
        {
            double products = 0;
            double sum = 0;
            for (int table = 0; table < tables; table++)
            {
                int start = ((table * width) + from + column) * height;
                var its = kept.Slice(table * KeptPerRow * height, KeptPerRow * height);
                for (int row = 0; row < height; row++)
                {
                    double distance = x[start + row] - its[row] - its[(Rest * height) + row];
                    products += error[start + row] * (distance * its[(Scale * height) + row]);
                    sum += error[start + row];
                }
            }

            gamma[column] += products;
            beta[column] += sum;
        }
    }

    private static void Statistics(
        ReadOnlySpan<double> x, int height, double epsilon, Span<double> mean, Span<double> rest, Span<double> scale)
    {
        int width = x.Length / height;
        mean.Clear();
        for (int at = 0; at < x.Length; at += height)
        {
            for (int row = 0; row < height; row++)
            {
                mean[row] += x[at + row] - x[row];
            }
        }

        for (int row = 0; row < height; row++)
        {
            (mean[row], rest[row]) = BatchNormalization.ExactSum(x[row], mean[row] / width);
        }

        scale.Clear();
        for (int at = 0; at < x.Length; at += height)
        {
            for (int row = 0; row < height; row++)
            {
                double distance = x[at + row] - mean[row] - rest[row];
                scale[row] += distance * distance;
            }
        }

        for (int row = 0; row < height; row++)
        {
            scale[row] = 1 / Math.Sqrt((scale[row] / width) + epsilon);
        }
    }

    private static Span<double> Part(Span<double> kept, int part, int height) => kept.Slice(part * height, height);
}
