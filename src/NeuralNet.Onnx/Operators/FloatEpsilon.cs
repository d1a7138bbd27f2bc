namespace NeuralNet.Onnx.Operators;

/// <summary>The ε of a batch normalisation as ONNX holds it, a float, so that σ² + ε is still the same double.</summary>
internal static class FloatEpsilon
{
    /// <summary>A float ε and variances of 0 or more whose sums are, bit for bit, the given variances plus the given ε.</summary>
    /// <remarks>
    /// Rounding leaves a sum out of reach for some ε when a variance is in the thousands: then the next smaller float is tried.
    /// </remarks>
    public static (float Epsilon, double[] Variance) Split(double epsilon, double[] variance)
    {
        float rounded = (float)Math.Min(epsilon, float.MaxValue);
        if (rounded > epsilon)
        {
            rounded = MathF.BitDecrement(rounded);
        }

        if (rounded == epsilon)
        {
            return (rounded, variance);
        }

        float candidate = rounded;
        for (int i = 0; i < 64 && candidate > 0; i++, candidate = MathF.BitDecrement(candidate))
        {
            double[] moved = [.. variance.Select(v => Rest(v + epsilon, candidate))];
            if (!moved.Any(double.IsNaN))
            {
                return (candidate, moved);
            }
        }

        return (rounded, [.. variance.Select(v => v + epsilon - rounded)]);
    }

    /// <summary>x of 0 or more with x + epsilon = sum; NaN where there is none.</summary>
    private static double Rest(double sum, double epsilon)
    {
        double x = sum - epsilon;
        foreach (double near in (ReadOnlySpan<double>)[x, Math.BitDecrement(x), Math.BitIncrement(x)])
        {
            if (near >= 0 && near + epsilon == sum)
            {
                return near;
            }
        }

        return double.NaN;
    }
}
