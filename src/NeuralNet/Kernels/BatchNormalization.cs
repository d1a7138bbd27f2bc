using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>
/// Batch normalisation of planes: plane d of a sample is its values [d*size, (d+1)*size), with the samples one after another.
/// </summary>
internal static class BatchNormalization
{
    /// <summary>The mean and the variance (divided by their number) of each plane over all samples.</summary>
    /// <remarks>
    /// Distances from the plane's first value are added up, not the values: that keeps the digits of values that are far from 0 and near
    /// one another, and makes the mean of equal values that value. The mean is <paramref name="mean"/>, the double next to it, and
    /// <paramref name="rest"/>, which may be as large as the values' deviation where that is a few units in their last place.
    /// </remarks>
    public static void Statistics(
        ReadOnlySpan<double> x, int count, int size, Span<double> mean, Span<double> rest, Span<double> variance)
    {
        int sample = mean.Length * size;
        double m = (double)count * size;
        for (int plane = 0; plane < mean.Length; plane++)
        {
            double first = x[plane * size];
            double sum = 0;
            for (int s = 0; s < count; s++)
            {
                foreach (double value in x.Slice((s * sample) + (plane * size), size))
                {
                    sum += value - first;
                }
            }

            (mean[plane], rest[plane]) = ExactSum(first, sum / m);
            double squares = 0;
            for (int s = 0; s < count; s++)
            {
                foreach (double value in x.Slice((s * sample) + (plane * size), size))
                {
                    double distance = value - mean[plane] - rest[plane];
                    squares += distance * distance;
                }
            }

            variance[plane] = squares / m;
        }
    }

    /// <summary>y = gamma (x - mean - rest) scale + beta, with scale = 1 / √(variance + ε), for some samples.</summary>
    public static void Normalise(
        ReadOnlySpan<double> x,
        int size,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> scale,
        ReadOnlySpan<double> gamma,
        ReadOnlySpan<double> beta,
        Span<double> y)
    {
        for (int at = 0; at < x.Length;)
        {
            for (int plane = 0; plane < mean.Length; plane++)
            {
                double factor = gamma[plane] * scale[plane];
                double constant = beta[plane] - (rest[plane] * factor);
                for (int end = at + size; at < end; at++)
                {
                    y[at] = ((x[at] - mean[plane]) * factor) + constant;
                }
            }
        }
    }

    /// <summary>dE/dgamma = Σ dE/dy x̂ and dE/dbeta = Σ dE/dy of each plane over all samples, with x̂ = (x - mean - rest) scale.</summary>
    public static void Gradients(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> error,
        int count,
        int size,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> scale,
        Span<double> gamma,
        Span<double> beta)
    {
        int sample = mean.Length * size;
        for (int plane = 0; plane < mean.Length; plane++)
        {
            double products = 0;
            double sum = 0;
            for (int s = 0; s < count; s++)
            {
                int from = (s * sample) + (plane * size);
                for (int at = from; at < from + size; at++)
                {
                    products += error[at] * (x[at] - mean[plane]);
                    sum += error[at];
                }
            }

            (gamma[plane], beta[plane]) = ((products - (rest[plane] * sum)) * scale[plane], sum);
        }
    }

    /// <summary>
    /// dE/dx = gamma scale (dE/dy - (dE/dbeta + x̂ dE/dgamma) / m), for some samples, with m values of a plane in the whole batch.
    /// </summary>
    public static void InputErrors(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> error,
        int size,
        double m,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> rest,
        ReadOnlySpan<double> scale,
        ReadOnlySpan<double> gammaError,
        ReadOnlySpan<double> betaError,
        ReadOnlySpan<double> gamma,
        Span<double> inputError)
    {
        for (int at = 0; at < x.Length;)
        {
            for (int plane = 0; plane < gamma.Length; plane++)
            {
                double factor = gamma[plane] * scale[plane];
                double slope = gammaError[plane] * scale[plane] / m;
                double constant = (betaError[plane] / m) - (slope * rest[plane]);
                for (int end = at + size; at < end; at++)
                {
                    inputError[at] = factor * (error[at] - constant - (slope * (x[at] - mean[plane])));
                }
            }
        }
    }

    /// <summary>dE/dx = gamma scale dE/dy, for some samples, where mean and scale are not those of the batch.</summary>
    public static void InputErrors(
        ReadOnlySpan<double> error, int size, ReadOnlySpan<double> scale, ReadOnlySpan<double> gamma, Span<double> inputError)
    {
        for (int at = 0; at < error.Length;)
        {
            for (int plane = 0; plane < gamma.Length; plane++)
            {
                TensorPrimitives.Multiply(error.Slice(at, size), gamma[plane] * scale[plane], inputError.Slice(at, size));
                at += size;
            }
        }
    }

    /// <summary>a + b as the double next to it and what that lacks (Knuth, The Art of Computer Programming, volume 2, 1969).</summary>
    public static (double Sum, double Lacking) ExactSum(double a, double b)
    {
        double sum = a + b;
        double added = sum - a;
        return (sum, (a - (sum - added)) + (b - added));
    }
}
