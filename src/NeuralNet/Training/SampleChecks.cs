using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The checks of samples, targets and metrics at the network's doors.</summary>
internal static class SampleChecks
{
    /// <summary>The way out where one of several classes is asked of a single value.</summary>
    public const string YesOrNo =
        "For a yes or no, end the network in new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime) " +
        "and call Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime); for classes, let it give one value for each.";

    /// <summary>Checks samples and their targets against the layers.</summary>
    /// <param name="method">The method they came to.</param>
    /// <param name="layers">The network's layers, one at least.</param>
    /// <param name="x">Samples.</param>
    /// <param name="y">Targets.</param>
    /// <param name="nameX">What the caller calls the samples.</param>
    /// <param name="nameY">What the caller calls the targets.</param>
    /// <param name="parameter">The parameter that they came in, where it has another name.</param>
    public static void Check(
        string method, IReadOnlyList<Layer> layers, IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, string nameX, string nameY, string? parameter = null)
    {
        if (x.Count == 0)
        {
            throw new ArgumentException($"{method} expects at least one sample, but {nameX} is empty.", parameter ?? nameX);
        }

        if (x.Count != y.Count)
        {
            var table = x.Count == 1 ? x[0] : y.Count == 1 ? y[0] : null;
            string wayOut = table?.RowCount == Math.Max(x.Count, y.Count) ? $" {NeuralNet.Check.OneByOne(Shape.Of(table))}" : "";
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"{method} expects as many {nameY} as {nameX}, but got {x.Count} {nameX} and {y.Count} {nameY}.{wayOut}"),
                parameter ?? nameY);
        }

        var output = CheckInputs(layers, x, nameX, parameter);
        RequireOneShape(y, "Targets", "target", nameY, parameter ?? nameY);
        if (output is { } shape)
        {
            RequireTargetShape(layers[^1].Name, shape, Shape.Of(y[0]), nameY, parameter);
        }
    }

    /// <summary>Checks samples against the layers; returns the shape of the network's output where the layers tell.</summary>
    public static Shape? CheckInputs(IReadOnlyList<Layer> layers, IReadOnlyList<Matrix<double>> x, string nameX, string? parameter = null)
    {
        if (x.Count == 0)
        {
            return null;
        }

        Shape? shape = null;
        RequireOneShape(x, "Samples", "sample", nameX, parameter ?? nameX, () => shape = LayerTree.OutputShape(layers, Shape.Of(x[0])));
        return shape;
    }

    public static void RequireTargetShape(string lastLayer, Shape output, Shape target, string nameY, string? parameter = null)
    {
        if (!target.SameMatrix(output))
        {
            string wayOut = output.Rows != 1 ? ""
                : target.Rows > 1 && target.Columns == output.Columns ? $" {NeuralNet.Check.OneByOne(target)}"
                : target.SameMatrix(Shape.Row(1)) ? " For class labels, Labels.OneHot, in NeuralNet.Data, makes such a row of each."
                : "";
            throw new ArgumentException(
                $"{lastLayer} gives {output.Matrix}, so {nameY} must be {output.Matrix} each, but got {target}.{wayOut}",
                parameter ?? nameY);
        }
    }

    /// <summary>Refuses a network that could learn nothing, whatever the samples: one that chooses one class of one.</summary>
    /// <param name="layers">The network's layers, one at least.</param>
    /// <param name="criterion">The loss; null where there is none.</param>
    /// <param name="input">The shape of a sample.</param>
    /// <param name="target">The shape of a target, which is that of the output.</param>
    /// <exception cref="InvalidOperationException">It could learn nothing; names the layer or the loss, and the way out.</exception>
    public static void RequireLearnable(IReadOnlyList<Layer> layers, Criterion? criterion, Shape input, Shape target)
    {
        Shape? shape = input;
        foreach (var layer in layers)
        {
            shape = layer == layers[^1] ? target : layer.OutputShapeFor(shape);
            layer.RequireLearnable(shape);
        }

        if (target.Size == 1 && criterion is { ChoosesClass: true })
        {
            throw new InvalidOperationException(
                $"{layers[^1].Name} gives one value, but {criterion.BuiltInName} is for one value for each of several classes: "
                + $"of one, nothing is learnt. {YesOrNo}");
        }
    }

    /// <summary>Refuses metrics that would say nothing of such samples.</summary>
    public static void RequireMeaning(IReadOnlyList<Metric> metrics, Shape target, string parameter)
    {
        foreach (var metric in metrics)
        {
            metric.RequireMeaning(target, parameter);
        }
    }

    /// <summary>A callback between epochs may write to the caller's lists.</summary>
    public static void RequireUnchanged(string name, IReadOnlyList<Matrix<double>> samples, int count, Shape shape)
    {
        if (samples.Count != count || samples.Any(sample => !IsOf(shape, sample)))
        {
            throw Changed(name, count, shape);
        }
    }

    /// <summary>A callback between batches may too: this checks the samples of the next one.</summary>
    public static void RequireUnchanged(string name, IReadOnlyList<Matrix<double>> samples, int count, Shape shape, ReadOnlySpan<int> batch)
    {
        foreach (int sample in batch)
        {
            if (samples.Count != count || !IsOf(shape, samples[sample]))
            {
                throw Changed(name, count, shape);
            }
        }
    }

    /// <summary>Checks the options that depend on the network or on each other.</summary>
    public static void Check(FitOptions options, IReadOnlyList<Layer> layers, IReadOnlyList<Matrix<double>> xTrain, Shape target)
    {
        RequireMeaning(options.Metrics, target, nameof(options));
        if (options.Validation is { } validation)
        {
            if (options.ValidationSplit > 0)
            {
                throw new ArgumentException("Fit expects Validation or ValidationSplit, but got both. Leave one out.", nameof(options));
            }

            if (validation.X is null || validation.Y is null)
            {
                throw new ArgumentException($"Fit expects Validation to have samples and targets, but its {(validation.X is null ? "X" : "Y")} is null.", nameof(options));
            }

            var shape = Shape.Of(xTrain[0]);
            if (validation.X.Count > 0 && validation.X[0] is { } first && !Shape.Of(first).SameMatrix(shape))
            {
                throw new ArgumentException($"Fit expects Validation.X in the shape of xTrain, {shape} each, but got {Shape.Of(first)}.", nameof(options));
            }

            Check(nameof(Network.Fit), layers, validation.X, validation.Y, "Validation.X", "Validation.Y", nameof(options));
        }

        if (options.ValidationSplit > 0 && xTrain.Count < 2)
        {
            throw new ArgumentException("Fit expects at least two samples for a ValidationSplit, one to train on and one to validate, but got one.", nameof(options));
        }

        if (options.EarlyStopping?.Monitor is { } monitor && options.Metrics.All(metric => metric != monitor))
        {
            string metrics = options.Metrics.Count == 0 ? "none" : string.Join(", ", options.Metrics);
            throw new ArgumentException(
                $"EarlyStopping monitors {monitor}, which is not among the options' Metrics ({metrics}). Add it there.", nameof(options));
        }

        int measured = options.ValidationSplit > 0
            ? Trainer.ValidationCount(xTrain.Count, options.ValidationSplit)
            : options.Validation?.X.Count ?? xTrain.Count;
        options.EarlyStopping?.Monitor?.RequireSamples(measured, nameof(options));
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
            throw new ArgumentException($"Each metric must have a name of its own, but {Text(twice.Count())} are called {twice.Key}.", parameter);
        }

        return copy;
    }

    private static void RequireOneShape(IReadOnlyList<Matrix<double>> samples, string many, string one, string name, string parameter, Action? afterFirst = null)
    {
        for (int i = 0; i < samples.Count; i++)
        {
            var sample = samples[i] ?? throw new ArgumentException($"{name}[{Text(i)}] is null; each {one} must be a matrix.", parameter);
            NeuralNet.Check.Finite(sample, $"{name}[{Text(i)}]", parameter);
            if (!Shape.Of(sample).SameMatrix(Shape.Of(samples[0])))
            {
                throw new ArgumentException($"{many} must have one shape, but {name}[0] is {Shape.Of(samples[0])} and {name}[{Text(i)}] is {Shape.Of(sample)}.", parameter);
            }

            if (i == 0)
            {
                afterFirst?.Invoke();
            }
        }
    }

    private static bool IsOf(Shape shape, Matrix<double>? sample) => sample is not null && Shape.Of(sample).SameMatrix(shape);

    private static InvalidOperationException Changed(string name, int count, Shape shape) => new(FormattableString.Invariant(
        $"{name} was changed during Fit: it must keep its {count} samples of {shape}. Give Fit a list that nobody writes to."));

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
