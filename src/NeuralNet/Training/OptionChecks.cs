using System.Globalization;
using NeuralNet.Batches;

namespace NeuralNet.Training;

/// <summary>The checks of metrics and of a training's options.</summary>
internal static class OptionChecks
{
    /// <summary>Refuses metrics that would say nothing of such samples.</summary>
    public static void RequireMeaning(IReadOnlyList<Metric> metrics, Shape target, string parameter)
    {
        foreach (var metric in metrics)
        {
            metric.RequireMeaning(target, parameter);
        }
    }

    /// <summary>Checks the options that depend on the network or on each other.</summary>
    /// <returns>The validation samples to read from, where they were given.</returns>
    public static (SampleList X, SampleList Y)? Check(FitOptions options, IReadOnlyList<Layer> layers, SampleList xTrain, Shape target)
    {
        RequireMeaning(options.Metrics, target, nameof(options));
        if (options.InitialEpoch >= options.Epochs)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Fit expects more Epochs than its InitialEpoch of {options.InitialEpoch}, which they include, but got {options.Epochs}."),
                nameof(options));
        }

        if (options.InitialEpoch > 0 && options.Checkpoint is not null)
        {
            throw new ArgumentException(
                "Fit expects an InitialEpoch or a Checkpoint, which counts the epochs itself, but got both. Leave one out.",
                nameof(options));
        }

        SampleWeighting.Of(options.SampleWeights, options.ClassWeights, xTrain.Count, target);
        (SampleList, SampleList)? lists = null;
        if (options.Validation is { } validation)
        {
            if (options.ValidationSplit > 0)
            {
                throw new ArgumentException("Fit expects Validation or ValidationSplit, but got both. Leave one out.", nameof(options));
            }

            if (validation.X is null || validation.Y is null)
            {
                throw new ArgumentException(
                    $"Fit expects Validation to have samples and targets, but its {(validation.X is null ? "X" : "Y")} is null.",
                    nameof(options));
            }

            var (x, y) = validation;
            lists = SampleChecks.Check(nameof(Network.Fit), layers, x, y, "Validation.X", "Validation.Y", nameof(options), shape =>
            {
                if (!shape.SameMatrix(xTrain.Shape) && !SampleChecks.Takes(layers, shape))
                {
                    throw new ArgumentException(
                        $"Fit expects Validation.X in the shape of xTrain, {xTrain.Shape} each, but got {shape}.", nameof(options));
                }
            });
        }

        if (options.ValidationSplit > 0 && xTrain.Count < 2)
        {
            throw new ArgumentException(
                "Fit expects at least two samples for a ValidationSplit, one to train on and one to validate, but got one.",
                nameof(options));
        }

        if (options.EarlyStopping?.Monitor is { } monitor && options.Metrics.All(metric => metric != monitor))
        {
            string metrics = options.Metrics.Count == 0 ? "none" : string.Join(", ", options.Metrics);
            throw new ArgumentException(
                $"EarlyStopping monitors {monitor}, which is not among the options' Metrics ({metrics}). Add it there.", nameof(options));
        }

        int measured = options.ValidationSplit > 0
            ? ValidationSplit.Count(xTrain.Count, options.ValidationSplit)
            : options.Validation?.X.Count ?? xTrain.Count;
        options.EarlyStopping?.Monitor?.RequireSamples(measured, nameof(options));
        return lists;
    }

    public static IReadOnlyList<Metric> CheckMetrics(IReadOnlyList<Metric> metrics, string parameter)
    {
        ArgumentNullException.ThrowIfNull(metrics, parameter);
        Metric[] copy = [.. metrics];
        if (Array.IndexOf(copy, null) is >= 0 and int index)
        {
            throw new ArgumentException($"The metrics must not be null, but the one at {Text(index)} is.", parameter);
        }

        if (copy.GroupBy(metric => metric.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"Each metric must have a name of its own, but {Text(twice.Count())} are called {twice.Key}.", parameter);
        }

        return copy;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
