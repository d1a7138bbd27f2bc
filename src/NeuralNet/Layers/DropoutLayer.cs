using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// Leaves out values at random in training, so that no output comes to rely on a single one; a prediction passes unchanged.
/// </summary>
/// <remarks>
/// <para>
/// In training Y = X ∘ M and dE/dX = dE/dY ∘ M, where each value of M is 0 with probability <see cref="Rate"/>, else 1 / (1 - rate): so the
/// expectation of Y is X. In Predict Y = X.
/// </para>
/// <para>
/// Nitish Srivastava, Geoffrey Hinton, Alex Krizhevsky, Ilya Sutskever and Ruslan Salakhutdinov, Dropout: a simple way to prevent neural
/// networks from overfitting, 2014, in the inverted form.
/// </para>
/// <para>
/// One number is drawn for each mini-batch; M is made from it and the value's place by SplitMix64 (Steele, Lea and Flood, 2014), so that it
/// is the same for any number of threads.
/// </para>
/// </remarks>
public sealed class DropoutLayer : BatchLayer
{
    private readonly Random? _random;

    /// <summary>Makes a layer.</summary>
    /// <param name="rate">The probability of a value to be left out: 0 or more, below 1.</param>
    /// <param name="random">
    /// Where the random numbers come from; where none is given, <see cref="FitOptions.Seed"/> in training with one, else
    /// <see cref="Random.Shared"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rate"/> is out of its range.</exception>
    public DropoutLayer(double rate, Random? random = null)
    {
        Rate = Check.Number(rate, rate >= 0 && rate < 1, "DropoutLayer's rate", " from 0 to below 1", nameof(rate));
        _random = random;
    }

    /// <summary>The probability of a value to be left out.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant($"DropoutLayer({Rate})");

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<DropoutLayer>(
        write: (layer, entry) => entry.With("rate", layer.Rate),
        read: entry =>
        {
            double rate = entry.TakeNumber("rate");
            return new LayerPlan(() => new DropoutLayer(rate));
        });

    /// <inheritdoc/>
    protected internal override bool IsRandom => true;

    /// <inheritdoc/>
    protected internal override Random? Random => _random;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => input;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        if (!pass.Training)
        {
            pass.Input.CopyTo(pass.Output);
            return;
        }

        for (int sample = 0; sample < pass.Count; sample++)
        {
            Dropout.Apply(Rate, pass.Seed, (long)(pass.First + sample) * pass.InputShape.Size, pass.InputOf(sample), pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Dropout.Apply(
                Rate, pass.Seed, (long)(pass.First + sample) * pass.InputShape.Size, pass.OutputErrorOf(sample), pass.InputErrorOf(sample));
        }
    }
}
