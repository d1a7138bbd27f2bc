using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>Samples of one shape, one after another in memory, each column-major as MathNet stores a matrix.</summary>
internal readonly struct Batch(double[] values, Shape shape)
{
    public Shape Shape { get; } = shape;

    public bool IsEmpty => values is null;

    /// <summary>All samples' values.</summary>
    public Span<double> Values => values;

    /// <summary>One sample's values.</summary>
    public Span<double> this[int sample] => values.AsSpan(sample * Shape.Size, Shape.Size);

    /// <summary>A batch of one: the matrix itself where it is dense, not to be written to.</summary>
    public static Batch Of(Matrix<double> sample, Shape shape) => new(sample.Values(), shape);

    public static Batch New(Shape shape, int count) => new(new double[checked(count * shape.Size)], shape);

    /// <summary>The values of the samples [from, to).</summary>
    public Span<double> Range(int from, int to) => values.AsSpan(from * Shape.Size, (to - from) * Shape.Size);

    /// <summary>A matrix of its own with one sample's values, to hand to a user's function.</summary>
    public Matrix<double> CopyOf(int sample) => Matrix<double>.Build.Dense(Shape.Rows, Shape.Columns, this[sample].ToArray());

    /// <summary>The values of a batch of one as a matrix on the same memory.</summary>
    public Matrix<double> AsMatrix() => Matrix<double>.Build.Dense(Shape.Rows, Shape.Columns, values);
}
