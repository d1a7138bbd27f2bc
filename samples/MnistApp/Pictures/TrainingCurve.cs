using NeuralNet;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace MnistApp.Pictures;

/// <summary>Loss and validation accuracy of each epoch.</summary>
internal static class TrainingCurve
{
    /// <summary>Draws a PNG file; with no epoch completed it has axes only, and says so.</summary>
    public static void Draw(string path, string network, TrainingHistory history)
    {
        Fonts.AddFontFile(Typeface.Name, Typeface.Path);
        double[] epochs = [.. history.Epochs.Select(epoch => (double)epoch.Epoch)];
        double[] losses = [.. history.Losses];
        double[] accuracies = [.. history.Epochs.Select(epoch => 100 * epoch.Metrics[Metric.Accuracy.Name])];

        using var plot = new Plot();
        plot.Title(epochs.Length == 0 ? $"{network}: no epoch was completed" : $"{network}: loss and validation accuracy", 20);
        plot.XLabel("epoch", 16);

        var left = plot.Axes.Left;
        var loss = plot.Add.Scatter(epochs, losses, Colors.C0);
        Line(loss, left, "mean training loss (cross-entropy, nats)");
        var right = plot.Axes.Right;
        var accuracy = plot.Add.Scatter(epochs, accuracies, Colors.C1);
        Line(accuracy, right, "accuracy on the test digits (%)");

        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Axes.SetLimitsX(0.5, Math.Max(1, epochs.Length) + 0.5);
        plot.Axes.SetLimitsY(0, losses.Append(0.1).Max() * 1.1, left);
        double lowest = Math.Floor(accuracies.Append(100).Min());
        plot.Axes.SetLimitsY(Math.Min(lowest, 99) - 0.5, 100, right);

        plot.ShowLegend(Alignment.MiddleRight);
        plot.Font.Set(Typeface.Name);
        plot.SavePng(path, 1000, 600);
    }

    private static void Line(ScottPlot.Plottables.Scatter line, IYAxis axis, string label)
    {
        line.Axes.YAxis = axis;
        line.LegendText = label;
        line.LineWidth = 3;
        line.MarkerSize = 10;
        axis.Label.Text = label;
        axis.Label.FontSize = 16;
        axis.Label.ForeColor = line.Color;
        axis.TickLabelStyle.ForeColor = line.Color;
        axis.TickLabelStyle.FontSize = 14;
    }
}
