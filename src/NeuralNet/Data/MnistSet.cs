using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Data;

/// <summary>Digits of 28 x 28 pixels with their labels.</summary>
public sealed class MnistSet
{
    /// <summary>The rows and columns of an image.</summary>
    internal const int Side = 28;

    private readonly ReadOnlyMemory<byte> _pixels;
    private readonly Lazy<IReadOnlyList<Matrix<double>>> _images;
    private readonly Lazy<IReadOnlyList<Matrix<double>>> _rows;

    internal MnistSet(ReadOnlyMemory<byte> pixels, IReadOnlyList<int> labels)
    {
        _pixels = pixels;
        Labels = labels;
        _images = new(() => Make(pixel => Matrix<double>.Build.Dense(Side, Side, (row, column) => pixel((row * Side) + column))));
        _rows = new(() => Make(pixel => Matrix<double>.Build.Dense(1, Side * Side, (_, column) => pixel(column))));
    }

    /// <summary>The number of digits.</summary>
    public int Count => Labels.Count;

    /// <summary>Each digit as a 28 x 28 matrix of values in [0, 1], 0 the background; made at the first call, 6 KB each.</summary>
    public IReadOnlyList<Matrix<double>> Images => _images.Value;

    /// <summary>
    /// Each digit as a 1 x 784 matrix, row by row, of values in [0, 1], 0 the background; made at the first call, 6 KB each.
    /// </summary>
    public IReadOnlyList<Matrix<double>> Rows => _rows.Value;

    /// <summary>Each digit's label, 0 to 9.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The first digits.</summary>
    /// <param name="count">How many, 1 to <see cref="Count"/>.</param>
    /// <returns>A set of its own.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1 or more than there are.</exception>
    public MnistSet Take(int count) => count >= 1 && count <= Count
        ? new MnistSet(_pixels[..(count * Side * Side)], [.. Labels.Take(count)])
        : throw new ArgumentOutOfRangeException(
            nameof(count), count, FormattableString.Invariant($"Take expects 1 to {Count} digits, but got {count}."));

    private Matrix<double>[] Make(Func<Func<int, double>, Matrix<double>> make)
    {
        var images = new Matrix<double>[Count];
        for (int i = 0; i < images.Length; i++)
        {
            int start = i * Side * Side;
            images[i] = make(pixel => _pixels.Span[start + pixel] / 255.0);
        }

        return images;
    }
}
