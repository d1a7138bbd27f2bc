using System.Globalization;
using System.Text;

namespace NeuralNet;

/// <summary>How training went.</summary>
public sealed class TrainingHistory
{
    internal TrainingHistory(IReadOnlyList<EpochReport> epochs, StopReason stopReason, string stopMessage, int? bestEpoch = null)
    {
        (Epochs, StopReason, StopMessage, BestEpoch) = (epochs, stopReason, stopMessage, bestEpoch);
        Losses = [.. epochs.Select(epoch => epoch.Loss)];
        ValidationLosses = [.. epochs.Select(epoch => epoch.ValidationLoss).OfType<double>()];
        LearningRates = [.. epochs.Select(epoch => epoch.LearningRate)];
        Seconds = [.. epochs.Select(epoch => epoch.Seconds)];
        Metrics = ByName(epoch => epoch.Metrics);
        TrainingMetrics = ByName(epoch => epoch.TrainingMetrics);
    }

    /// <summary>The report of each complete epoch, the first one first, with all that was measured.</summary>
    public IReadOnlyList<EpochReport> Epochs { get; }

    /// <summary>Each complete epoch's mean loss, the first epoch first.</summary>
    public IReadOnlyList<double> Losses { get; }

    /// <summary>Each complete epoch's validation loss; empty where there were no validation samples.</summary>
    public IReadOnlyList<double> ValidationLosses { get; }

    /// <summary>Each metric's values by its name, one for each complete epoch: of the validation samples, or of the training samples where
    /// there are none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> Metrics { get; }

    /// <summary>Each metric's values of the training samples by its name, one for each complete epoch; empty unless
    /// <see cref="FitOptions.TrainingMetrics"/> asks for them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> TrainingMetrics { get; }

    /// <summary>The learning rate in each complete epoch.</summary>
    public IReadOnlyList<double> LearningRates { get; }

    /// <summary>How long each complete epoch took, in seconds.</summary>
    public IReadOnlyList<double> Seconds { get; }

    /// <summary>
    /// The epoch, from 1, that <see cref="FitOptions.EarlyStopping"/> found best; null where it was not asked for, or no epoch
    /// was completed.
    /// </summary>
    public int? BestEpoch { get; }

    /// <summary>
    /// Where the random numbers of training came from: <see cref="FitOptions.Seed"/>, or the seed that was drawn in its place.
    /// </summary>
    public int Seed { get; internal init; }

    /// <summary>Why training ended.</summary>
    public StopReason StopReason { get; }

    /// <summary>
    /// The reason in words; for <see cref="StopReason.NumericOverflow"/> it names the epoch, the sample and the parameter.
    /// </summary>
    public string StopMessage { get; }

    /// <summary>
    /// A table of the complete epochs for spreadsheets and plots:
    /// <c>epoch,loss,Accuracy,validationLoss,validationAccuracy,learningRate,seconds</c>, one line each, metrics of the training samples,
    /// validation loss and metrics of the validation samples where there are any.
    /// </summary>
    /// <returns>Comma-separated values by RFC 4180, lines ended by CR LF, numbers as they read back to the same bits.</returns>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        void Line(IEnumerable<string> fields) => csv.AppendJoin(',', fields).Append("\r\n");

        bool validated = ValidationLosses.Count > 0;
        string[] validation = validated ? ["validationLoss", .. Metrics.Keys.Select(name => $"validation{name}")] : [];
        var training = (validated ? TrainingMetrics : Metrics).Keys;
        Line(["epoch", "loss", .. training.Select(Quoted), .. validation.Select(Quoted), "learningRate", "seconds"]);
        foreach (var epoch in Epochs)
        {
            double[] measured = validated
                ? [.. epoch.TrainingMetrics.Values, epoch.ValidationLoss!.Value, .. epoch.Metrics.Values]
                : [.. epoch.Metrics.Values];
            double[] values = [epoch.Loss, .. measured, epoch.LearningRate, epoch.Seconds];
            Line(
            [
                epoch.Epoch.ToString(CultureInfo.InvariantCulture),
                .. values.Select(value => value.ToString("R", CultureInfo.InvariantCulture))
            ]);
        }

        return csv.ToString();
    }

    /// <summary>The reason in words.</summary>
    public override string ToString() => StopMessage;

    private OrderedDictionary<string, IReadOnlyList<double>> ByName(Func<EpochReport, IReadOnlyDictionary<string, double>> metrics)
    {
        var byName = new OrderedDictionary<string, IReadOnlyList<double>>();
        foreach (string name in Epochs.Count == 0 ? [] : metrics(Epochs[0]).Keys)
        {
            byName.Add(name, [.. Epochs.Select(epoch => metrics(epoch)[name])]);
        }

        return byName;
    }

    private static string Quoted(string name) =>
        name.AsSpan().ContainsAny(",\"\r\n") ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : name;
}
