using System.Globalization;

namespace NeuralNet;

/// <summary>What <see cref="Network"/> reports after each epoch of training.</summary>
/// <param name="Epoch">The epoch that ended, from 1.</param>
/// <param name="Epochs">How many were asked for.</param>
/// <param name="Loss">The mean of the samples' losses during the epoch, each measured before the sample's update.</param>
public sealed record EpochReport(int Epoch, int Epochs, double Loss)
{
    /// <summary>The article's line: <c>epoch 1/1000   error=0.322980</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch}/{Epochs}   error={Loss:F6}");
}
