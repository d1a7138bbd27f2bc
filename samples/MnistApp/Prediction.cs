using MathNet.Numerics.LinearAlgebra;
using MnistApp.Pictures;
using NeuralNet;

namespace MnistApp;

/// <summary>Which digits a saved network sees in files.</summary>
internal static class Prediction
{
    /// <summary>
    /// Prints a line for each digit: the file, the digit's place in it where there are several, and the two digits that are most likely.
    /// </summary>
    public static int Run(string model, string[] files)
    {
        var net = Network.Load(model);
        foreach (string file in files)
        {
            var digits = DigitFile.Read(file);
            var predictions = net.Predict([.. digits.Select(digit => ForNetwork(net, digit))]);
            foreach (var (place, y) in predictions.Index())
            {
                string name = digits.Count == 1 ? file : FormattableString.Invariant($"{file} {place}");
                Console.WriteLine($"{name}: {Text(net, y)}");
            }
        }

        return 0;
    }

    /// <summary>An image as a row, where the network begins with a fully connected layer.</summary>
    private static Matrix<double> ForNetwork(Network net, Matrix<double> digit) =>
        net.Layers[0] is FCLayer ? new FlattenLayer().Predict(digit) : digit;

    /// <summary>Of logits the probabilities, of anything else the output as it is.</summary>
    private static string Text(Network net, Matrix<double> y)
    {
        bool logits = net.Layers[^1] is FCLayer;
        var values = logits ? new SoftmaxLayer().Predict(y) : y;
        var outputs = values.Enumerate().Index().OrderByDescending(output => output.Item).Take(2);
        return string.Join(", then ", outputs.Select(output => logits
            ? FormattableString.Invariant($"{output.Index} ({output.Item:P1})")
            : FormattableString.Invariant($"{output.Index} ({output.Item:F3})")));
    }
}
