using System.Diagnostics;
using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;

namespace NeuralNet.Benchmarks;

/// <summary>The time of one step of a sequence through <see cref="Network.Stream"/>, on one thread.</summary>
internal static class StreamCommand
{
    private const int Size = 32;
    private const int Steps = 1_000;
    private const int Rounds = 401;

    public static void Run()
    {
        var random = new Xoshiro256StarStar(1);
        Print("lstm", new Network().Add(new LstmLayer(Size, Size, random: random)));
        Print("gru", new Network().Add(new GruLayer(Size, Size, random: random)));
        Print("rnn", new Network().Add(new RnnLayer(Size, Size, random: random)));
        Print("conv1d, kernel 3", new Network().Add(new Conv1DLayer(Size, Size, 3, padding: Padding.Causal, random: random)));
    }

    private static void Print(string name, Network net)
    {
        double[] step = [.. Enumerable.Range(0, Size).Select(i => Math.Sin(i))];
        var stream = net.Stream();
        double[] microseconds = new double[Rounds];
        long bytes = 0;
        for (int round = 0; round < Rounds; round++)
        {
            stream.Reset();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Steps; i++)
            {
                stream.Next(step);
            }

            microseconds[round] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Steps;
            bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        Array.Sort(microseconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"neuralnet stream {name} {Size} -> {Size}: {microseconds[Rounds / 2]:F2} us a step (least {microseconds[0]:F2}), ")
            + string.Create(CultureInfo.InvariantCulture, $"allocated {(double)bytes / Steps:F2} bytes a step"));
    }
}
