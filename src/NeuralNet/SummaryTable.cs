using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using NeuralNet.Layers;

namespace NeuralNet;

/// <summary>The table of <see cref="Network.Summary"/>.</summary>
internal static class SummaryTable
{
    public static string Of(IReadOnlyList<Layer> layers, int rowsOfSample, Criterion? criterion)
    {
        bool branches = layers.Any(layer => layer is CompositeLayer);
        var rows = branches ? Branching(layers, rowsOfSample) : Chain(layers, rowsOfSample);
        string[] titles = branches
            ? ["Layer (type)", "Output Shape", "Param #", "Connected to"]
            : ["Layer (type)", "Output Shape", "Param #"];
        int[] widths = [.. titles.Select((title, column) => rows.Select(row => row[column].Length).Append(title.Length).Max())];
        string Line(char left, char middle, char right, char dash) =>
            $"{left}{string.Join(middle, widths.Select(width => new string(dash, width + 2)))}{right}\n";
        string Row(char edge, string[] cells) => string.Concat(cells.Select((cell, column) =>
            $"{edge} {(column == 2 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))} ")) + $"{edge}\n";

        var table = new StringBuilder("Model: \"Network\"\n").Append(Line('┏', '┳', '┓', '━'));
        table.Append(Row('┃', titles)).Append(Line('┡', '╇', '┩', '━'));
        for (int i = 0; i < rows.Count; i++)
        {
            table.Append(Row('│', rows[i])).Append(i + 1 < rows.Count ? Line('├', '┼', '┤', '─') : Line('└', '┴', '┘', '─'));
        }

        long all = LayerTree.Leaves(layers).Select(leaf => leaf.Layer).OfType<TrainableLayer>()
            .SelectMany(layer => layer.Parameters.Concat(layer.Buffers)).Distinct().Sum(Size);
        long trainable = LayerTree.TrainableParameters(layers).Sum(Size);
        table.Append($" Total params: {Number(all)} ({Bytes(all)})\n");
        table.Append($" Trainable params: {Number(trainable)} ({Bytes(trainable)})\n");
        table.Append($" Non-trainable params: {Number(all - trainable)} ({Bytes(all - trainable)})\n");
        if (layers.Any(layer => layer is ActivationLayer { Function: null }))
        {
            table.Append(" custom: not a function of the library. ")
                .Append("The network runs on one thread, is saved by a LayerRegistry only, has no ONNX model.\n");
        }

        if (criterion is { CallsUser: true })
        {
            table.Append(" Loss: custom, not the library's own. It runs on one thread, and is saved by a LayerRegistry only.\n");
        }

        return table.ToString();
    }

    private static List<string[]> Chain(IReadOnlyList<Layer> layers, int rowsOfSample)
    {
        var rows = new List<string[]>();
        Shape? shape = null;
        foreach (var layer in layers)
        {
            shape = LayerTree.OutputShape(layer, shape, rowsOfSample);
            rows.Add([layer.Name, shape?.ToString() ?? "?", Number(Count(layer))]);
        }

        return rows;
    }

    /// <summary>A row for each layer within the others, too, with its number and those of the rows whose output it reads.</summary>
    private static List<string[]> Branching(IReadOnlyList<Layer> layers, int rowsOfSample)
    {
        var rows = new List<string[]>();
        var input = LayerTree.ExpectedInput(layers);
        input = input is { Rows: 1 } row ? row with { Height = rowsOfSample } : input;
        Add(layers, (Row: 0, Shape: input), rows);
        return rows;
    }

    private static (int Row, Shape? Shape) Add(IReadOnlyList<Layer> layers, (int Row, Shape? Shape) source, List<string[]> rows)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var layer in layers)
        {
            var shape = layer.OutputShapeFor(source.Shape);
            if (layer is NetworkLayer network)
            {
                source = Add(network.Layers, source, rows);
                continue;
            }

            long count = layer is CompositeLayer ? 0 : Count(layer);
            int[] sources = layer is CompositeLayer composite
                ? [.. composite.Branches.Select(branch => Add(branch.Layers, source, rows).Row)]
                : [source.Row];
            int row = rows.Count + 1;
            string from = string.Join(", ", sources.Select(one => one == 0 ? "input" : Number(one)));
            rows.Add([$"{Number(row)} {layer.Name}", shape?.ToString() ?? "?", Number(count), from]);
            source = (row, shape);
        }

        return source;
    }

    /// <summary>How many numbers a file has of the layer: those that it learns, and those that it gathers.</summary>
    private static long Count(Layer layer) =>
        layer is TrainableLayer trainable ? trainable.Parameters.Concat(trainable.Buffers).Sum(Size) : 0;

    private static long Size(Parameter parameter) => (long)parameter.Value.RowCount * parameter.Value.ColumnCount;

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Bytes(long count)
    {
        double size = count * sizeof(double);
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        int unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:F2} {units[unit]}");
    }
}
