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

    /// <summary>Each metric that was asked for, by its name, at the epoch's end: of the validation samples, or of the training samples where there are none.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>The optimizer's learning rate during the epoch.</summary>
    public double LearningRate { get; init; }

    /// <summary>How long the epoch took, in seconds, the measuring at its end included.</summary>
    public double Seconds { get; init; }

    /// <summary>The article's line, <c>epoch 1/1000   error=0.322980</c>, and behind it what else was measured: <c>   validation error=0.341100   Accuracy=0.914000</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch}/{Epochs}   error={Loss:F6}")
        + (ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $"   validation error={loss:F6}") : "")
        + string.Concat(Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $"   {metric.Key}={metric.Value:F6}")));
}
