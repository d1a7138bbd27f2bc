namespace NeuralNet.Kernels;

/// <summary>Rows of a table by their numbers, for samples one after another; table and samples are column-major.</summary>
internal static class Lookup
{
    /// <summary>The place of the first value that is no row of a table, from 0; -1 where all are.</summary>
    public static int FirstOutside(ReadOnlySpan<double> numbers, int rows)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            // Written so that NaN is outside.
            if (!(numbers[i] >= 0 && numbers[i] < rows && numbers[i] == Math.Floor(numbers[i])))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>y[t, j] = w[numbers[t], j], for one sample.</summary>
    public static void Rows(ReadOnlySpan<double> numbers, ReadOnlySpan<double> w, int rows, Span<double> y)
    {
        for (int from = 0, to = 0; from < w.Length; from += rows, to += numbers.Length)
        {
            var column = w.Slice(from, rows);
            var target = y.Slice(to, numbers.Length);
            for (int t = 0; t < target.Length; t++)
            {
                target[t] = column[(int)numbers[t]];
            }
        }
    }

    /// <summary>w[numbers[t], j] += e[t, j] for j in [from, to), one t after another, for one sample; w is those columns only.</summary>
    public static void AddRows(ReadOnlySpan<double> numbers, ReadOnlySpan<double> e, int rows, int from, int to, Span<double> w)
    {
        for (int j = from; j < to; j++)
        {
            var column = w.Slice((j - from) * rows, rows);
            var errors = e.Slice(j * numbers.Length, numbers.Length);
            for (int t = 0; t < errors.Length; t++)
            {
                column[(int)numbers[t]] += errors[t];
            }
        }
    }
}
