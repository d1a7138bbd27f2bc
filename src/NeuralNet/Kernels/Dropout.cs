namespace NeuralNet.Kernels;

/// <summary>Values left out at random, by a generator that knows the number of any place without those before it.</summary>
internal static class Dropout
{
    /// <summary>
    /// y = x ∘ m: m is 0 where the random number of the place, uniform in [0, 1), is below the rate, else 1 / (1 - rate).
    /// </summary>
    /// <param name="rate">The probability of 0.</param>
    /// <param name="seed">The same seed gives the same m.</param>
    /// <param name="place">The place of the first value.</param>
    /// <param name="x">The values.</param>
    /// <param name="y">As many.</param>
    public static void Apply(double rate, long seed, long place, ReadOnlySpan<double> x, Span<double> y)
    {
        ulong threshold = (ulong)(rate * (1UL << 53));
        double kept = 1 / (1 - rate);
        ulong start = Hash.Mix((ulong)seed) + (ulong)place;
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Hash.Mix(start + (ulong)i) >> 11 < threshold ? 0 : kept * x[i];
        }
    }
}
