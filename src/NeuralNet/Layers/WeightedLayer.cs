using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet;

/// <summary>A layer that has weights and a bias, both of which it learns.</summary>
/// <remarks>W has a column for each output of the layer, or for each of its kernels, and B, a row, as many values.</remarks>
public abstract class WeightedLayer : BatchLayer
{
    private readonly InitialWeights _initial;

    /// <param name="shape">The weights' rows and columns.</param>
    /// <param name="fans">How many inputs lead to each output, and how many outputs from each input.</param>
    /// <param name="initializer">How they start.</param>
    /// <param name="random">Where random numbers come from.</param>
    private protected WeightedLayer((int Rows, int Columns) shape, (int In, int Out) fans, Initializer? initializer, Random? random)
    {
        _initial = new InitialWeights(this, shape, fans, initializer, random);
        Parameters = [_initial.Weights, _initial.Bias];
    }

    /// <summary>Gets or sets W: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Weights
    {
        get => _initial.Weights.Value;
        set => _initial.Weights.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets B, 1 x the number of columns of W: the live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Bias
    {
        get => _initial.Bias.Value;
        set => _initial.Bias.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets λ of the L2 regularisation of <see cref="Weights"/>, penalty λ Σ W², gradient 2λW: finite, 0 or more, and 0, which is
    /// none, by default. The losses that training reports are without the penalty.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double L2
    {
        get => _initial.Weights.L2;
        set => _initial.Weights.L2 = value;
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The values of W, column by column.</summary>
    private protected Span<double> WeightValues => _initial.Weights.Values;

    /// <summary>The values of B.</summary>
    private protected Span<double> BiasValues => _initial.Bias.Values;

    internal sealed override void DrawInitialWeights(Random? random) => _initial.DrawFrom(random);
}
