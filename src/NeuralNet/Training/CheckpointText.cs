using System.Text.Json.Serialization;

namespace NeuralNet.Training;

/// <summary>What a checkpoint says of training, besides its tensors.</summary>
/// <param name="Seed">Where the random numbers of each epoch come from.</param>
/// <param name="Samples">How many samples Fit was given.</param>
/// <param name="Optimizer">The optimizer's class.</param>
/// <param name="Steps">How many updates each parameter has had; 0 where the optimizer keeps nothing for it.</param>
/// <param name="Watched">What the best epoch goes by, where that was asked for.</param>
/// <param name="BestEpoch">The best epoch so far, where that was asked for.</param>
/// <param name="Best">What was measured in it.</param>
/// <param name="HasBestWeights">Whether the parameters of that epoch are among the tensors.</param>
/// <param name="Epochs">The reports of all epochs so far.</param>
/// <param name="Settings">
/// What the bits depend on and training does not change; null in files of the first version, as what follows.
/// </param>
/// <param name="Initial">The numbers that a callback may change, as training began with them.</param>
/// <param name="Present">The same after the last epoch.</param>
internal sealed record CheckpointText(
    int Seed,
    int Samples,
    string Optimizer,
    long[] Steps,
    string? Watched,
    int? BestEpoch,
    double Best,
    bool HasBestWeights,
    EpochText[] Epochs,
    Dictionary<string, string>? Settings = null,
    Dictionary<string, double?>? Initial = null,
    Dictionary<string, double?>? Present = null);
