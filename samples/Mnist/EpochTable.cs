using NeuralNet;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MnistSample;

/// <summary>Training by mini-batches, shown as a table of epochs that grows while it runs; as plain lines where there is no terminal.</summary>
internal static class EpochTable
{
    /// <summary>Calls <paramref name="fit"/> with whom to tell about batches and epochs.</summary>
    public static TrainingHistory Show(Func<IProgress<BatchReport>?, IProgress<EpochReport>, TrainingHistory> fit)
    {
        if (!Screen.IsTerminal)
        {
            return fit(null, new SynchronousProgress<EpochReport>(report => Console.WriteLine(FormattableString.Invariant(
                $"epoch {report.Epoch}/{report.Epochs}   error={report.Loss:F6}   validation accuracy {report.Metrics[Metric.Accuracy.Name]:P2}   {report.Seconds:F1} s   learning rate {report.LearningRate:G3}"))));
        }

        var table = new Table().Border(TableBorder.Rounded);
        foreach (string column in new[] { "epoch", "loss", "validation loss", "validation accuracy", "time", "learning rate" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        return AnsiConsole.Live(table).Start(context =>
        {
            long shown = 0;
            var batches = new SynchronousProgress<BatchReport>(report =>
            {
                // Ten times a second is as often as anybody looks.
                if (Environment.TickCount64 - shown > 100)
                {
                    shown = Environment.TickCount64;
                    table.Caption = new TableTitle(FormattableString.Invariant($"epoch {report.Epoch}/{report.Epochs}  {Bar(report.Batch, report.Batches)}  batch {report.Batch}/{report.Batches}  loss {report.Loss:F4}"));
                    context.Refresh();
                }
            });
            var epochs = new SynchronousProgress<EpochReport>(report =>
            {
                table.AddRow(Cells(report));
                table.Caption = null;
                context.Refresh();
            });
            return fit(batches, epochs);
        });
    }

    private static IRenderable[] Cells(EpochReport report) =>
    [
        .. new FormattableString[]
        {
            $"{report.Epoch}/{report.Epochs}",
            $"{report.Loss:F4}",
            $"{report.ValidationLoss:F4}",
            $"{report.Metrics[Metric.Accuracy.Name]:P2}",
            $"{report.Seconds:F1} s",
            $"{report.LearningRate:G3}",
        }.Select(cell => new Text(FormattableString.Invariant(cell))),
    ];

    private static string Bar(int done, int all)
    {
        const int Width = 30;
        int full = (int)((long)Width * done / all);
        return new string('━', full) + new string('╌', Width - full);
    }
}
