using System.Globalization;
using NeuralNet;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace MnistApp.Pictures;

/// <summary>Training loss, validation loss and validation accuracy of each epoch.</summary>
internal static class TrainingCurve
{
    private const int Width = 1000, Height = 600, Margin = 16;

    /// <summary>Draws a PNG file; with no epoch completed it has axes only, and says so.</summary>
    public static void Draw(string path, string network, string lossName, IReadOnlyList<EpochReport> epochs)
    {
        using var plot = Make(network, lossName, epochs);
        using var drawn = SKImage.FromEncodedData(plot.GetImageBytes(Width - (2 * Margin), Height - (2 * Margin)));
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.DrawImage(drawn, Margin, Margin);
        using var picture = surface.Snapshot();
        using var png = picture.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    /// <summary>The plot, its legend above the curves and not among them.</summary>
    public static Plot Make(string network, string lossName, IReadOnlyList<EpochReport> epochs)
    {
        Fonts.AddFontFile(Typeface.Name, Typeface.Path);
        var plot = new Plot();
        plot.Title(epochs.Count == 0 ? $"{network}: no epoch was completed" : $"{network}: loss and accuracy of each epoch", 20);
        plot.XLabel("epoch", 16);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.Bottom.TickLabelStyle.FontSize = 14;
        double beside = Math.Max(0.5, epochs.Count / 50.0);
        plot.Axes.SetLimitsX(1 - beside, Math.Max(1, epochs.Count) + beside);

        double[] losses = [.. epochs.Select(epoch => Drawable(epoch.Loss))];
        double[] validationLosses = [.. epochs.Select(epoch => Drawable(epoch.ValidationLoss ?? double.NaN))];
        double[] accuracies = [.. epochs.Select(epoch => 100 * epoch.Metrics[Metric.Accuracy.Name])];

        double highest = losses.Concat(validationLosses).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var left = plot.Axes.Left;
        Axis(left, $"mean loss ({lossName})", 0, highest > 0 ? highest : 1);
        var right = plot.Axes.Right;
        Axis(right, "accuracy (%)", Math.Min(99, Math.Floor(accuracies.DefaultIfEmpty(99).Min())), 100);

        // The second loss is dashed and its markers small: where both are the same, both are seen.
        var training = Line(plot, losses, left, Colors.C0, "training loss");
        var validation = Line(plot, validationLosses, left, Colors.C2, "validation loss");
        Line(plot, accuracies, right, Colors.C1, "validation accuracy (right)").MarkerShape = MarkerShape.FilledSquare;
        training.MarkerSize *= 1.6f;
        validation.LinePattern = LinePattern.Dashed;

        plot.Legend.FontSize = 14;
        plot.ShowLegend(Edge.Top);
        plot.Font.Set(Typeface.Name);
        return plot;
    }

    /// <summary>A gap where it is no finite number; at most what an axis can still be drawn for.</summary>
    private static double Drawable(double loss) => double.IsFinite(loss) ? Math.Min(loss, double.MaxValue / 4) : double.NaN;

    /// <summary>An axis with room for the markers of its least and greatest values.</summary>
    private static void Axis(IYAxis axis, string title, double least, double greatest)
    {
        double room = 0.04 * (greatest - least);
        axis.Min = least - room;
        axis.Max = greatest + room;
        axis.TickGenerator = new NumericAutomatic { LabelFormatter = value => Number(Math.Abs(value) < room / 1000 ? 0 : value) };
        axis.TickLabelStyle.FontSize = 14;
        axis.Label.Text = title;
        axis.Label.FontSize = 16;
    }

    /// <summary>A number in a few characters: 0.25, 12000, 2E+15.</summary>
    private static string Number(double value) =>
        value.ToString(value != 0 && Math.Abs(value) is < 1e-4 or >= 1e6 ? "0.###E+0" : "0.######", CultureInfo.InvariantCulture);

    private static Scatter Line(Plot plot, double[] values, IYAxis axis, Color color, string label)
    {
        double[] epochs = [.. Enumerable.Range(1, values.Length).Select(epoch => (double)epoch)];
        var line = plot.Add.Scatter(epochs, values, color);
        line.Axes.YAxis = axis;
        line.LegendText = label;
        line.LineWidth = 3;
        line.MarkerSize = values.Length <= 60 ? 8 : 0;
        return line;
    }
}
