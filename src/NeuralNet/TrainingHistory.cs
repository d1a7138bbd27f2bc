namespace NeuralNet;

/// <summary>How training went.</summary>
public sealed class TrainingHistory
{
    internal TrainingHistory(IReadOnlyList<double> losses, StopReason stopReason, string stopMessage) =>
        (Losses, StopReason, StopMessage) = (losses, stopReason, stopMessage);

    /// <summary>Each complete epoch's mean loss, the first epoch first.</summary>
    public IReadOnlyList<double> Losses { get; }

    /// <summary>Why training ended.</summary>
    public StopReason StopReason { get; }

    /// <summary>The reason in words; for <see cref="StopReason.NumericOverflow"/> it names the epoch and the sample.</summary>
    public string StopMessage { get; }

    /// <summary>The reason in words.</summary>
    public override string ToString() => StopMessage;
}
