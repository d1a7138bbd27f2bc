using System.Globalization;
using System.Text;

namespace NeuralNet;

/// <summary>The table of <see cref="Network.Summary"/>.</summary>
internal static class SummaryTable
{
    public static string Of(IReadOnlyList<Layer> layers, Criterion? criterion)
    {
        var rows = new List<(string Layer, string Shape, string Parameters)>();
        Shape? shape = null;
        long total = 0;
        foreach (var layer in layers)
        {
            shape = (layer as IBatchLayer)?.OutputShape(shape);
            long count = (layer as TrainableLayer)?.ParameterCount ?? 0;
            total += count;
            rows.Add((layer.Name, shape?.ToString() ?? "?", Number(count)));
        }

        int first = rows.Select(row => row.Layer.Length).Append("Layer (type)".Length).Max();
        int second = rows.Select(row => row.Shape.Length).Append("Output Shape".Length).Max();
        int third = rows.Select(row => row.Parameters.Length).Append("Param #".Length).Max();
        string Line(char left, char middle, char right, char dash) =>
            $"{left}{new string(dash, first + 2)}{middle}{new string(dash, second + 2)}{middle}{new string(dash, third + 2)}{right}";

        var table = new StringBuilder("Model: \"Network\"\n").Append(Line('┏', '┳', '┓', '━')).Append('\n');
        table.Append($"┃ {"Layer (type)".PadRight(first)} ┃ {"Output Shape".PadRight(second)} ┃ {"Param #".PadLeft(third)} ┃\n");
        table.Append(Line('┡', '╇', '┩', '━')).Append('\n');
        for (int i = 0; i < rows.Count; i++)
        {
            table.Append($"│ {rows[i].Layer.PadRight(first)} │ {rows[i].Shape.PadRight(second)} │ {rows[i].Parameters.PadLeft(third)} │\n");
            table.Append(i + 1 < rows.Count ? Line('├', '┼', '┤', '─') : Line('└', '┴', '┘', '─')).Append('\n');
        }

        table.Append($" Total params: {Number(total)} ({Bytes(total)})\n");
        table.Append($" Trainable params: {Number(total)} ({Bytes(total)})\n");
        table.Append($" Non-trainable params: 0 ({Bytes(0)})\n");
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
