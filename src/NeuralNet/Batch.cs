using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>Samples of one shape, one after another in memory, each column-major as MathNet stores a matrix.</summary>
internal readonly struct Batch(double[] values, Shape shape, int count)
{
    public Shape Shape { get; } = shape;

    public int Count { get; } = count;

    public bool IsEmpty => values is null;

    /// <summary>All samples' values, <see cref="Count"/> * <see cref="Shape.Size"/> of them.</summary>
    public Span<double> Values => values.AsSpan(0, Count * Shape.Size);

    public Span<double> this[int sample] => values.AsSpan(sample * Shape.Size, Shape.Size);

    /// <summary>A batch of one: the matrix itself where it is dense, not to be written to.</summary>
    public static Batch Of(Matrix<double> sample, Shape shape) => new(sample.Values(), shape, 1);

    public static Batch New(Shape shape, int count) => new(new double[count * shape.Size], shape, count);

    /// <summary>A matrix of its own with one sample's values, to hand to a user's function.</summary>
    public Matrix<double> CopyOf(int sample) => Matrix<double>.Build.Dense(Shape.Rows, Shape.Columns, this[sample].ToArray());

    /// <summary>The values of a batch of one as a matrix on the same memory.</summary>
    public Matrix<double> AsMatrix() => Matrix<double>.Build.Dense(Shape.Rows, Shape.Columns, values);
}
