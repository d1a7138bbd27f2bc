using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>How a layer's weights and bias start.</summary>
/// <remarks>Values are drawn one by one: the weights row by row, then the bias.</remarks>
public sealed class Initializer
{
    private readonly Func<int, int, Random, double> _weight;
    private readonly Func<int, int, Random, double> _bias;

    private Initializer(string name, Func<int, int, Random, double> weight, Func<int, int, Random, double>? bias = null) =>
        (Name, _weight, _bias) = (name, weight, bias ?? weight);

    private string Name { get; }

    /// <summary>The article's start, and the default: weights and bias uniform in [-0.5, 0.5).</summary>
    public static Initializer Default { get; } = Uniform(-0.5, 0.5);

    /// <summary>Weights and bias uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">The least value, finite.</param>
    /// <param name="high">The upper end, finite, above <paramref name="low"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    public static Initializer Uniform(double low, double high)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || !(low < high) || !double.IsFinite(high - low))
        {
            throw new ArgumentOutOfRangeException(nameof(low), FormattableString.Invariant($"A uniform initializer needs finite low < high, but got low {low} and high {high}."));
        }

        return new Initializer(
            FormattableString.Invariant($"Uniform({low}, {high})"),
            (_, _, random) => low + ((high - low) * random.NextDouble()));
    }

    /// <summary>The initializer's name and numbers.</summary>
    public override string ToString() => Name;

    internal Parameter Weights(int rows, int columns, int fanIn, int fanOut, Random random) =>
        new("Weights", Draw(rows, columns, () => _weight(fanIn, fanOut, random)));

    internal Parameter Bias(int columns, int fanIn, int fanOut, Random random) =>
        new("Bias", Draw(1, columns, () => _bias(fanIn, fanOut, random)));

    private static Matrix<double> Draw(int rows, int columns, Func<double> next)
    {
        var matrix = Matrix<double>.Build.Dense(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                matrix[row, column] = next();
            }
        }

        return matrix;
    }
}
