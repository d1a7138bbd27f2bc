using System.Globalization;

namespace NeuralNet;

/// <summary>Follows what <see cref="EarlyStopping"/> watches, and keeps the best weights.</summary>
internal sealed class EarlyStoppingWatch(EarlyStopping stopping, IReadOnlyList<Layer> layers)
{
    private double _best;
    private Snapshot? _bestWeights;
    private int _lastEpoch;
    private string _monitored = "";

    /// <summary>The best epoch so far, from 1.</summary>
    public int? BestEpoch { get; private set; }

    public string Message => string.Create(
        CultureInfo.InvariantCulture,
        $"Stopped after epoch {_lastEpoch}: {_monitored} was best in epoch {BestEpoch}, {_best:G6}, and not better{(stopping.MinChange == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" by more than {stopping.MinChange}"))} for {stopping.Patience} epochs.");

    /// <summary>Takes an epoch in; true where it ends training.</summary>
    public bool SeesTheEnd(EpochReport report)
    {
        _lastEpoch = report.Epoch;
        _monitored = stopping.Monitor?.Name ?? (report.ValidationLoss is null ? "the loss" : "the validation loss");
        double value = stopping.Monitor is { } metric ? report.Metrics[metric.Name] : report.ValidationLoss ?? report.Loss;
        double gain = stopping.Monitor is { HigherIsBetter: true } ? value - _best : _best - value;
        if (BestEpoch is null || gain > stopping.MinChange || (double.IsNaN(_best) && !double.IsNaN(value)))
        {
            (BestEpoch, _best) = (report.Epoch, value);
            _bestWeights = stopping.RestoreBestWeights ? new Snapshot(layers) : null;
        }

        return report.Epoch - BestEpoch >= stopping.Patience;
    }

    public void RestoreBest() => _bestWeights?.Restore();
}
