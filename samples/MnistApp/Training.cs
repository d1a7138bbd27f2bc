using NeuralNet;
using NeuralNet.Data;

namespace MnistApp;

/// <summary>Trains a network, measured after each epoch by digits that it is not trained on.</summary>
internal static class Training
{
    public static TrainingHistory Run(Options options, Network net, MnistSet train, MnistSet test, CancellationToken cancellation)
    {
        var recipe = options.Recipe;
        int epochs = options.Epochs ?? recipe.Epochs(train.Count);
        var way = recipe.Way(epochs, options.LearningRate ?? recipe.LearningRate);
        var history = Screen.Table((epochDone, batchDone) => net.Fit(recipe.X(train), Labels.OneHot(train.Labels, 10), new FitOptions
        {
            Epochs = epochs,
            BatchSize = way.BatchSize,
            Optimizer = way.Optimizer,
            Schedule = way.Schedule,
            Shuffle = way.Shuffle,
            Seed = options.Seed,
            Validation = (recipe.X(test), Labels.OneHot(test.Labels, 10)),
            Metrics = [Metric.Accuracy],
            Checkpoint = options.Checkpoint is { } path ? new Checkpoint(path) { Resume = options.Resume } : null,
            Progress = epochDone,
            BatchProgress = batchDone,
        }, cancellation));
        Console.WriteLine(history.StopMessage);
        if (history.Losses.Count > 0)
        {
            double speed = history.Losses.Count * train.Count / history.Seconds.Sum();
            Console.WriteLine(FormattableString.Invariant($"{speed:F0} samples per second, validation included"));
        }

        return history;
    }
}
