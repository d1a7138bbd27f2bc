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

    /// <summary>
    /// The parameters that training changes, each once: those that no frozen layer lists, a layer inside a user's own among them.
    /// </summary>
    public static IReadOnlyList<Parameter> TrainableParameters(IEnumerable<Layer> layers)
    {
        TrainableLayer[] leaves = [.. Leaves(layers).Select(leaf => leaf.Layer).OfType<TrainableLayer>()];
        var frozen = leaves.Where(leaf => leaf.IsFrozen).SelectMany(leaf => leaf.Parameters).ToHashSet();
        return
        [
            .. leaves.SelectMany(leaf => leaf.Parameters).Distinct()
                .Where(parameter => parameter.Owner is not { IsFrozen: true } && !frozen.Contains(parameter)),
        ];
    }

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
            shape = OutputShape(layer, shape, input);
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

    /// <summary>Layers that follow one another with what goes into each and what comes out; null where it is not known.</summary>
    /// <exception cref="ArgumentException">A layer cannot take what comes in.</exception>
    public static IEnumerable<(Layer Layer, Shape? Input, Shape? Output)> Shapes(IReadOnlyList<Layer> layers, Shape? input)
    {
        var shape = input;
        foreach (var layer in layers)
        {
            var before = shape;
            shape = OutputShape(layer, before, input);
            yield return (layer, before, shape);
        }
    }

    /// <summary>The shape that comes out of a layer among others; null where it is not known.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="shape">What goes into it; null where it is not known.</param>
    /// <param name="sample">What goes into the first of the others.</param>
    /// <exception cref="ArgumentException">The layer cannot take what comes in.</exception>
    public static Shape? OutputShape(Layer layer, Shape? shape, Shape? sample)
    {
        // Behind a layer that does not tell, a row cannot be taken for granted where the sample has several.
        bool isUnknown = shape is null && sample is { Rows: > 1 } && ExpectedInput(layer) is { Rows: 1 };
        return isUnknown ? null : layer.OutputShapeFor(shape);
    }

    /// <summary>The shape that layers which follow one another take where nothing tells another; null where there is none.</summary>
    public static Shape? ExpectedInput(IReadOnlyList<Layer> layers) => layers.Count == 0 ? null : ExpectedInput(layers[0]);

    /// <summary>The shape that a layer takes where nothing tells another; null where there is none.</summary>
    public static Shape? ExpectedInput(Layer layer) => layer switch
    {
        BatchLayer one => one.ExpectedInput,
        CompositeLayer composite => composite.ExpectedInput,
        _ => null,
    };

    /// <summary>
    /// The shape that comes out of a layer, where layers that take any number of rows are given as many where nothing tells; null where
    /// the layer does not tell.
    /// </summary>
    /// <exception cref="ArgumentException">The layer cannot take what comes in.</exception>
    public static Shape? OutputShape(Layer layer, Shape? input, int rows) => layer.OutputShapeFor(
        input is null && rows > 1 && ExpectedInput(layer) is { Rows: 1 } row ? row with { Height = rows } : input);

    /// <summary>The shape that comes out of a network's layers, for samples of a number of rows where they take any.</summary>
    /// <exception cref="ArgumentException">A layer cannot take what comes in.</exception>
    public static Shape? OutputShape(IReadOnlyList<Layer> layers, int rows)
    {
        Shape? shape = null;
        foreach (var layer in layers)
        {
            shape = OutputShape(layer, shape, rows);
        }

        return shape;
    }

    /// <summary>
    /// The fewest rows of a sample with which a layer can follow others that take any number, where it cannot with fewer; null where
    /// there are none.
    /// </summary>
    /// <param name="layers">The layers before it.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="fewer">A number of rows with which it cannot.</param>
    public static int? RowsFor(IReadOnlyList<Layer> layers, Layer layer, int fewer)
    {
        const int MostRows = 4096;

        // More rows never make less of them: the fewest lie between two powers of 2.
        int? fitting = null;
        int least = fewer + 1, most = MostRows;
        for (int rows = least; least <= most; rows = most == MostRows ? Math.Min(2 * rows, MostRows) : (least + most) / 2)
        {
            switch (Compare(layers, layer, rows))
            {
                case < 0:
                    least = rows + 1;
                    break;
                case 0:
                    (fitting, most) = (rows, rows - 1);
                    break;
                case > 0 when rows > fewer + 1:
                    most = rows - 1;
                    break;
                default:
                    return null;
            }
        }

        return fitting;
    }

    /// <summary>
    /// Whether a number of rows are too few (less than 0) or too many for a layer to follow others, or just fit (0); null where no number
    /// does.
    /// </summary>
    private static int? Compare(IReadOnlyList<Layer> layers, Layer layer, int rows)
    {
        Shape? shape;
        try
        {
            shape = OutputShape(layers, rows);
        }
        catch (ArgumentException)
        {
            return 1;
        }

        var expected = ExpectedInput(layer);
        if (shape is not { } known || (expected?.Size == known.Size && !known.SameMatrix(expected.Value)))
        {
            return null;
        }

        if (expected is { } other && other.Size != known.Size)
        {
            return known.Size.CompareTo(other.Size);
        }

        try
        {
            layer.OutputShapeFor(known);
            return 0;
        }
        catch (ArgumentException)
        {
            return expected is null ? -1 : null;
        }
    }

    /// <summary>
    /// About how many multiply-adds one sample takes on its way through layers that follow one another, as far as shapes are known.
    /// </summary>
    public static long MultiplyAdds(IReadOnlyList<Layer> layers, Shape? input)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        long sum = 0;
        foreach (var (layer, shape, _) in Shapes(layers, input))
        {
            sum += layer switch
            {
                CompositeLayer composite => composite.Branches.Sum(branch => MultiplyAdds(branch.Layers, shape)),
                BatchLayer batch when (shape ?? batch.ExpectedInput) is { } known => Math.Max(0, batch.CallMultiplyAdds(known)),
                _ => 0,
            };
        }

        return sum;
    }
}
