using System.Globalization;

namespace NeuralNet;

/// <summary>What <see cref="Network"/> reports after each mini-batch of training.</summary>
/// <param name="Epoch">The epoch that runs, from 1.</param>
/// <param name="Epochs">How many were asked for.</param>
/// <param name="Batch">The mini-batch that ended, from 1.</param>
/// <param name="Batches">How many an epoch has.</param>
/// <param name="Loss">The mean of the losses of its samples, measured before its update.</param>
public sealed record BatchReport(int Epoch, int Epochs, int Batch, int Batches, double Loss)
{
    /// <summary>In the form of the article's line: <c>epoch 1/10   batch 3/1875   error=0.322980</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"epoch {Epoch}/{Epochs}   batch {Batch}/{Batches}   error={Loss:F6}");
}
