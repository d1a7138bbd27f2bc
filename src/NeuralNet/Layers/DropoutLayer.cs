using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Leaves out values at random in training, so that no output comes to rely on a single one; a prediction passes unchanged.</summary>
/// <remarks>
/// <para>In training Y = X ∘ M and dE/dX = dE/dY ∘ M, where each value of M is 0 with probability <see cref="Rate"/>, else 1 / (1 - rate): so the expectation of Y is X. In Predict Y = X.</para>
/// <para>Nitish Srivastava, Geoffrey Hinton, Alex Krizhevsky, Ilya Sutskever and Ruslan Salakhutdinov, Dropout: a simple way to prevent neural networks from overfitting, 2014, in the inverted form.</para>
/// <para>One number is drawn for each mini-batch; M is made from it and the value's place by SplitMix64 (Steele, Lea and Flood, 2014), so that it is the same for any number of threads.</para>
/// </remarks>
public sealed class DropoutLayer : Layer, IBatchLayer, IRandomLayer
{
    private readonly Random? _random;
    private long? _frozenSeed;

    /// <summary>Makes a layer.</summary>
    /// <param name="rate">The probability of a value to be left out: 0 or more, below 1.</param>
    /// <param name="random">Where the random numbers come from; where none is given, <see cref="FitOptions.Seed"/> in training with one, else <see cref="Random.Shared"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rate"/> is out of its range.</exception>
    public DropoutLayer(double rate, Random? random = null)
    {
        Rate = Check.Number(rate, rate >= 0 && rate < 1, "DropoutLayer's rate", " from 0 to below 1", nameof(rate));
        _random = random;
    }

    /// <summary>The probability of a value to be left out.</summary>
    public double Rate { get; }

    /// <summary>Whether the masks come from a generator that the layer was given.</summary>
    internal bool HasOwnRandom => _random is not null;

    internal override string Name => FormattableString.Invariant($"DropoutLayer({Rate})");

    /// <summary>Y = X ∘ M with a new random M, which is kept for the way back.</summary>
    /// <param name="input">X, of any shape.</param>
    /// <returns>Y, in the shape of X.</returns>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y = X: nothing is left out of a prediction. Any number of threads may call it at once.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>dE/dX = dE/dY ∘ M.</summary>
    /// <param name="outputError">dE/dY, in the shape of Y.</param>
    /// <param name="learningRate">The layer learns nothing.</param>
    /// <returns>dE/dX, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    Shape? IBatchLayer.OutputShape(Shape? input) => input;

    long IRandomLayer.NextSeed(Random? random) => _frozenSeed ?? (_random ?? random ?? Random.Shared).NextInt64();

    void IRandomLayer.Freeze(bool frozen) => _frozenSeed = frozen ? (_random ?? Random.Shared).NextInt64() : null;

    void IBatchLayer.Forward(LayerPass pass, int from, int to)
    {
        if (pass.Training)
        {
            Mask(pass, pass.Input, pass.Output, from, to);
        }
        else
        {
            pass.Input.Range(from, to).CopyTo(pass.Output.Range(from, to));
        }
    }

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to) => Mask(pass, pass.OutputError, pass.InputError, from, to);

    private void Mask(LayerPass pass, Batch source, Batch target, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            Dropout.Apply(Rate, pass.Seed, (long)(pass.First + sample) * source.Shape.Size, source[sample], target[sample]);
        }
    }
}
