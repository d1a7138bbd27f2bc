using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Layer normalisation: gives each row of a sample mean 0 and variance 1, then a scale and a shift that are learnt.</summary>
/// <remarks>
/// <para>X̂ = (X - μ) / √(σ² + ε), Y = γ X̂ + β; μ and σ² are the mean and the variance over the n values of a row.</para>
/// <para>dE/dγ = Σ dE/dY X̂, dE/dβ = Σ dE/dY, the sums over all rows</para>
/// <para>dE/dX = (G - μ(G) - X̂ μ(G X̂)) / √(σ² + ε) with G = γ dE/dY; μ is the mean over a row</para>
/// <para>X and Y are T x n, γ and β are 1 x n; T may differ from sample to sample. What a row becomes depends on that row alone.</para>
/// <para>Jimmy Lei Ba, Jamie Ryan Kiros and Geoffrey E. Hinton, Layer normalization, 2016, in PyTorch's definition.</para>
/// </remarks>
public sealed class LayerNormLayer : NormLayer
{
    private readonly int _size;

    /// <summary>Initializes a new instance of the <see cref="LayerNormLayer"/> class.</summary>
    /// <param name="size">The number of values of a row, 1 or more.</param>
    /// <param name="epsilon">ε: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public LayerNormLayer(int size, double epsilon = 1e-5)
        : base(Check.Positive(size, "LayerNormLayer's size", nameof(size)), epsilon) => _size = size;

    /// <summary>Gets the number of values of a row.</summary>
    public int Size => _size;

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant($"LayerNormLayer({_size})");

    internal override bool GivesSteps => true;

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<LayerNormLayer>(
        write: (layer, entry) => entry.With("size", layer._size).With("epsilon", layer.Epsilon),
        read: entry =>
        {
            int size = entry.TakeSize("size");
            double epsilon = entry.TakeNumber("epsilon");
            return new LayerPlan([("Gamma", (1, size)), ("Beta", (1, size))], () => new LayerNormLayer(size, epsilon));
        })
        .WithTorch(TorchModule.Of<LayerNormLayer>(
            "LayerNorm",
            key: "weight",
            shape => shape is [var size] ? FormattableString.Invariant($"{size}") : null,
            layer => [new("Gamma", "weight", layer._size) { Default = 1 }, new("Beta", "bias", layer._size)],
            lacks: "running_mean"));

    /// <inheritdoc/>
    protected internal override int GradientColumns => _size;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => input.Columns == _size
        ? new Shape(input.Rows, _size)
        : throw new ArgumentException(
            FormattableString.Invariant($"{Name} expects an input of {_size} columns, in any number of rows, but got {input}. ") +
            FormattableString.Invariant($"Make this one new LayerNormLayer({input.Columns})."),
            nameof(input));

    /// <inheritdoc/>
    protected internal override int KeptPerSample(Shape input) => LayerNormalization.KeptPerRow * input.Rows;

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => 4L * input.Size;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            LayerNormalization.Normalise(
                pass.InputOf(sample),
                pass.InputShape.Rows,
                Epsilon,
                GammaValues,
                BetaValues,
                pass.OutputOf(sample),
                pass.KeptOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            LayerNormalization.InputErrors(
                pass.InputOf(sample),
                pass.OutputErrorOf(sample),
                pass.InputShape.Rows,
                GammaValues,
                pass.KeptOf(sample),
                pass.InputErrorOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass) => LayerNormalization.AddGradients(
        pass.Input, pass.OutputError, pass.InputShape.Rows, _size, pass.Kept, pass.From, pass.Gradient(0), pass.Gradient(1));
}
