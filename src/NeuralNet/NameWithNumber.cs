using System.Globalization;

namespace NeuralNet;

/// <summary>Names of functions that have a number of their own, such as <c>Huber(0.5)</c>.</summary>
internal static class NameWithNumber
{
    /// <summary>The name before the number, and the number; null where there is none, or it is not finite.</summary>
    public static (string Kind, double Number)? Of(string name)
    {
        int open = name.IndexOf('(', StringComparison.Ordinal);
        return open > 0 && name[^1] == ')'
            && double.TryParse(name.AsSpan()[(open + 1)..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) ? (name[..open], number) : null;
    }
}
