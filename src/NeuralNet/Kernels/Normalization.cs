namespace NeuralNet.Kernels;

/// <summary>Columns of tables by their mean and standard deviation, each table column by column.</summary>
/// <remarks>A deviation of 0, that of a column whose values are all the same, counts as 1.</remarks>
internal static class Normalization
{
    /// <summary>The spacing of doubles at 1: what deviates by less than that, times the mean, is one value with rounding errors.</summary>
    private const double Spacing = 1.0 / (1L << 52);

    /// <summary>The mean and the standard deviation (of the variance divided by their number) of each column over all tables.</summary>
    /// <remarks>
    /// Distances from the column's first value are added up, in units of a power of two near the greatest of them: that keeps the digits
    /// of values that are far from 0 and near one another, and neither squares of the greatest doubles nor of the least leave the range.
    /// </remarks>
    /// <param name="tables">Tables of mean.Length columns and any number of rows; no two values of a column are farther apart than
    /// double.MaxValue.</param>
    /// <param name="mean">Where the means go.</param>
    /// <param name="deviation">Where the standard deviations go.</param>
    public static void Statistics(IReadOnlyList<double[]> tables, Span<double> mean, Span<double> deviation)
    {
        int width = mean.Length;
        for (int column = 0; column < width; column++)
        {
            double first = Column(tables[0], column, width)[0];
            double farthest = 0;
            long count = 0;
            foreach (double[] table in tables)
            {
                foreach (double value in Column(table, column, width))
                {
                    farthest = Math.Max(farthest, Math.Abs(value - first));
                }

                count += table.Length / width;
            }

            if (farthest == 0)
            {
                (mean[column], deviation[column]) = (first, 0);
                continue;
            }

            int exponent = Math.ILogB(farthest);
            double sum = 0;
            foreach (double[] table in tables)
            {
                foreach (double value in Column(table, column, width))
                {
                    sum += Math.ScaleB(value - first, -exponent);
                }
            }

            double center = sum / count;
            double squares = 0;
            foreach (double[] table in tables)
            {
                foreach (double value in Column(table, column, width))
                {
                    double distance = Math.ScaleB(value - first, -exponent) - center;
                    squares += distance * distance;
                }
            }

            mean[column] = first + Math.ScaleB(center, exponent);
            double found = Math.ScaleB(Math.Sqrt(squares / count), exponent);
            deviation[column] = found > Spacing * Math.Abs(mean[column]) ? found : 0;
        }
    }

    /// <summary>The first column in which two values are farther apart than a double reaches; -1 where there is none.</summary>
    public static int ColumnTooWide(IReadOnlyList<double[]> tables, int width)
    {
        for (int column = 0; column < width; column++)
        {
            var (least, greatest) = (double.PositiveInfinity, double.NegativeInfinity);
            foreach (double[] table in tables)
            {
                foreach (double value in Column(table, column, width))
                {
                    (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
                }
            }

            if (!double.IsFinite(greatest - least))
            {
                return column;
            }
        }

        return -1;
    }

    /// <summary>y = (x - mean) / deviation of each column, for tables of one height, one after another.</summary>
    public static void Normalise(
        ReadOnlySpan<double> x, int height, ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation, Span<double> y)
    {
        for (int at = 0; at < x.Length;)
        {
            for (int column = 0; column < mean.Length; column++)
            {
                double divisor = Divisor(deviation[column]);
                for (int end = at + height; at < end; at++)
                {
                    y[at] = (x[at] - mean[column]) / divisor;
                }
            }
        }
    }

    /// <summary>x = y deviation + mean of each column: <see cref="Normalise"/> back.</summary>
    public static void Restore(
        ReadOnlySpan<double> y, int height, ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation, Span<double> x)
    {
        for (int at = 0; at < y.Length;)
        {
            for (int column = 0; column < mean.Length; column++)
            {
                double factor = Divisor(deviation[column]);
                for (int end = at + height; at < end; at++)
                {
                    x[at] = (y[at] * factor) + mean[column];
                }
            }
        }
    }

    /// <summary>dE/dx = dE/dy / deviation of each column.</summary>
    public static void InputErrors(ReadOnlySpan<double> error, int height, ReadOnlySpan<double> deviation, Span<double> inputError)
    {
        for (int at = 0; at < error.Length;)
        {
            for (int column = 0; column < deviation.Length; column++)
            {
                double divisor = Divisor(deviation[column]);
                for (int end = at + height; at < end; at++)
                {
                    inputError[at] = error[at] / divisor;
                }
            }
        }
    }

    /// <summary>What a column is divided by.</summary>
    public static double Divisor(double deviation) => deviation == 0 ? 1 : deviation;

    private static ReadOnlySpan<double> Column(double[] table, int column, int width)
    {
        int height = table.Length / width;
        return table.AsSpan(column * height, height);
    }
}
