using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>A layer that gives values mean 0 and variance 1, then a scale γ and a shift β that are learnt.</summary>
public abstract class NormLayer : BatchLayer
{
    private readonly Parameter _gamma;
    private readonly Parameter _beta;

    /// <param name="size">The number of values of γ and of β.</param>
    /// <param name="epsilon">ε.</param>
    private protected NormLayer(int size, double epsilon)
    {
        Epsilon = Check.Number(epsilon, epsilon > 0, $"{GetType().Name}'s epsilon", " above 0", nameof(epsilon));
        _gamma = new Parameter("Gamma", Matrix<double>.Build.Dense(1, size, 1)) { Owner = this };
        _beta = new Parameter("Beta", 1, size) { Owner = this };
        Parameters = [_gamma, _beta];
    }

    /// <summary>
    /// Gets or sets γ, 1 x the number of values or planes that are normalised, 1 at the start: the live matrix to read and write; setting
    /// it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Gamma
    {
        get => _gamma.Value;
        set => _gamma.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets β, 1 x the number of values or planes that are normalised, 0 at the start: the live matrix to read and write; setting
    /// it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Beta
    {
        get => _beta.Value;
        set => _beta.CopyFrom(value, Name);
    }

    /// <summary>Gets ε, which keeps the division finite.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Parameter> Parameters { get; }

    private protected Span<double> GammaValues => _gamma.Values;

    private protected Span<double> BetaValues => _beta.Values;
}
