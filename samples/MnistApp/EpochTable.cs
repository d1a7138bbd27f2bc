using System.Globalization;
using NeuralNet;
using Spectre.Console;

namespace MnistApp;

/// <summary>Epochs as a table, or as lines.</summary>
internal static class EpochTable
{
    /// <summary>A row for each epoch.</summary>
    public static Table Of(IEnumerable<EpochReport> epochs)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (string title in new[] { "epoch", "loss", "validation loss", "validation accuracy", "time", "learning rate" })
        {
            table.AddColumn(title, column => column.RightAligned());
        }

        foreach (var epoch in epochs)
        {
            string number = string.Create(CultureInfo.InvariantCulture, $"{epoch.Epoch}/{epoch.Epochs}");
            table.AddRow(number, Loss(epoch.Loss), Loss(epoch.ValidationLoss), Accuracy(epoch), Time(epoch), Rate(epoch));
        }

        return table;
    }

    /// <summary>The article's line, and what it does not have.</summary>
    public static string Line(EpochReport epoch) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {epoch.Epoch}/{epoch.Epochs}   error={Loss(epoch.Loss)}   validation error={Loss(epoch.ValidationLoss)}   ")
        + $"validation accuracy={Accuracy(epoch)}   time={Time(epoch)}   learning rate={Rate(epoch)}";

    /// <summary>As the article prints it, and short where that would be a row of digits: 0.322980, 1E+15.</summary>
    private static string Loss(double? loss) =>
        loss?.ToString(Math.Abs(loss.Value) < 1e6 ? "F6" : "0.###E+0", CultureInfo.InvariantCulture) ?? "";

    private static string Accuracy(EpochReport epoch) => epoch.Metrics[Metric.Accuracy.Name].ToString("P2", CultureInfo.InvariantCulture);

    private static string Time(EpochReport epoch) => string.Create(CultureInfo.InvariantCulture, $"{epoch.Seconds:F2} s");

    private static string Rate(EpochReport epoch) => epoch.LearningRate.ToString("G4", CultureInfo.InvariantCulture);
}
