using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>Adds to each step of a sequence what says its place, which attention does not see otherwise.</summary>
/// <remarks>
/// <para>Y = X + P, with the first T rows of P; dE/dX = dE/dY, and dE/dP = Σ dE/dY, the sum over the samples, in those rows.</para>
/// <para>X and Y are T x n, one step a row; T may differ from sample to sample. P is maxLength x n where it is learnt, and T is at most
/// maxLength; it starts normal with a standard deviation of 0.02 (as in Jacob Devlin and others, BERT, 2018).</para>
/// <para><see cref="Sinusoidal"/> makes a layer that learns nothing and takes any T: P[t, 2i] = sin(t / 10000^(2i/n)) and P[t, 2i + 1] =
/// cos(t / 10000^(2i/n)), t from 0. Both are in Ashish Vaswani and others, Attention is all you need, 2017.</para>
/// </remarks>
public sealed class PositionalEncodingLayer : BatchLayer
{
    private const int LeastTable = 64;

    private readonly int _size;
    private readonly int? _maxLength;
    private readonly InitialWeights? _initial;
    private readonly Parameter? _positions;

    /// <summary>The sinusoids of at least as many places as any sequence had so far.</summary>
    private volatile double[] _sinusoids = [];

    /// <summary>Initializes a new instance of the <see cref="PositionalEncodingLayer"/> class whose positions are learnt.</summary>
    /// <param name="size">n, the number of values of a step, 1 or more.</param>
    /// <param name="maxLength">The greatest number of steps of a sequence, 1 or more.</param>
    /// <param name="initializer">How the positions start; normal with a standard deviation of 0.02 where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is less than 1, or maxLength * size values do not fit into a matrix.
    /// </exception>
    public PositionalEncodingLayer(int size, int maxLength, Initializer? initializer = null, Random? random = null)
        : this(size)
    {
        _maxLength = Check.Positive(maxLength, "PositionalEncodingLayer's maxLength", nameof(maxLength));
        Check.SizeFits((long)size * maxLength, $"{Name}'s Positions", nameof(maxLength));
        var positions = new Parameter("Positions", maxLength, size) { Owner = this };
        _initial = new InitialWeights(
            [positions],
            generator => (initializer ?? Initializer.PositionNormal).DrawWeights(positions, (maxLength, size), generator),
            random);
        _positions = positions;
        Parameters = [positions];
    }

    private PositionalEncodingLayer(int size) => _size = Check.Positive(size, "PositionalEncodingLayer's size", nameof(size));

    /// <summary>Returns a layer that adds sines and cosines, learns nothing and takes sequences of any length.</summary>
    /// <param name="size">n, the number of values of a step, 1 or more.</param>
    /// <returns>The layer.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public static PositionalEncodingLayer Sinusoidal(int size) => new(size);

    /// <summary>Gets n, the number of values of a step.</summary>
    public int Size => _size;

    /// <summary>Gets the greatest number of steps of a sequence; null where the positions are sinusoids.</summary>
    public int? MaxLength => _maxLength;

    /// <summary>
    /// Gets or sets P, maxLength x n: the live matrix to read and write; setting it copies the values in. Null where the positions are
    /// sinusoids.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    /// <exception cref="InvalidOperationException">It is set where the positions are sinusoids.</exception>
    [System.Diagnostics.CodeAnalysis.DisallowNull]
    public Matrix<double>? Positions
    {
        get => _positions?.Value;
        set => (_positions ?? throw new InvalidOperationException(
            $"{Name} has positions that are not learnt. Make it new PositionalEncodingLayer(size, maxLength) to set them."))
            .CopyFrom(value, Name);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; } = [];

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant(
        $"PositionalEncodingLayer({_size}, {(_maxLength is { } length ? (FormattableString)$"at most {length} steps" : $"sinusoidal")})");

    internal override bool GivesSteps => true;

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<PositionalEncodingLayer>(
        write: (layer, entry) =>
        {
            entry.With("size", layer._size);
            if (layer._maxLength is { } length)
            {
                entry.With("maxLength", length);
            }
        },
        read: entry =>
        {
            int size = entry.TakeSize("size");
            if (!entry.Has("maxLength"))
            {
                return new LayerPlan(() => Sinusoidal(size));
            }

            int length = entry.TakeSize("maxLength");
            return new LayerPlan([("Positions", (length, size))], () => new PositionalEncodingLayer(size, length, Initializer.Zeros));
        });

    internal override void DrawInitialWeights(Random? random) => _initial?.DrawFrom(random);

    /// <inheritdoc/>
    protected internal override int GradientColumns => _size;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Columns != _size)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} expects an input of {_size} columns, one step a row, but got {input}. ") +
                FormattableString.Invariant($"Make its size {input.Columns}, or add an FCLayer before it."),
                nameof(input));
        }

        return input.Rows <= (_maxLength ?? int.MaxValue) ? new Shape(input.Rows, _size) : throw new ArgumentException(
            FormattableString.Invariant($"{Name} expects at most {_maxLength} steps, one a row, but got {input}. Cut the sequence, make ") +
            FormattableString.Invariant($"this one new PositionalEncodingLayer({_size}, {input.Rows}), or take PositionalEncodingLayer.") +
            "Sinusoidal, which takes any number.",
            nameof(input));
    }

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => input.Size;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => new Place(this);

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        int steps = pass.InputShape.Rows;
        var table = _positions is null ? SinusoidsFor(steps) : _positions.Values;
        for (int sample = 0; sample < pass.Count; sample++)
        {
            Kernels.Positions.Add(pass.InputOf(sample), steps, table, table.Length / _size, pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) => pass.OutputError.CopyTo(pass.InputError);

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass)
    {
        if (_maxLength is { } length)
        {
            Kernels.Positions.AddGradients(pass.OutputError, pass.InputShape.Rows, _size, pass.From, length, pass.Gradient(0));
        }
    }

    /// <summary>A table of at least so many places, which grows with the longest sequence: its values are the same whoever makes
    /// it.</summary>
    private double[] SinusoidsFor(int steps)
    {
        double[] table = _sinusoids;
        if (table.Length < (long)steps * _size)
        {
            long room = (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(steps, LeastTable));
            _sinusoids = table = Kernels.Positions.Sinusoids(room * _size <= Array.MaxLength ? (int)room : steps, _size);
        }

        return table;
    }

    /// <summary>The place of the next step.</summary>
    private sealed class Place(PositionalEncodingLayer layer) : StreamState
    {
        private readonly double[] _periods = layer._positions is null ? Kernels.Positions.Periods(layer._size) : [];
        private long _place;

        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
        {
            if (layer._positions is not { } positions)
            {
                Kernels.Positions.AddSinusoids(input, _place, _periods, output);
            }
            else if (_place < layer._maxLength)
            {
                Kernels.Positions.AddRow(input, (int)_place, positions.Values, layer._maxLength.Value, output);
            }
            else
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"{layer.Name} has no position for step {_place + 1} of a stream. Call Reset for another ")
                    + "sequence, make its maxLength greater, or take PositionalEncodingLayer.Sinusoidal, which has any number.");
            }

            _place++;
        }

        protected internal override void Reset() => _place = 0;
    }
}
