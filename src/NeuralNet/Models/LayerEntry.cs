using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NeuralNet.Models;

/// <summary>What a file says of one layer: a kind, and texts, numbers and the entries of layers within, by their names.</summary>
/// <remarks>Reading takes the fields out one by one, so that what is left was not asked for.</remarks>
internal sealed class LayerEntry
{
    /// <summary>Of the JSON: an object and a list for each layer that others stand in, and for the network.</summary>
    public const int GreatestDepth = 2 * (LayerFormat.GreatestNesting + 2);

    private const int GreatestList = 10_000;

    /// <summary>Texts, and lists of numbers, of texts and of entries.</summary>
    private readonly Dictionary<string, object> _fields;

    public LayerEntry(string kind)
        : this(kind, [])
    {
    }

    private LayerEntry(string kind, Dictionary<string, object> fields) => (Kind, _fields) = (kind, fields);

    /// <summary>How files with entries are written.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = GreatestDepth };

    public string Kind { get; }

    /// <summary>Whether there are layers within, which files of version 1 do not have.</summary>
    public bool HasLayersWithin => _fields.Values.Any(value => value is LayerEntry[]);

    public LayerEntry With(string name, string text) => Add(name, text);

    public LayerEntry With(string name, params double[] numbers) => Add(name, numbers);

    public LayerEntry With(string name, string[] texts) => Add(name, texts);

    public LayerEntry With(string name, LayerEntry[] entries) => Add(name, entries);

    public LayerEntry With(string name, (int Rows, int Columns) pair) => With(name, (double)pair.Rows, pair.Columns);

    public LayerEntry With(string name, (int Height, int Width, int Depth) image) =>
        With(name, (double)image.Height, image.Width, image.Depth);

    public string? TakeText(string name) => Take<string>(name);

    public string[]? TakeTexts(string name) => Take<string[]>(name);

    public double[]? TakeNumbers(string name) => Take<double[]>(name);

    /// <summary>The entries of layers within; none where there are none of that name.</summary>
    public LayerEntry[] TakeEntries(string name) => Take<LayerEntry[]>(name)
        ?? (TakeTexts(name) is null or [] ? [] : throw new ArgumentException($"{Kind} needs a list of layers '{name}'."));

    /// <exception cref="ArgumentException">There is none, or several.</exception>
    public double TakeNumber(string name) =>
        TakeNumbers(name) is [double number] ? number : throw new ArgumentException($"{Kind} needs a number '{name}'.");

    public int TakeSize(string name) => Size(TakeNumber(name), name);

    public (int Rows, int Columns) TakePair(string name) => TakeNumbers(name) is [double rows, double columns]
        ? (Size(rows, name), Size(columns, name))
        : throw new ArgumentException($"{Kind} needs two numbers '{name}'.");

    public (int Height, int Width, int Depth) TakeImage(string name) => TakeNumbers(name) is [double height, double width, double depth]
        ? (Size(height, name), Size(width, name), Size(depth, name))
        : throw new ArgumentException($"{Kind} needs three numbers '{name}'.");

    public bool Has(string name) => _fields.ContainsKey(name);

    /// <exception cref="ArgumentException">Not all fields were taken.</exception>
    public void RequireEmpty()
    {
        if (_fields.Keys.FirstOrDefault() is { } left)
        {
            throw new ArgumentException($"{Kind} has a field '{left}', which it does not know.");
        }
    }

    /// <summary>The JSON of the entry.</summary>
    public override string ToString()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            Write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public void Write(Utf8JsonWriter json)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        foreach (var (name, value) in _fields)
        {
            if (value is string text)
            {
                json.WriteString(name, text);
                continue;
            }

            json.WriteStartArray(name);
            WriteAll(json, value);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Reads an entry, whose first brace has been read.</summary>
    /// <exception cref="ArgumentException">It has a name twice, no kind, or a list that is too long or mixed.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InsufficientExecutionStackException">It has layers within layers, more than the thread's stack has room for.
    /// </exception>
    public static LayerEntry Read(ref Utf8JsonReader json)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var fields = new LayerEntry("A layer");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            if (fields.Has(name))
            {
                throw new ArgumentException($"A layer has '{name}' twice.");
            }

            if (json.TokenType == JsonTokenType.String)
            {
                fields.With(name, json.GetString()!);
            }
            else if (json.TokenType == JsonTokenType.StartArray)
            {
                fields.ReadList(ref json, name);
            }
            else
            {
                throw new ArgumentException($"A layer has {json.TokenType} for '{name}', where a text or a list should be.");
            }
        }

        string kind = fields.TakeText("kind") ?? throw new ArgumentException("A layer has no 'kind'.");
        return new LayerEntry(kind, fields._fields);
    }

    private static void WriteAll(Utf8JsonWriter json, object list)
    {
        foreach (double number in list as double[] ?? [])
        {
            json.WriteNumberValue(number);
        }

        foreach (string text in list as string[] ?? [])
        {
            json.WriteStringValue(text);
        }

        foreach (var entry in list as LayerEntry[] ?? [])
        {
            entry.Write(json);
        }
    }

    private LayerEntry Add(string name, object value)
    {
        _fields.Add(name, value);
        return this;
    }

    private T? Take<T>(string name)
        where T : class
    {
        if (_fields.GetValueOrDefault(name) is not T value)
        {
            return null;
        }

        _fields.Remove(name);
        return value;
    }

    private void ReadList(ref Utf8JsonReader json, string name)
    {
        var texts = new List<string>();
        var numbers = new List<double>();
        var entries = new List<LayerEntry>();
        while (json.Read() && json.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.StartObject)
        {
            if (json.TokenType == JsonTokenType.StartObject)
            {
                entries.Add(Read(ref json));
            }
            else if (json.TokenType == JsonTokenType.String)
            {
                texts.Add(json.GetString()!);
            }
            else
            {
                numbers.Add(json.TryGetDouble(out double number) ? number : double.NaN);
            }

            int values = texts.Count + numbers.Count + entries.Count;
            if (values > GreatestList || Math.Max(texts.Count, Math.Max(numbers.Count, entries.Count)) < values)
            {
                throw new ArgumentException($"A layer has a list '{name}' of too many values, or of texts, numbers and layers mixed.");
            }
        }

        if (json.TokenType != JsonTokenType.EndArray)
        {
            throw new ArgumentException($"A layer has {json.TokenType} in the list '{name}', where a text or a number should be.");
        }

        _ = numbers.Count > 0 ? With(name, [.. numbers]) : entries.Count > 0 ? With(name, entries.ToArray()) : With(name, texts.ToArray());
    }

    private int Size(double number, string name) => number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
        ? (int)number
        : throw new ArgumentException(
            $"{Kind} needs whole numbers '{name}' of at most {int.MaxValue}, but has {number.ToString(CultureInfo.InvariantCulture)}.");
}
