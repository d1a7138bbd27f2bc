using MathNet.Numerics.LinearAlgebra;
using SkiaSharp;

namespace MnistApp.Pictures;

/// <summary>The digits that a network took for others.</summary>
internal static class ContactSheet
{
    private const int Most = 60, Columns = 10, Digit = 28 * 3, Cell = Digit + 20, Caption = 26, Margin = 20, Title = 60;

    /// <summary>Draws a PNG file.</summary>
    /// <param name="path">Where to write it.</param>
    /// <param name="network">What the network is called.</param>
    /// <param name="confusion">What went wrong.</param>
    /// <param name="images">All digits that were asked for, 28 x 28, values in [0, 1], 0 the background.</param>
    public static void Draw(string path, string network, Confusion confusion, IReadOnlyList<Matrix<double>> images)
    {
        var shown = confusion.Wrong.Take(Most).ToList();
        int rows = (shown.Count + Columns - 1) / Columns;
        using var typeface = Typeface.Load();
        using var large = new SKFont(typeface, 22);
        using var small = new SKFont(typeface, 16);
        using var black = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        using var frame = new SKPaint { Color = SKColors.LightGray, Style = SKPaintStyle.Stroke };

        int width = (2 * Margin) + (Columns * Cell);
        using var surface = SKSurface.Create(new SKImageInfo(width, Title + (rows * (Cell + Caption)) + Margin));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        string part = shown.Count < confusion.Wrong.Count ? FormattableString.Invariant($"; the first {shown.Count}") : "";
        string title = FormattableString.Invariant(
            $"{network}: {confusion.Wrong.Count} of {confusion.Count} test digits wrong (true → predicted){part}");
        canvas.DrawText(title, width / 2f, 40, SKTextAlign.Center, large, black);
        foreach (var (place, (index, label, guess)) in shown.Index())
        {
            float x = Margin + (place % Columns * Cell) + ((Cell - Digit) / 2f);
            float y = Title + (place / Columns * (Cell + Caption));
            var square = SKRect.Create(x, y, Digit, Digit);
            using var image = Image(images[index]);
            canvas.DrawImage(image, square, new SKSamplingOptions(SKFilterMode.Nearest));
            canvas.DrawRect(square, frame);
            string caption = FormattableString.Invariant($"{label} → {guess}");
            canvas.DrawText(caption, square.MidX, square.Bottom + 20, SKTextAlign.Center, small, black);
        }

        using var picture = surface.Snapshot();
        using var png = picture.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    private static SKImage Image(Matrix<double> digit)
    {
        using var bitmap = new SKBitmap(digit.ColumnCount, digit.RowCount);
        foreach (var (row, column, value) in digit.EnumerateIndexed())
        {
            byte paper = (byte)Math.Round(255 * (1 - value));
            bitmap.SetPixel(column, row, new SKColor(paper, paper, paper));
        }

        return SKImage.FromBitmap(bitmap);
    }
}
