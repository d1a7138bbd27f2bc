using System.Buffers.Binary;
using System.IO.Compression;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>The first digits of samples/Mnist/digits, as the golden files take them: pixels / 255 in [0, 1], labels as one-hot rows.</summary>
internal static class Digits
{
    public static IReadOnlyList<Matrix<double>> TrainImages(int count) => Images("train", count);

    public static IReadOnlyList<Matrix<double>> TestImages(int count) => Images("t10k", count);

    public static IReadOnlyList<Matrix<double>> TrainTargets(int count) =>
        [.. Read("train-labels-idx1-ubyte.gz").Skip(8).Take(count).Select(label => Matrix<double>.Build.Dense(1, 10, (_, column) => column == label ? 1 : 0))];

    /// <summary>28 x 28 images as 1 x 784 rows.</summary>
    public static IReadOnlyList<Matrix<double>> Rows(this IReadOnlyList<Matrix<double>> images) =>
        [.. images.Select(image => Matrices.Of(image.ToRowMajorArray()))];

    private static Matrix<double>[] Images(string set, int count)
    {
        byte[] file = Read($"{set}-images-idx3-ubyte.gz");
        BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(8)).Should().Be(28);
        return [.. Enumerable.Range(0, count).Select(i => Matrix<double>.Build.Dense(28, 28, (row, column) => file[16 + (i * 784) + (row * 28) + column] / 255.0))];
    }

    private static byte[] Read(string name)
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "digits", name)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
