using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>An embedding: a vector that is learnt for each of the whole numbers from 0 on, such as those of letters or words.</summary>
/// <remarks>
/// <para>Y_t = W_(X_t), the row of W with the number that stands at step t.</para>
/// <para>dE/dW_i = Σ dE/dY_t over the steps t with the number i, added up in the order of samples and steps. A number has no dE/dX: it is
/// 0.</para>
/// <para>
/// X is T x 1, Y is T x outputSize, W is vocabularySize x outputSize; T may differ from sample to sample. A value of X that is not one of
/// the whole numbers from 0 to vocabularySize - 1 is refused.
/// </para>
/// <para>
/// W starts standard normal, mean 0 and variance 1, as PyTorch's: each number leads to its outputs alone, so that they have the variance of
/// 1 that layers behind expect. (Keras starts uniform in [-0.05, 0.05): <c>initializer: Initializer.Uniform(-0.05, 0.05)</c>.)
/// </para>
/// </remarks>
public sealed class EmbeddingLayer : BatchLayer
{
    private readonly int _vocabularySize;
    private readonly int _outputSize;
    private readonly InitialWeights _initial;
    private readonly Parameter _weights;

    /// <summary>Initializes a new instance of the <see cref="EmbeddingLayer"/> class.</summary>
    /// <param name="vocabularySize">How many numbers there are, from 0 on: 1 or more.</param>
    /// <param name="outputSize">The number of values of each one's vector, 1 or more.</param>
    /// <param name="initializer">How the vectors start; standard normal where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, or vocabularySize * outputSize values do not fit into a matrix.
    /// </exception>
    public EmbeddingLayer(int vocabularySize, int outputSize, Initializer? initializer = null, Random? random = null)
    {
        _vocabularySize = Check.Positive(vocabularySize, "EmbeddingLayer's vocabularySize", nameof(vocabularySize));
        _outputSize = Check.Positive(outputSize, "EmbeddingLayer's outputSize", nameof(outputSize));
        Check.SizeFits((long)vocabularySize * outputSize, $"{Name}'s Weights", nameof(outputSize));

        _weights = new Parameter("Weights", vocabularySize, outputSize) { Owner = this };
        Parameters = [_weights];

        // One input leads to each output, which makes this the standard normal distribution.
        var start = initializer ?? Initializer.LeCunNormal;
        _initial = new InitialWeights([_weights], generator => start.DrawWeights(_weights, (1, outputSize), generator), random);
    }

    /// <summary>Gets the number of whole numbers that have a vector.</summary>
    public int VocabularySize => _vocabularySize;

    /// <summary>Gets the number of values of a vector.</summary>
    public int OutputSize => _outputSize;

    /// <summary>
    /// Gets or sets W, vocabularySize x outputSize: row i is the vector of the number i. The live matrix to read and write; setting it
    /// copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Weights
    {
        get => _weights.Value;
        set => _weights.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets λ of the L2 regularisation of <see cref="Weights"/>, penalty λ Σ W², gradient 2λW: finite, 0 or more, and 0, which is
    /// none, by default. The losses that training reports are without the penalty.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double L2
    {
        get => _weights.L2;
        set => _weights.L2 = value;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant($"EmbeddingLayer({_vocabularySize} -> {_outputSize})");

    internal override bool GivesSteps => true;

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<EmbeddingLayer>(
        write: (layer, entry) => entry.With("vocabularySize", layer._vocabularySize).With("outputSize", layer._outputSize),
        read: entry =>
        {
            int vocabulary = entry.TakeSize("vocabularySize");
            int outputs = entry.TakeSize("outputSize");
            return new LayerPlan(
                [("Weights", (vocabulary, outputs))], () => new EmbeddingLayer(vocabulary, outputs, Initializer.Zeros));
        })
        .WithTorch(TorchModule.Of<EmbeddingLayer>(
            "Embedding",
            key: "weight",
            shape => shape is [var vocabulary, var outputs] ? FormattableString.Invariant($"{vocabulary} -> {outputs}") : null,
            layer => [new("Weights", "weight", layer._vocabularySize, layer._outputSize)],
            lacks: "bias"));

    internal override void DrawInitialWeights(Random? random) => _initial.DrawFrom(random);

    internal override bool TakesAnyNumbers => false;

    internal override void RequireNumbers(ReadOnlySpan<double> x, string what, string parameter)
    {
        if (Lookup.FirstOutside(x, _vocabularySize) is >= 0 and int row)
        {
            string range = FormattableString.Invariant($"{Name} expects whole numbers from 0 to {_vocabularySize - 1}, but ");
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{range}{what} holds {x[row]} at [{row}, 0]. ")
                + "Number what there is from 0 on, and give vocabularySize as many.",
                parameter);
        }
    }

    /// <inheritdoc/>
    protected internal override int GradientColumns => _outputSize;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Columns != 1)
        {
            string wayOut = input.Rows == 1
                ? FormattableString.Invariant($"Give it the row as a column, {input.Columns} x 1, one number a step.")
                : "Give it one number a step.";
            throw new ArgumentException($"{Name} expects an input of one column, but got {input}. {wayOut}", nameof(input));
        }

        Check.SizeFits((long)input.Rows * _outputSize, $"{Name}'s output of {input}", nameof(input));
        return new Shape(input.Rows, _outputSize);
    }

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => (long)input.Rows * _outputSize;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var x = pass.InputOf(sample);
            RequireNumbers(x, "its input", "input");
            Lookup.Rows(x, _weights.Values, _vocabularySize, pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) => pass.InputError.Clear();

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass)
    {
        int steps = pass.InputShape.Rows;
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Lookup.AddRows(
                pass.Input.Slice(sample * steps, steps),
                pass.OutputError.Slice(sample * steps * _outputSize, steps * _outputSize),
                _vocabularySize,
                pass.From,
                pass.To,
                pass.Gradient(0));
        }
    }
}
