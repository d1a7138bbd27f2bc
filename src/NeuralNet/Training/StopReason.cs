namespace NeuralNet;

/// <summary>Why training ended.</summary>
public enum StopReason
{
    /// <summary>All epochs were run.</summary>
    EpochsCompleted,

    /// <summary>The cancellation token asked for it.</summary>
    Canceled,

    /// <summary>
    /// The loss, a gradient, a parameter or what the optimizer keeps for one was no longer a finite number. The network has the parameters
    /// of the last epoch that ended well, or of the best where <see cref="FitOptions.EarlyStopping"/> restores them.
    /// </summary>
    NumericOverflow,

    /// <summary><see cref="FitOptions.EarlyStopping"/> saw no improvement any more.</summary>
    EarlyStopping,
}
