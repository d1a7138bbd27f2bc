using System.Diagnostics;
using NeuralNet.Kernels;

namespace NeuralNet.Benchmarks;

/// <summary>
/// How many operations a second the three products of a batch do on one thread, a multiplication and an addition counting as two.
/// </summary>
internal static class ProductSpeed
{
    private const int Size = 768;
    private const int Rounds = 15;

    public static void Run()
    {
        var random = new Random(1);
        double[] x = Values(random, Size * Size);
        double[] w = Values(random, Size * Size);
        double[] b = Values(random, Size);
        double[] y = new double[Size * Size];
        Print("forward", () => BatchProducts.RowsTimesMatrix(x, Size, w, b, y));
        Print("input errors", () => BatchProducts.InputErrors(x, Size, w, y));
        Print("weight gradients", () => BatchProducts.AddOuters(x, w, Size, Size, Size, 0, Size, y));
    }

    private static double[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];

    private static void Print(string name, Action product)
    {
        // Until it runs in its last tier: that is compiled in the background, after 30 calls and a pause.
        var warmUp = Stopwatch.StartNew();
        for (int calls = 0; calls < 40 || warmUp.ElapsedMilliseconds < 1500; calls++)
        {
            product();
        }

        double[] seconds = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            product();
            seconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        Console.WriteLine(FormattableString.Invariant(
            $"neuralnet product {Size}x{Size}x{Size}: {2.0 * Size * Size * Size / seconds[Rounds / 2] / 1e9:F1} GFLOP/s ({name})"));
    }
}
