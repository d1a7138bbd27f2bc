namespace NeuralNet.Guards;

/// <summary>What a user's code is called for.</summary>
internal enum UserCodePurpose
{
    /// <summary>A prediction.</summary>
    Predict,

    /// <summary>A training whose every number is drawn once.</summary>
    Train,

    /// <summary>
    /// A training that a checkpoint stores, or that goes forward again before it goes back: what is drawn has to be drawn again.
    /// </summary>
    TrainAgain,
}
