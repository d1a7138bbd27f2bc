using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Batches;

/// <summary>Samples of one shape, one after another in memory, each column-major as MathNet stores a matrix.</summary>
internal readonly struct Batch(double[] values, Shape shape)
{
    private readonly double[] _values = values;
    private readonly int _size = shape.Size;

    public Shape Shape { get; } = shape;

    public bool IsEmpty => _values is null;

    /// <summary>All samples' values.</summary>
    public Span<double> Values => _values;

    /// <summary>One sample's values.</summary>
    public Span<double> this[int sample] => _values.AsSpan(sample * _size, _size);

    /// <summary>A batch of one: the matrix itself where it is dense, not to be written to.</summary>
    public static Batch Of(Matrix<double> sample, Shape shape) => new(sample.Values(), shape);

    /// <summary>Room for that many samples.</summary>
    /// <exception cref="InvalidOperationException">They would be too many values.</exception>
    public static Batch New(Shape shape, int count)
    {
        long values = (long)count * shape.Size;
        return values <= Array.MaxLength
            ? new(new double[values], shape)
            : throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"A mini-batch of {count:N0} samples of {shape} would have {values:N0} values; "
                + $"at most {Array.MaxLength:N0} can pass together. Take a smaller BatchSize."));
    }

    /// <summary>Whether the two are the same memory.</summary>
    public bool IsSame(Batch other) => ReferenceEquals(_values, other._values);

    /// <summary>
    /// How many samples may pass through some layers together: between no two layers their values take more than 128 MB, but for
    /// one sample's.
    /// </summary>
    /// <param name="layers">The layers.</param>
    /// <param name="input">The shape of a sample.</param>
    /// <param name="most">The most that are wanted.</param>
    public static int Capacity(IReadOnlyList<Layer> layers, Shape input, int most)
    {
        const int Values = 1 << 24;
        int largest = input.Size;
        foreach (var (layer, shape, _) in LayerTree.Shapes(layers, input))
        {
            largest = Math.Max(largest, layer.LargestSize(shape));
        }

        return Math.Clamp(Values / largest, 1, most);
    }

    /// <summary>The values of the samples [from, to).</summary>
    public Span<double> Range(int from, int to) => _values.AsSpan(from * _size, (to - from) * _size);

    /// <summary>A matrix of its own with one sample's values, to hand to a user's function.</summary>
    public Matrix<double> CopyOf(int sample) => Matrix<double>.Build.Dense(Shape.Rows, Shape.Columns, this[sample].ToArray());

    /// <summary>The values of a batch of one as a matrix on the same memory.</summary>
    public Matrix<double> AsMatrix() => Matrix<double>.Build.Dense(Shape.Rows, Shape.Columns, _values);
}
