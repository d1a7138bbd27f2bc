using System.Globalization;
using System.Runtime.CompilerServices;

namespace NeuralNet.Models;

/// <summary>
/// An interpolated string in the invariant culture; unlike a <see cref="FormattableString"/>, it may be a sum of several.
/// </summary>
[InterpolatedStringHandler]
internal ref struct InvariantText(int literalLength, int formattedCount)
{
    private DefaultInterpolatedStringHandler _handler = new(literalLength, formattedCount, CultureInfo.InvariantCulture);

    /// <summary>Appends what stands between two values.</summary>
    public void AppendLiteral(string value) => _handler.AppendLiteral(value);

    /// <summary>Appends a value.</summary>
    public void AppendFormatted<T>(T value) => _handler.AppendFormatted(value);

    /// <summary>Appends a value in a format.</summary>
    public void AppendFormatted<T>(T value, string? format) => _handler.AppendFormatted(value, format);

    /// <summary>Returns the text, once.</summary>
    public string ToText() => _handler.ToStringAndClear();
}
