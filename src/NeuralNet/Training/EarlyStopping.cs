namespace NeuralNet;

/// <summary>Ends training when a measure has stopped getting better.</summary>
/// <remarks>Any number is better than NaN, and NaN never better.</remarks>
public sealed class EarlyStopping
{
    /// <summary>
    /// What is watched: one of <see cref="FitOptions.Metrics"/>; null, the default, is the validation loss, or the training loss where
    /// there are no validation samples.
    /// </summary>
    public Metric? Monitor { get; init; }

    /// <summary>How many epochs in a row may pass without getting better before training ends: 1 or more, 5 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int Patience
    {
        get;
        init => field = Check.Positive(value, "The patience of early stopping", nameof(value));
    }

    = 5;

    /// <summary>By how much an epoch must be better than the best before to count: finite, 0 or more, 0 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double MinChange
    {
        get;
        init => field = Check.Number(value, value >= 0, "The minimum change of early stopping", ", 0 or more", nameof(value));
    }

    /// <summary>
    /// Whether the network ends with the parameters of its best epoch, bit for bit, however training ended; on by default. Off, it keeps
    /// those of the last.
    /// </summary>
    public bool RestoreBestWeights { get; init; } = true;
}
