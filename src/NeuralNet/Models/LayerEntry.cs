using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NeuralNet;

/// <summary>What a file says of one layer: a kind, and texts, numbers and the entries of layers within, by their names.</summary>
/// <remarks>Reading takes the fields out one by one, so that what is left was not asked for.</remarks>
internal sealed class LayerEntry(string kind)
{
    private const int GreatestList = 10_000;

    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, double[]> _numbers = [];
    private readonly Dictionary<string, string[]> _lists = [];
    private readonly Dictionary<string, LayerEntry[]> _entries = [];

    public string Kind { get; } = kind;

    public LayerEntry With(string name, string text)
    {
        _texts.Add(name, text);
        return this;
    }

    public LayerEntry With(string name, params double[] numbers)
    {
        _numbers.Add(name, numbers);
        return this;
    }

    public LayerEntry With(string name, string[] texts)
    {
        _lists.Add(name, texts);
        return this;
    }

    public LayerEntry With(string name, (int Rows, int Columns) pair) => With(name, (double)pair.Rows, pair.Columns);

    public LayerEntry With(string name, (int Height, int Width, int Depth) image) => With(name, (double)image.Height, image.Width, image.Depth);

    public LayerEntry With(string name, LayerEntry[] entries)
    {
        _entries.Add(name, entries);
        return this;
    }

    /// <summary>Whether there are layers within, which files of version 1 do not have.</summary>
    public bool HasLayersWithin => _entries.Count > 0;

    public string? TakeText(string name) => _texts.Remove(name, out string? text) ? text : null;

    public string[]? TakeTexts(string name) => _lists.Remove(name, out string[]? texts) ? texts : null;

    public double[]? TakeNumbers(string name) => _numbers.Remove(name, out double[]? numbers) ? numbers : null;

    /// <exception cref="ArgumentException">There is none, or several.</exception>
    public double TakeNumber(string name) => TakeNumbers(name) is [double number] ? number : throw new ArgumentException($"{Kind} needs a number '{name}'.");

    public int TakeSize(string name) => Size(TakeNumber(name), name);

    public (int Rows, int Columns) TakePair(string name) => TakeNumbers(name) is [double rows, double columns]
        ? (Size(rows, name), Size(columns, name))
        : throw new ArgumentException($"{Kind} needs two numbers '{name}'.");

    public (int Height, int Width, int Depth) TakeImage(string name) => TakeNumbers(name) is [double height, double width, double depth]
        ? (Size(height, name), Size(width, name), Size(depth, name))
        : throw new ArgumentException($"{Kind} needs three numbers '{name}'.");

    /// <summary>The entries of layers within; none where there are none of that name.</summary>
    public LayerEntry[] TakeEntries(string name)
    {
        if (_entries.Remove(name, out LayerEntry[]? entries))
        {
            return entries;
        }

        return TakeTexts(name) is null or [] ? [] : throw new ArgumentException($"{Kind} needs a list of layers '{name}'.");
    }

    public bool Has(string name) => _texts.ContainsKey(name) || _numbers.ContainsKey(name) || _lists.ContainsKey(name) || _entries.ContainsKey(name);

    /// <exception cref="ArgumentException">Not all fields were taken.</exception>
    public void RequireEmpty()
    {
        if (_texts.Keys.Concat(_numbers.Keys).Concat(_lists.Keys).Concat(_entries.Keys).FirstOrDefault() is { } left)
        {
            throw new ArgumentException($"{Kind} has a field '{left}', which it does not know.");
        }
    }

    /// <summary>The JSON of the entry.</summary>
    public override string ToString()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        foreach (var (name, text) in _texts)
        {
            json.WriteString(name, text);
        }

        foreach (var (name, numbers) in _numbers)
        {
            json.WriteStartArray(name);
            foreach (double number in numbers)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
        }

        foreach (var (name, texts) in _lists)
        {
            json.WriteStartArray(name);
            foreach (string text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }

        foreach (var (name, entries) in _entries)
        {
            json.WriteStartArray(name);
            foreach (var entry in entries)
            {
                entry.Write(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Reads an entry, whose first brace has been read.</summary>
    /// <exception cref="ArgumentException">It has a name twice, no kind, or a list that is too long or mixed.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static LayerEntry Read(ref Utf8JsonReader json)
    {
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

        var entry = new LayerEntry(fields.TakeText("kind") ?? throw new ArgumentException("A layer has no 'kind'."));
        entry.TakeAll(fields);
        return entry;
    }

    private void TakeAll(LayerEntry other)
    {
        foreach (var (name, text) in other._texts)
        {
            With(name, text);
        }

        foreach (var (name, numbers) in other._numbers)
        {
            With(name, numbers);
        }

        foreach (var (name, texts) in other._lists)
        {
            With(name, texts);
        }

        foreach (var (name, entries) in other._entries)
        {
            With(name, entries);
        }
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
        : throw new ArgumentException($"{Kind} needs whole numbers '{name}' of at most {int.MaxValue}, but has {number.ToString(CultureInfo.InvariantCulture)}.");
}
