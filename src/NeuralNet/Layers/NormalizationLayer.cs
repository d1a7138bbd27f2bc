using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// Normalisation of raw numbers: subtracts each column's mean and divides by its standard deviation, both learnt from samples by
/// <see cref="Adapt"/> before training.
/// </summary>
/// <remarks>
/// <para>Y = (X - μ) / σ, dE/dX = dE/dY / σ, for each column</para>
/// <para>
/// X and Y are T x n, μ and σ are 1 x n; T may differ from sample to sample. μ and σ are over all rows of all samples that Adapt is given,
/// σ² the variance divided by their number, as in Keras' <c>Normalization</c>. They are buffers: saved and cloned with the network, and
/// not trained. So a network that begins with this layer takes raw numbers, and whoever loads it cannot forget to scale them.
/// </para>
/// <para>
/// A column whose values are all the same, or differ by no more than rounding errors (σ ≤ 2⁻⁵² |μ|), has σ = 0, which counts as 1: such a
/// column becomes 0, and another value later its distance from μ. Columns of any size that a double holds are normalised without
/// overflow.
/// </para>
/// </remarks>
public sealed class NormalizationLayer : BatchLayer
{
    private readonly int _size;
    private readonly Parameter _mean;
    private readonly Parameter _deviation;

    /// <summary>Whether μ or σ has been set: zeros may be what was learnt.</summary>
    private bool _isSet;

    /// <summary>Initializes a new instance of the <see cref="NormalizationLayer"/> class, which passes on X as it is.</summary>
    /// <param name="size">The number of columns of a sample, its features; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public NormalizationLayer(int size)
    {
        _size = Check.Positive(size, "NormalizationLayer's size", nameof(size));
        _mean = new Parameter("Mean", 1, size);
        _deviation = new Parameter("StandardDeviation", Matrix<double>.Build.Dense(1, size)) { Least = 0 };
        Buffers = [_mean, _deviation];
    }

    /// <summary>Gets or sets μ, 1 x size, 0 at the start: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Mean
    {
        get => _mean.Value;
        set
        {
            _mean.CopyFrom(value, Name);
            _isSet = true;
        }
    }

    /// <summary>
    /// Gets or sets σ, 1 x size, 0 at the start, which counts as 1: the live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The value set has another shape, or holds a number that is negative, NaN or infinite.
    /// </exception>
    public Matrix<double> StandardDeviation
    {
        get => _deviation.Value;
        set
        {
            _deviation.CopyFrom(value, Name);
            _isSet = true;
        }
    }

    /// <summary>Gets the number of columns of a sample.</summary>
    public int Size => _size;

    /// <summary>Gets the mean and the standard deviation, which are saved but not trained.</summary>
    public override IReadOnlyList<Parameter> Buffers { get; }

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant($"NormalizationLayer({_size})");

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<NormalizationLayer>(
        write: (layer, entry) =>
        {
            entry.With("size", layer._size);
            if (layer._isSet && layer.HasZerosOnly)
            {
                entry.With("adapted", 1);
            }
        },
        read: entry =>
        {
            int size = entry.TakeSize("size");
            bool isSet = entry.TakeNumbers("adapted") switch
            {
                null or [0] => false,
                [1] => true,
                _ => throw new ArgumentException("NormalizationLayer needs 0 or 1 for 'adapted'."),
            };
            return new LayerPlan(
                [("Mean", (1, size)), ("StandardDeviation", (1, size))], () => new NormalizationLayer(size) { _isSet = isSet });
        });

    private bool HasZerosOnly => !_mean.Values.ContainsAnyExcept(0.0) && !_deviation.Values.ContainsAnyExcept(0.0);

    /// <summary>Learns the mean and the standard deviation of each column, in place of what was learnt before.</summary>
    /// <param name="samples">
    /// The samples to train on, and no others: T x size matrices of finite numbers, all rows of which count alike.
    /// </param>
    /// <returns>The layer.</returns>
    /// <exception cref="ArgumentException">
    /// There are no samples, one has another number of columns or holds NaN or infinity, or two values of a column are farther apart
    /// than <see cref="double.MaxValue"/>.
    /// </exception>
    public NormalizationLayer Adapt(IReadOnlyList<Matrix<double>> samples)
    {
        ColumnStatistics.ColumnsOf(samples, $"{Name}'s Adapt", nameof(samples));
        (Mean, StandardDeviation) = ColumnStatistics.Of(samples, _size, $"{Name}'s Adapt", nameof(samples));
        return this;
    }

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input) => input.Columns == _size
        ? new Shape(input.Rows, _size)
        : throw new ArgumentException(
            FormattableString.Invariant($"{Name} expects an input of {_size} columns, in any number of rows, but got {input}. ") +
            FormattableString.Invariant($"Make this one new NormalizationLayer({input.Columns})."),
            nameof(input));

    /// <inheritdoc/>
    protected internal override void CheckBatch(int samples)
    {
        if (!_isSet && HasZerosOnly)
        {
            throw new InvalidOperationException(
                $"{Name} has seen no samples yet, and would pass on raw numbers. Call its Adapt(xTrain) before Fit.");
        }
    }

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => input.Size;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass) =>
        Normalization.Normalise(pass.Input, pass.InputShape.Rows, _mean.Values, _deviation.Values, pass.Output);

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) =>
        Normalization.InputErrors(pass.OutputError, pass.InputShape.Rows, _deviation.Values, pass.InputError);
}
