using System.Globalization;

namespace NeuralNet.Training;

/// <summary>Follows what <see cref="EarlyStopping"/> watches, and keeps the best weights.</summary>
internal sealed class EarlyStoppingMonitor(EarlyStopping stopping, IReadOnlyList<Layer> layers)
{
    private int _lastEpoch;

    /// <summary>What is watched, in words; empty before the first epoch.</summary>
    public string Monitored { get; private set; } = "";

    /// <summary>The best epoch so far, from 1.</summary>
    public int? BestEpoch { get; private set; }

    /// <summary>What was measured in the best epoch.</summary>
    public double Best { get; private set; }

    /// <summary>The parameters of the best epoch, where they are to be restored.</summary>
    public Snapshot? BestWeights { get; private set; }

    /// <summary>The epoch whose weights come back at the end; null where none do.</summary>
    public int? RestoredEpoch => BestWeights is null ? null : BestEpoch;

    /// <summary>Whether the patience is at its end.</summary>
    public bool IsExhausted => BestEpoch is { } best && _lastEpoch - best >= stopping.Patience;

    public string Message => string.Create(
        CultureInfo.InvariantCulture,
        $"Stopped after epoch {_lastEpoch}: {Monitored} was best in epoch {BestEpoch}, {Best:G6}, and not "
        + $"better{(stopping.MinChange == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" by more than {stopping.MinChange}"))} "
        + $"for {(stopping.Patience == 1 ? "1 epoch" : $"{stopping.Patience} epochs")}.");

    /// <summary>What is watched, in words.</summary>
    public static string NameOf(EarlyStopping stopping, bool validates) =>
        stopping.Monitor?.Name ?? (validates ? "the validation loss" : "the loss");

    /// <summary>What tells the best epoch; null where nobody asks for it.</summary>
    public static EarlyStopping? RuleOf(FitOptions options) =>
        options.EarlyStopping
        ?? (options.Checkpoint is { KeepBest: true } ? new EarlyStopping { Patience = int.MaxValue, RestoreBestWeights = false } : null);

    /// <summary>Takes an epoch in, whose parameters the layers have; true where it is the best so far.</summary>
    public bool Observe(EpochReport report)
    {
        double value = Measure(report);
        double gain = stopping.Monitor is { HigherIsBetter: true } ? value - Best : Best - value;
        bool best = BestEpoch is null || gain > stopping.MinChange || (double.IsNaN(Best) && !double.IsNaN(value));
        if (best)
        {
            (BestEpoch, Best) = (report.Epoch, value);
            BestWeights = stopping.RestoreBestWeights ? new Snapshot(layers) : null;
        }

        return best;
    }

    /// <summary>Goes on after the last of some epochs, the best of which is known.</summary>
    public void Resume(EpochReport last, int bestEpoch, double best, Snapshot? bestWeights)
    {
        Measure(last);
        (BestEpoch, Best, BestWeights) = (bestEpoch, best, stopping.RestoreBestWeights ? bestWeights : null);
    }

    public void RestoreBest() => BestWeights?.Restore();

    private double Measure(EpochReport report)
    {
        _lastEpoch = report.Epoch;
        Monitored = NameOf(stopping, report.ValidationLoss is not null);
        return stopping.Monitor is { } metric ? report.Metrics[metric.Name] : report.ValidationLoss ?? report.Loss;
    }
}
