namespace NeuralNet.Training;

/// <summary>Which samples are trained on, and which of them <see cref="FitOptions.ValidationSplit"/> takes for validation.</summary>
internal static class ValidationSplit
{
    /// <summary>How many of the samples are taken for validation: one at least, and one is left.</summary>
    public static int Count(int samples, double split) => Math.Clamp((int)Math.Round(samples * split), 1, samples - 1);

    /// <summary>The places of both, in their order.</summary>
    public static (int[] Training, int[] Validation) Of(int samples, double split, int seed)
    {
        if (split == 0)
        {
            return ([.. Enumerable.Range(0, samples)], []);
        }

        int validation = Count(samples, split);
        int[] order = SeededRandom.Permutation(samples, SeededRandom.Of(seed, 0));
        return ([.. order[validation..].Order()], [.. order[..validation].Order()]);
    }
}
