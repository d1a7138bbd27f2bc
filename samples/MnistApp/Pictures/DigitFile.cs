using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using SkiaSharp;

namespace MnistApp.Pictures;

/// <summary>Reads digits as MNIST has them: 28 x 28, values in [0, 1], 0 the background.</summary>
internal static class DigitFile
{
    private const int Size = 28, Ink = 20;

    /// <summary>The one digit of a PNG, JPEG or other image file, or all digits of an IDX file, gzipped or not.</summary>
    /// <exception cref="InvalidDataException">The file is neither, or a folder, or its images have another size than 28 x 28.</exception>
    public static IReadOnlyList<Matrix<double>> Read(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path} is a folder. Name the files in it.");
        }

        byte[] start = new byte[2];
        using (var file = File.OpenRead(path))
        {
            if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == 0)
            {
                throw new InvalidDataException($"{path} is empty: it is neither an image, such as PNG or JPEG, nor an IDX file.");
            }
        }

        if (start is [0, 0] or [0x1f, 0x8b])
        {
            return ReadIdx(path);
        }

        using var picture = SKBitmap.Decode(path)
            ?? throw new InvalidDataException($"{path} is neither an image, such as PNG or JPEG, nor an IDX file.");
        return [Normalized(InkOf(picture))];
    }

    private static Matrix<double>[] ReadIdx(string path)
    {
        var idx = Idx.Read(path);
        if (idx.Dimensions is not [var count, Size, Size])
        {
            throw new InvalidDataException(
                $"{path} must hold images of {Size} x {Size}, but its sizes are {string.Join(" x ", idx.Dimensions)}.");
        }

        double[] values = idx.ToDoubles();
        return
        [
            .. Enumerable.Range(0, count).Select(image => Matrix<double>.Build.Dense(
                Size, Size, (row, column) => values[(((image * Size) + row) * Size) + column] / 255)),
        ];
    }

    /// <summary>How dark each pixel is, or how light where the edge is dark: 1 is ink, 0 is paper. What is transparent is paper.</summary>
    private static Matrix<double> InkOf(SKBitmap picture)
    {
        var ink = Matrix<double>.Build.Dense(picture.Height, picture.Width, (row, column) =>
        {
            var color = picture.GetPixel(column, row);
            return color.Alpha / 255.0 * (1 - (((0.299 * color.Red) + (0.587 * color.Green) + (0.114 * color.Blue)) / 255));
        });
        var edge = ink.Row(0).Concat(ink.Row(ink.RowCount - 1)).Concat(ink.Column(0)).Concat(ink.Column(ink.ColumnCount - 1));
        return edge.Average() > 0.5 ? 1 - ink : ink;
    }

    /// <summary>
    /// As MNIST's digits were made: the ink into 20 x 20 with its proportions kept, its centre of mass in the middle of 28 x 28.
    /// What has that size is left as it is.
    /// </summary>
    private static Matrix<double> Normalized(Matrix<double> ink)
    {
        if ((ink.RowCount, ink.ColumnCount) == (Size, Size))
        {
            return ink;
        }

        double threshold = ink.Enumerate().Max() / 4;
        var dark = ink.EnumerateIndexed().Where(pixel => pixel.Item3 > threshold).ToList();
        if (dark.Count == 0)
        {
            return Matrix<double>.Build.Dense(Size, Size);
        }

        var (top, left) = (dark.Min(pixel => pixel.Item1), dark.Min(pixel => pixel.Item2));
        var box = ink.SubMatrix(top, dark.Max(pixel => pixel.Item1) - top + 1, left, dark.Max(pixel => pixel.Item2) - left + 1);
        double scale = (double)Ink / Math.Max(box.RowCount, box.ColumnCount);
        var (rows, columns, mass) = (0.0, 0.0, 0.0);
        foreach (var (row, column, value) in box.EnumerateIndexed())
        {
            (rows, columns, mass) = (rows + (value * (row + 0.5)), columns + (value * (column + 0.5)), mass + value);
        }

        // Each pixel of the result is the mean of the ink over its area, its middle 14 pixels from the centre of mass.
        return Matrix<double>.Build.Dense(Size, Size, (row, column) => Mean(
            box, (rows / mass) + ((row - (Size / 2)) / scale), (columns / mass) + ((column - (Size / 2)) / scale), 1 / scale));
    }

    private static double Mean(Matrix<double> box, double top, double left, double side)
    {
        double sum = 0;
        for (int row = Math.Max((int)top, 0); row < Math.Min(top + side, box.RowCount); row++)
        {
            for (int column = Math.Max((int)left, 0); column < Math.Min(left + side, box.ColumnCount); column++)
            {
                sum += box[row, column] * Overlap(row, top, side) * Overlap(column, left, side);
            }
        }

        return sum / (side * side);
    }

    /// <summary>How much of the pixel [at, at + 1) is in [from, from + side).</summary>
    private static double Overlap(int at, double from, double side) => Math.Max(0, Math.Min(at + 1, from + side) - Math.Max(at, from));
}
