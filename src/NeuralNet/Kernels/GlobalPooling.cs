namespace NeuralNet.Kernels;

/// <summary>
/// One value for each plane of height x width values, column-major, one after another: its mean or its maximum. The columns of a matrix
/// are planes of width 1.
/// </summary>
/// <remarks>
/// The maximum is the first in the plane's rows, one after another, that no later value is greater than; a NaN counts as greater than all,
/// so that it propagates, as in <see cref="Pooling"/>.
/// </remarks>
internal static class GlobalPooling
{
    /// <summary>y[d] = the mean of plane d.</summary>
    public static void Average(ReadOnlySpan<double> x, int height, int width, Span<double> y)
    {
        int size = height * width;
        for (int plane = 0; plane < y.Length; plane++)
        {
            y[plane] = Products.Sum(x.Slice(plane * size, size)) / size;
        }
    }

    /// <summary>dE/dx = dE/dy[d] / size for each value of plane d.</summary>
    public static void AverageInputError(ReadOnlySpan<double> yError, int height, int width, Span<double> xError)
    {
        int size = height * width;
        for (int plane = 0; plane < yError.Length; plane++)
        {
            xError.Slice(plane * size, size).Fill(yError[plane] / size);
        }
    }

    /// <summary>y[d] = the maximum of plane d.</summary>
    public static void Max(ReadOnlySpan<double> x, int height, int width, Span<double> y)
    {
        int size = height * width;
        for (int plane = 0; plane < y.Length; plane++)
        {
            var values = x.Slice(plane * size, size);
            y[plane] = values[PlaceOfMax(values, height)];
        }
    }

    /// <summary>y = the greater of x and y, value by value: y where they are equal, x where it is NaN.</summary>
    public static void TakeGreater(ReadOnlySpan<double> x, Span<double> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = x[i] > y[i] || double.IsNaN(x[i]) ? x[i] : y[i];
        }
    }

    /// <summary>dE/dx = dE/dy[d] where x is the maximum of plane d, and 0 elsewhere.</summary>
    public static void MaxInputError(ReadOnlySpan<double> x, ReadOnlySpan<double> yError, int height, int width, Span<double> xError)
    {
        int size = height * width;
        xError.Clear();
        for (int plane = 0; plane < yError.Length; plane++)
        {
            int from = plane * size;
            xError[from + PlaceOfMax(x.Slice(from, size), height)] = yError[plane];
        }
    }

    private static int PlaceOfMax(ReadOnlySpan<double> plane, int height)
    {
        int best = 0;
        for (int row = 0; row < height; row++)
        {
            for (int at = row; at < plane.Length; at += height)
            {
                if (plane[at] > plane[best] || double.IsNaN(plane[at]))
                {
                    best = at;
                }
            }
        }

        return best;
    }
}
