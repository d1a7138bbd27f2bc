using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Batches;

/// <summary>The checks of samples and targets at the network's doors.</summary>
internal static class SampleChecks
{
    /// <summary>The way out where one of several classes is asked of a single value.</summary>
    public const string YesOrNo =
        "For a yes or no, end the network in new ActivationLayer(Activations.Sigmoid, Activations.SigmoidPrime) " +
        "and call Use(Losses.BinaryCrossEntropy, Losses.BinaryCrossEntropyPrime); for classes, let it give one value for each.";

    /// <summary>Checks samples and their targets against the layers: the first ones, and all of a list that stores them.</summary>
    /// <param name="method">The method they came to.</param>
    /// <param name="layers">The network's layers, one at least.</param>
    /// <param name="x">Samples.</param>
    /// <param name="y">Targets.</param>
    /// <param name="nameX">What the caller calls the samples.</param>
    /// <param name="nameY">What the caller calls the targets.</param>
    /// <param name="parameter">The parameter that they came in, where it has another name.</param>
    /// <param name="checkFirst">Checks the samples' shape before the layers do.</param>
    /// <returns>The lists to read from.</returns>
    public static (SampleList X, SampleList Y) Check(
        string method,
        IReadOnlyList<Layer> layers,
        IReadOnlyList<Matrix<double>> x,
        IReadOnlyList<Matrix<double>> y,
        string nameX,
        string nameY,
        string? parameter = null,
        Action<Shape>? checkFirst = null)
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

        var outputs = new Dictionary<Shape, Shape?>();
        var samples = new SampleList(x, "sample", nameX, parameter ?? nameX, shape =>
        {
            checkFirst = outputs.Count == 0 ? checkFirst : null;
            checkFirst?.Invoke(shape);
            outputs[shape] = OutputShape(layers, shape, outputs, parameter ?? nameX);
        });
        for (int i = 0; i < samples.Count && samples.StoresSamples && !layers[0].TakesAnyNumbers; i++)
        {
            layers[0].RequireNumbers(samples[i].Values(), FormattableString.Invariant($"{nameX}[{i}]"), parameter ?? nameX);
        }

        Shape? target = null;
        var targets = new SampleList(y, "target", nameY, parameter ?? nameY, shape =>
        {
            RequireOutput(shape, target, outputs);
            target = shape;
        });
        if (outputs[samples.Shape] is { } output)
        {
            RequireTargetShape(layers[^1].Name, output, targets.Shape, nameY, parameter);
        }

        for (int i = 0; i < x.Count && samples.StoresSamples && targets.StoresSamples && (samples.IsMixed || targets.IsMixed); i++)
        {
            string name = FormattableString.Invariant($"{nameY}[{i}]");
            RequireTargetShape(layers[^1].Name, outputs[samples.ShapeOf(i)]!.Value, targets.ShapeOf(i), name, parameter ?? nameY);
        }

        return (samples, targets);
    }

    /// <summary>The shape that comes out for samples of another shape: sequences may have several lengths.</summary>
    private static Shape? OutputShape(
        IReadOnlyList<Layer> layers, Shape shape, Dictionary<Shape, Shape?> others, string parameter)
    {
        var output = LayerTree.OutputShape(layers, shape, parameter);
        return others.Count == 0 || (output is not null && !others.ContainsValue(null))
            ? output
            : throw new ArgumentException("Of several shapes, each layer has to say what comes out; one that is no BatchLayer does not.");
    }

    /// <summary>Refuses a target that comes out for no sample so far.</summary>
    private static void RequireOutput(Shape target, Shape? before, Dictionary<Shape, Shape?> outputs)
    {
        if (before is not null && !outputs.Values.Any(output => output is { } known && known.SameMatrix(target)))
        {
            throw new ArgumentException("");
        }
    }

    /// <summary>Whether the layers take samples of a shape, and say what comes out.</summary>
    public static bool Takes(IReadOnlyList<Layer> layers, Shape shape)
    {
        try
        {
            return LayerTree.OutputShape(layers, shape) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public static void RequireTargetShape(string lastLayer, Shape output, Shape target, string nameY, string? parameter = null)
    {
        if (!target.SameMatrix(output))
        {
            throw WrongTarget(lastLayer, output, target, nameY, parameter ?? nameY);
        }
    }

    private static ArgumentException WrongTarget(string lastLayer, Shape output, Shape target, string nameY, string parameter)
    {
        string wayOut = output.Rows != 1 ? ""
            : target.Rows > 1 && target.Columns == output.Columns ? $" {NeuralNet.Check.OneByOne(target)}"
            : target.SameMatrix(Shape.Row(1)) ? " For class labels, Labels.OneHot, in NeuralNet.Data, makes such a row of each."
            : "";
        return new ArgumentException(
            $"{lastLayer} gives {output.Matrix}, so {nameY} must be {output.Matrix} each, but got {target}.{wayOut}", parameter);
    }

    /// <summary>Refuses a network that could learn nothing, whatever the samples: one that chooses one class of one.</summary>
    /// <param name="layers">The network's layers, one at least.</param>
    /// <param name="criterion">The loss; null where there is none.</param>
    /// <param name="input">The shape of a sample.</param>
    /// <param name="target">The shape of a target, which is that of the output.</param>
    /// <exception cref="InvalidOperationException">It could learn nothing; names the layer or the loss, and the way out.</exception>
    public static void RequireLearnable(IReadOnlyList<Layer> layers, Criterion? criterion, Shape input, Shape target)
    {
        layers = LayerTree.Flat(layers);
        foreach (var (layer, _, output) in LayerTree.Shapes(layers, input))
        {
            layer.RequireLearnable(layer == layers[^1] ? target : output);
        }

        if (target.Columns == 1 && criterion is { ChoosesClass: true })
        {
            throw new InvalidOperationException(
                $"{layers[^1].Name} gives {(target.Rows == 1 ? "one value" : "rows of one value")}, but {criterion.BuiltInName} is for one "
                + $"value for each of several classes: of one, nothing is learnt. {YesOrNo}");
        }
    }
}
