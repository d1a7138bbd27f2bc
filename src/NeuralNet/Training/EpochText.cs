namespace NeuralNet.Training;

/// <summary>An <see cref="EpochReport"/> as a checkpoint has it.</summary>
internal sealed record EpochText(
    double Loss,
    double? ValidationLoss,
    Dictionary<string, double> Metrics,
    double LearningRate,
    double Seconds,
    Dictionary<string, double>? TrainingMetrics = null);
