using NeuralNet;
using Spectre.Console;

namespace MnistApp;

/// <summary>Shows long work: a live bar in a terminal, plain lines elsewhere.</summary>
internal static class Screen
{
    private static bool IsTerminal => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Does work that reports how far it is: a line for every text that is new, and in a terminal a bar below.</summary>
    public static TResult Show<TReport, TResult>(
        string title, Func<TReport, (string Text, long Done, long? All)> read, Func<IProgress<TReport>, TResult> work)
    {
        string last = "";
        void Line(string text)
        {
            if (text != last)
            {
                Console.WriteLine(last = text);
            }
        }

        if (!IsTerminal)
        {
            return work(new SynchronousProgress<TReport>(report => Line(read(report).Text)));
        }

        return Bar().AutoClear(true).Start(context =>
        {
            var bar = context.AddTask(title);
            return work(new SynchronousProgress<TReport>(report =>
            {
                var (text, done, all) = read(report);
                if (text != last)
                {
                    AnsiConsole.MarkupLineInterpolated($"{last = text}");
                }

                bar.IsIndeterminate = all is null;
                bar.MaxValue = all ?? 1;
                bar.Value = done;
            }));
        });
    }

    /// <summary>
    /// Trains: a line for every epoch, or in a terminal a table of the epochs that grows, and a bar of mini-batches below.
    /// </summary>
    public static TrainingHistory Table(Func<IProgress<EpochReport>, IProgress<BatchReport>?, TrainingHistory> train)
    {
        if (!IsTerminal)
        {
            return train(new SynchronousProgress<EpochReport>(report => Console.WriteLine(EpochTable.Line(report))), null);
        }

        IReadOnlyList<EpochReport> epochs = []; // replaced, never changed: Spectre draws on a thread of its own
        return Bar()
            .HideCompleted(true)
            .UseRenderHook((bar, _) => new Rows(EpochTable.Of(Volatile.Read(ref epochs)), bar))
            .Start(context =>
            {
                var bar = context.AddTask("Training");
                var history = train(
                    new SynchronousProgress<EpochReport>(report => Volatile.Write(ref epochs, [.. epochs, report])),
                    new SynchronousProgress<BatchReport>(report =>
                    {
                        bar.MaxValue = (double)report.Epochs * report.Batches;
                        bar.Value = ((report.Epoch - 1.0) * report.Batches) + report.Batch;
                        bar.Description = FormattableString.Invariant(
                            $"epoch {report.Epoch}/{report.Epochs}   batch {report.Batch}/{report.Batches}");
                    }));
                bar.StopTask();
                return history;
            });
    }

    /// <summary>Does work that cannot tell how far it is.</summary>
    public static TResult Wait<TResult>(string title, Func<TResult> work) =>
        IsTerminal ? AnsiConsole.Status().Start(title, _ => work()) : work();

    private static Progress Bar() => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());

    /// <summary>Gives the cursor back that a live bar hides, for a program that ends at once.</summary>
    public static void Leave()
    {
        if (IsTerminal)
        {
            AnsiConsole.Cursor.Show();
        }
    }
}
