using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Guards;

namespace NeuralNet.Layers;

/// <summary>Layers, and layers within layers.</summary>
internal static class LayerTree
{
    /// <summary>
    /// The layers that have none within, each with its place and, within a composite layer, its branch and place there: <c>3.body.0</c>.
    /// </summary>
    public static IReadOnlyList<(string Path, Layer Layer)> Leaves(IEnumerable<Layer> layers) =>
        [.. layers.SelectMany((layer, place) => Leaves(FormattableString.Invariant($"{place}"), layer))];

    /// <summary>The layers within one, itself where there are none.</summary>
    public static IReadOnlyList<(string Path, Layer Layer)> Leaves(string path, Layer layer)
    {
        var leaves = new List<(string, Layer)>();
        AddAll(path, layer);
        return leaves;

        void AddAll(string at, Layer one)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            if (one is not CompositeLayer)
            {
                leaves.Add((at, one));
                return;
            }

            foreach (var (name, child) in one.Children)
            {
                AddAll($"{at}.{name}", child);
            }
        }
    }

    /// <summary>The parameters of all layers, in the order of <see cref="Leaves(IEnumerable{Layer})"/>.</summary>
    public static IEnumerable<Parameter> Parameters(IEnumerable<Layer> layers) =>
        Leaves(layers).Select(leaf => leaf.Layer).OfType<TrainableLayer>().SelectMany(layer => layer.Parameters);

    /// <summary>The layers with those of networks among them in their place.</summary>
    public static IReadOnlyList<Layer> Flat(IReadOnlyList<Layer> layers) =>
        [.. layers.SelectMany(layer => layer is NetworkLayer network ? Flat(network.Layers) : [layer])];

    /// <summary>All layers: those given, and those within them, each before the ones within it.</summary>
    public static IReadOnlyList<Layer> All(IEnumerable<Layer> layers)
    {
        var all = new List<Layer>();
        AddAll(layers);
        return all;

        void AddAll(IEnumerable<Layer> some)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            foreach (var layer in some)
            {
                all.Add(layer);
                foreach (var (_, within) in (layer as CompositeLayer)?.Branches ?? [])
                {
                    AddAll(within);
                }
            }
        }
    }

    /// <summary>Whether whole mini-batches can pass through all layers.</summary>
    public static bool AreInBatches(IEnumerable<Layer> layers) => Leaves(layers).All(leaf => leaf.Layer is BatchLayer);

    /// <summary>Y of layers that follow one another, by the method of each.</summary>
    public static Matrix<double> Predict(IReadOnlyList<Layer> layers, Matrix<double> x)
    {
        var output = x;
        foreach (var layer in layers)
        {
            output = Predict(layer, output);
        }

        return output;
    }

    /// <summary>Y of a layer, by its own method.</summary>
    public static Matrix<double> Predict(Layer layer, Matrix<double> x)
    {
        if (layer is BatchLayer or CompositeLayer)
        {
            return layer.Predict(x);
        }

        using var scope = new UserCodeScope(layer, UserCodePurpose.Predict);
        Matrix<double>? output;
        try
        {
            output = layer.Predict(x);
        }
        catch (Exception e) when (UserCode.HasNoName(e))
        {
            throw UserCode.Named($"{layer.Name}'s Predict", e);
        }

        return output ?? throw new InvalidOperationException($"{layer.Name}'s Predict returned null; it must return Y.");
    }

    /// <summary>The shape that comes out of layers that follow one another; null where a layer does not tell.</summary>
    /// <exception cref="ArgumentException">A layer cannot take what comes in.</exception>
    public static Shape? OutputShape(IReadOnlyList<Layer> layers, Shape? input)
    {
        var shape = input;
        foreach (var layer in layers)
        {
            shape = layer.OutputShapeFor(shape);
        }

        return shape;
    }

    /// <summary>The shape that comes out of layers that follow one another, for what came in by a parameter.</summary>
    /// <exception cref="ArgumentException">A layer cannot take what comes in.</exception>
    public static Shape? OutputShape(IReadOnlyList<Layer> layers, Shape? input, string parameter)
    {
        try
        {
            return OutputShape(layers, input);
        }
        catch (ArgumentException e)
        {
            throw Check.Refusal(e, parameter);
        }
    }

    /// <summary>The only shape that layers which follow one another take; null where they take several.</summary>
    public static Shape? ExpectedInput(IReadOnlyList<Layer> layers) => layers.Count == 0 ? null : layers[0] switch
    {
        BatchLayer layer => layer.ExpectedInput,
        CompositeLayer composite => composite.ExpectedInput,
        _ => null,
    };

    /// <summary>
    /// About how many multiply-adds one sample takes on its way through layers that follow one another, as far as shapes are known.
    /// </summary>
    public static long MultiplyAdds(IReadOnlyList<Layer> layers, Shape? input)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        long sum = 0;
        var shape = input;
        foreach (var layer in layers)
        {
            sum += layer switch
            {
                CompositeLayer composite => composite.Branches.Sum(branch => MultiplyAdds(branch.Layers, shape)),
                BatchLayer batch when (shape ?? batch.ExpectedInput) is { } known => Math.Max(0, batch.CallMultiplyAdds(known)),
                _ => 0,
            };
            shape = layer.OutputShapeFor(shape);
        }

        return sum;
    }
}
