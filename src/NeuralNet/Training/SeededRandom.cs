using MathNet.Numerics.Random;
using NeuralNet.Kernels;

namespace NeuralNet.Training;

/// <summary>
/// The generators behind <see cref="FitOptions.Seed"/>: one for what comes before training, stream 0, and one for each epoch, so that an
/// epoch can be run again by its number.
/// </summary>
internal static class SeededRandom
{
    public static Random Of(int seed, int stream) =>
        new Xoshiro256StarStar((int)Hash.Mix(((ulong)(uint)seed << 32) | (uint)stream), threadSafe: false);

    /// <summary>The numbers from 0 to <paramref name="count"/> - 1 in random order (Fisher and Yates, 1938).</summary>
    public static int[] Permutation(int count, Random random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int last = count - 1; last > 0; last--)
        {
            int other = random.Next(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }
}
