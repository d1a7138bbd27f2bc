using System.Runtime.InteropServices;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet;
using ScottPlot;
using SkiaSharp;

namespace MnistSample;

/// <summary>Training and its mistakes as PNG files.</summary>
internal static class Pictures
{
    private const int Side = 28;
    private const int Zoom = 3;
    private const int Cell = (Side * Zoom) + 12;
    private const int CaptionHeight = 22;
    private const int TitleHeight = 44;

    /// <summary>Whether there is a font to write with.</summary>
    public static bool HaveText => SKTypeface.Default.GetGlyph('8') != 0;

    /// <summary>The losses and the validation accuracy of each epoch.</summary>
    public static void TrainingCurve(TrainingHistory history, string title, string file)
    {
        double[] epochs = [.. history.Epochs.Select(epoch => (double)epoch.Epoch)];
        double[] accuracies = [.. history.Metrics[Metric.Accuracy.Name].Select(accuracy => 100 * accuracy)];
        using var plot = new Plot();
        plot.Title(title);
        plot.XLabel("epoch");
        plot.YLabel("loss (cross-entropy)");
        plot.Axes.Right.Label.Text = "validation accuracy (%)";
        Line(plot, epochs, history.Losses, "training loss", Colors.C0);
        Line(plot, epochs, history.ValidationLosses, "validation loss", Colors.C1);
        var accuracy = Line(plot, epochs, accuracies, "validation accuracy", Colors.C2);
        accuracy.Axes.YAxis = plot.Axes.Right;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        plot.ShowLegend(Alignment.MiddleRight);
        plot.SavePng(file, 900, 560);
    }

    /// <summary>Digits with what they are and what they were taken for.</summary>
    /// <param name="mistakes">28 x 28 pixels in [0, 1], the label, and the network's guess.</param>
    /// <param name="title">The line above them.</param>
    /// <param name="file">The PNG file.</param>
    public static void ContactSheet(IReadOnlyList<(Matrix<double> Image, int Label, int Guess)> mistakes, string title, string file)
    {
        int columns = Math.Clamp(mistakes.Count, 6, 10);
        int rows = (mistakes.Count + columns - 1) / columns;
        using var surface = SKSurface.Create(new SKImageInfo(columns * Cell, TitleHeight + (rows * (Cell + CaptionHeight)) + 8));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        using var heading = new SKFont(SKTypeface.Default, 18);
        using var caption = new SKFont(SKTypeface.Default, 15);
        canvas.DrawText(title, 8, 28, SKTextAlign.Left, heading, paint);
        for (int i = 0; i < mistakes.Count; i++)
        {
            var (image, label, guess) = mistakes[i];
            float x = (i % columns * Cell) + 6;
            float y = TitleHeight + (i / columns * (Cell + CaptionHeight));
            using var bitmap = Bitmap(image);
            canvas.DrawImage(bitmap, new SKRect(x, y, x + (Side * Zoom), y + (Side * Zoom)), new SKSamplingOptions(SKFilterMode.Nearest));
            canvas.DrawText($"{label} \u2192 {guess}", x + (Side * Zoom / 2f), y + (Side * Zoom) + 17, SKTextAlign.Center, caption, paint);
        }

        using var snapshot = surface.Snapshot();
        using var png = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        using var stream = File.Create(file);
        png.SaveTo(stream);
    }

    private static ScottPlot.Plottables.Scatter Line(Plot plot, double[] x, IReadOnlyList<double> y, string name, Color color)
    {
        var line = plot.Add.Scatter(x, y.ToArray(), color);
        line.LegendText = name;
        line.LineWidth = 2;
        return line;
    }

    /// <summary>Dark ink on white paper.</summary>
    private static SKImage Bitmap(Matrix<double> image)
    {
        byte[] gray = [.. image.Transpose().Enumerate().Select(ink => (byte)(255 * (1 - ink)))];
        var pixels = GCHandle.Alloc(gray, GCHandleType.Pinned);
        try
        {
            return SKImage.FromPixelCopy(new SKImageInfo(Side, Side, SKColorType.Gray8), pixels.AddrOfPinnedObject(), Side);
        }
        finally
        {
            pixels.Free();
        }
    }
}
