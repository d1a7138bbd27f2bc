using MathNet.Numerics.LinearAlgebra;
using NeuralNet;

namespace MnistApp;

/// <summary>The two ways of this sample to train.</summary>
internal static class Training
{
    /// <summary>As the article: sample by sample.</summary>
    public static TrainingHistory Article(Network net, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, int epochs, double learningRate, CancellationToken cancellation) =>
        Timed(x.Count, () => Screen.Show<EpochReport, TrainingHistory>(
            "Training", report => (report.ToString(), report.Epoch, report.Epochs), progress => net.Fit(x, y, epochs, learningRate, progress, cancellation)));

    /// <summary>By mini-batches, measured after each epoch by digits that are not trained on.</summary>
    public static TrainingHistory MiniBatches(
        Network net,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) validation,
        int epochs,
        double learningRate,
        int seed,
        Checkpoint? checkpoint,
        CancellationToken cancellation) =>
        Timed(train.X.Count, () => Screen.Table((epochDone, batchDone) => net.Fit(
            train.X,
            train.Y,
            new FitOptions
            {
                Epochs = epochs,
                BatchSize = 32,
                Optimizer = new Adam(learningRate),
                Schedule = Schedule.Cosine(epochs),
                Shuffle = true,
                Seed = seed,
                Validation = validation,
                Metrics = [Metric.Accuracy],
                Checkpoint = checkpoint,
                Progress = epochDone,
                BatchProgress = batchDone,
            },
            cancellation)));

    private static TrainingHistory Timed(int samples, Func<TrainingHistory> train)
    {
        var history = train();
        double speed = history.Losses.Count * samples / history.Seconds.Sum();
        Console.WriteLine(FormattableString.Invariant($"{history.StopMessage} {speed:F0} samples per second"));
        return history;
    }
}
