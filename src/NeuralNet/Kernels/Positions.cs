using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>What is added to each step by its place: the first rows of a table, column by column, whose rows are places.</summary>
internal static class Positions
{
    /// <summary>The sinusoids of places 0 to below length: sin(t / 10000^(2i/n)) in column 2i, the cosine in column 2i + 1.</summary>
    public static double[] Sinusoids(int length, int size)
    {
        double[] table = new double[length * size];
        for (int column = 0; column < size; column++)
        {
            double period = Period(column, size);
            for (int step = 0; step < length; step++)
            {
                table[(column * length) + step] = Sinusoid(step, column, period);
            }
        }

        return table;
    }

    /// <summary>The periods of all columns' sinusoids, by 2π.</summary>
    public static double[] Periods(int size) => [.. Enumerable.Range(0, size).Select(column => Period(column, size))];

    /// <summary>y = x + the sinusoids of one place, for one step.</summary>
    /// <param name="x">The step, n values.</param>
    /// <param name="place">Its place, from 0.</param>
    /// <param name="periods">The <see cref="Periods"/>.</param>
    /// <param name="y">Where the result goes, n values.</param>
    public static void AddSinusoids(ReadOnlySpan<double> x, long place, ReadOnlySpan<double> periods, Span<double> y)
    {
        for (int column = 0; column < y.Length; column++)
        {
            y[column] = x[column] + Sinusoid(place, column, periods[column]);
        }
    }

    /// <summary>y = x + one row of the table, for one step.</summary>
    /// <param name="x">The step, n values.</param>
    /// <param name="place">The row.</param>
    /// <param name="table">Length x n values.</param>
    /// <param name="length">The number of the table's rows, above place.</param>
    /// <param name="y">Where the result goes, n values.</param>
    public static void AddRow(ReadOnlySpan<double> x, int place, ReadOnlySpan<double> table, int length, Span<double> y)
    {
        for (int column = 0; column < y.Length; column++)
        {
            y[column] = x[column] + table[(column * length) + place];
        }
    }

    /// <summary>y = x + the first rows of the table.</summary>
    /// <param name="x">One sample of T x n.</param>
    /// <param name="steps">T.</param>
    /// <param name="table">Length x n values, T of whose rows are added.</param>
    /// <param name="length">The number of the table's rows, T or more.</param>
    /// <param name="y">Where the result goes, T x n.</param>
    public static void Add(ReadOnlySpan<double> x, int steps, ReadOnlySpan<double> table, int length, Span<double> y)
    {
        for (int from = 0, at = 0; from < x.Length; from += steps, at += length)
        {
            TensorPrimitives.Add(x.Slice(from, steps), table.Slice(at, steps), y.Slice(from, steps));
        }
    }

    /// <summary>Adds dE/dy to the gradient of some columns of the table, sample by sample.</summary>
    /// <param name="error">dE/dy of any number of samples of T x n, one after another.</param>
    /// <param name="steps">T.</param>
    /// <param name="size">n.</param>
    /// <param name="from">The first column.</param>
    /// <param name="length">The number of the table's rows.</param>
    /// <param name="gradient">Those columns alone, to be added to.</param>
    public static void AddGradients(ReadOnlySpan<double> error, int steps, int size, int from, int length, Span<double> gradient)
    {
        for (int sample = 0; sample < error.Length; sample += steps * size)
        {
            for (int column = 0; column < gradient.Length / length; column++)
            {
                var its = gradient.Slice(column * length, steps);
                TensorPrimitives.Add(its, error.Slice(sample + ((from + column) * steps), steps), its);
            }
        }
    }

    private static double Period(int column, int size) => Math.Pow(10_000, (column - (column % 2)) / (double)size);

    private static double Sinusoid(long place, int column, double period) =>
        column % 2 == 0 ? Math.Sin(place / period) : Math.Cos(place / period);
}
