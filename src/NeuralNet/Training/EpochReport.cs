using System.Collections.ObjectModel;
using System.Globalization;

namespace NeuralNet;

/// <summary>What <see cref="Network"/> reports after each epoch of training.</summary>
/// <param name="Epoch">The epoch that ended, from 1.</param>
/// <param name="Epochs">How many were asked for.</param>
/// <param name="Loss">The mean of the samples' losses during the epoch, each measured before its batch's update.</param>
public sealed record EpochReport(int Epoch, int Epochs, double Loss)
{
    /// <summary>The mean loss of the validation samples at the epoch's end; null where there are none.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>
    /// Each metric that was asked for, by its name, at the epoch's end: of the validation samples, or of the training samples where there
    /// are none.
    /// </summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>Each metric of the training samples, by its name, at the epoch's end; empty unless <see cref="FitOptions.TrainingMetrics"/>
    /// asks for them.</summary>
    public IReadOnlyDictionary<string, double> TrainingMetrics { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>The optimizer's learning rate during the epoch.</summary>
    public double LearningRate { get; init; }

    /// <summary>How long the epoch took, in seconds, the measuring at its end included.</summary>
    public double Seconds { get; init; }

    /// <summary>
    /// The article's line, <c>epoch 1/1000   error=0.322980</c>, and behind it what else was measured: <c>   Accuracy=0.921000</c> of the
    /// training samples, and <c>   validation error=0.341100   validation Accuracy=0.914000</c>.
    /// </summary>
    public override string ToString()
    {
        var figures = ValidationLoss is { } loss
            ?
            [
                new("error", Loss),
                .. TrainingMetrics,
                new("validation error", loss),
                .. Metrics.Select(metric => KeyValuePair.Create($"validation {metric.Key}", metric.Value)),
            ]
            : Metrics.Prepend(new("error", Loss));
        return string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch}/{Epochs}")
            + string.Concat(figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"   {figure.Key}={figure.Value:F6}")));
    }
}
