using MathNet.Numerics.LinearAlgebra;
using NeuralNet;
using NeuralNet.Data;

namespace MnistSample;

/// <summary>What the trained network makes of the test digits, in text.</summary>
internal static class Report
{
    public static void Test(Network net, IReadOnlyList<Matrix<double>> xTest, IReadOnlyList<int> labels)
    {
        // test on 3 samples
        Console.WriteLine("\npredicted values :");
        foreach (var y in net.Predict([.. xTest.Take(3)]))
        {
            Console.WriteLine(Values(y));
        }

        Console.WriteLine("true values :");
        foreach (var y in Labels.OneHot([.. labels.Take(3)], 10))
        {
            Console.WriteLine(Values(y));
        }

        // and on all of them
        var confusion = new int[10, 10];
        foreach (var (guess, label) in Labels.ArgMax(net.Predict(xTest)).Zip(labels))
        {
            confusion[label, guess]++;
        }

        int right = Enumerable.Range(0, 10).Sum(digit => confusion[digit, digit]);
        Console.WriteLine(FormattableString.Invariant($"\ntest accuracy {(double)right / labels.Count:P2} ({right} of {labels.Count})"));
        Console.WriteLine("\n true |    0    1    2    3    4    5    6    7    8    9  <- predicted");
        for (int digit = 0; digit < 10; digit++)
        {
            Console.WriteLine($"{digit,5} |{string.Concat(Enumerable.Range(0, 10).Select(guess => $"{confusion[digit, guess],5}"))}");
        }
    }

    private static string Values(Matrix<double> y) => $"[{string.Join(' ', y.Enumerate().Select(v => FormattableString.Invariant($"{v,6:F3}")))}]";
}
