using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace NeuralNet.Models;

/// <summary>Reads a safetensors file, trusting nothing in it: first its header, then the values of the tensors that are wanted.</summary>
/// <remarks>
/// The file is: the length of the header as eight little-endian bytes, the header as JSON, the tensors' bytes one after another without gap
/// or overlap, each row by row. Memory grows with the bytes that are really there, never with what a header promises; the stream need not
/// be able to seek.
/// </remarks>
internal sealed class SafeTensorsReader
{
    public const string MetadataKey = "__metadata__";

    /// <summary>In bytes, the most that the format allows.</summary>
    public const int GreatestHeader = 100_000_000;

    private const int GreatestCount = 100_000;
    private const int GreatestRank = 16;
    private const int GreatestMessage = 4_000;
    private const int ChunkSize = 1 << 16;

    private readonly Stream _stream;
    private readonly Dictionary<string, string> _metadata = [];
    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly Tensor[] _inOrder;

    /// <summary>Reads the header.</summary>
    /// <param name="stream">The stream, which is read from its present position to its end and left open.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="ModelFormatException">The header is not as it should be.</exception>
    public SafeTensorsReader(Stream stream, string name)
    {
        (_stream, Name) = (stream, name);
        long? length = stream.CanSeek ? stream.Length - stream.Position : null;
        byte[] header = ReadHeader(length);
        Parse(header);
        _inOrder = [.. _tensors.Values.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End)];
        CheckLayout(length is { } all ? all - sizeof(long) - header.Length : null);
        IsWhole = length is not null;
    }

    /// <summary>What error messages call the file.</summary>
    public string Name { get; }

    /// <summary>The texts that go with the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors by their names.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Whether the length of the stream is known, and is what the header says.</summary>
    private bool IsWhole { get; }

    /// <summary>An exception that begins with the file's name.</summary>
    /// <remarks>
    /// What the file says may be in the message, but neither lines and commands to a terminal that it makes up, nor megabytes.
    /// </remarks>
    public ModelFormatException Wrong(InvariantText what, Exception? inner = null)
    {
        string text = what.ToText();
        string shown = text.Length <= GreatestMessage ? text : $"{text[..GreatestMessage]} ...";
        return new($"{Name}: {string.Concat(shown.Select(one => char.IsControl(one) ? ' ' : one))}", inner);
    }

    /// <summary>Reads to the end of the stream, and gives the values of the wanted tensors in the order of the file, row by row.</summary>
    /// <exception cref="ModelFormatException">
    /// The stream is too short or too long, or a wanted tensor holds anything but finite floating-point numbers.
    /// </exception>
    public Dictionary<string, double[]> ReadValues(Func<Tensor, bool> wanted)
    {
        var values = new Dictionary<string, double[]>();
        long greatest = _inOrder.Select(tensor => tensor.End - tensor.Begin).DefaultIfEmpty().Max();
        var chunk = new byte[Math.Min(greatest, ChunkSize)];
        foreach (var tensor in _inOrder)
        {
            if (wanted(tensor))
            {
                values.Add(tensor.Name, Read(tensor, chunk));
            }
            else
            {
                for (long at = tensor.Begin; at < tensor.End; at += chunk.Length)
                {
                    Fill(tensor, at, chunk);
                }
            }
        }

        return _stream.ReadByte() == -1 ? values : throw Wrong($"bytes follow after those of the last tensor.");
    }

    private byte[] ReadHeader(long? length)
    {
        var start = new byte[sizeof(long) + 1];
        int read = _stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ulong promised = BinaryPrimitives.ReadUInt64LittleEndian(start);
        bool hasStart = read == start.Length;
        if (read < sizeof(long) || promised is < 2 or > GreatestHeader || (hasStart && start[^1] != '{'))
        {
            throw OtherKind(start.AsSpan(0, read));
        }

        if (length is { } all && promised > (ulong)(all - sizeof(long)))
        {
            throw Wrong($"the file is cut short: its header should have {promised} bytes, but {all - sizeof(long)} follow.");
        }

        int count = (int)promised;
        var header = new byte[length is null ? Math.Min(count, ChunkSize) : count];
        header[0] = (byte)'{';
        for (int filled = hasStart ? 1 : 0; ; Array.Resize(ref header, (int)Math.Min(count, 2L * header.Length)))
        {
            filled += _stream.ReadAtLeast(header.AsSpan(filled), header.Length - filled, throwOnEndOfStream: false);
            if (filled < header.Length)
            {
                throw Wrong($"the file is cut short: its header should have {count} bytes, but {filled} follow.");
            }

            if (filled == count)
            {
                return header;
            }
        }
    }

    /// <summary>What is wrong with a file that does not begin with a length and an object of JSON: it may be known what it is.</summary>
    private ModelFormatException OtherKind(ReadOnlySpan<byte> start)
    {
        var more = new byte[FileKind.Needed];
        start.CopyTo(more);
        int read = start.Length + _stream.ReadAtLeast(more.AsSpan(start.Length), more.Length - start.Length, throwOnEndOfStream: false);
        if (FileKind.Of(more.AsSpan(0, read)) is { } kind)
        {
            return Wrong($"this is no safetensors file, but {kind}");
        }

        if (start.Length < sizeof(long))
        {
            return Wrong(
                $"this is no safetensors file, which begins with the length of its header in 8 bytes, but ends after {start.Length}.");
        }

        ulong promised = BinaryPrimitives.ReadUInt64LittleEndian(start);
        return promised is < 2 or > GreatestHeader
            ? Wrong(
                $"this is no safetensors file: its first 8 bytes say that the header has {promised} bytes; 2 to {GreatestHeader} are read.")
            : Wrong($"this is no safetensors file: its header must begin with {{ at byte 8, but has byte {start[^1]} there.");
    }

    private void Parse(byte[] header)
    {
        var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 3 });
        bool hasMetadata = false;
        try
        {
            json.Read();
            while (NextName(ref json) is { } name)
            {
                if (name == MetadataKey && hasMetadata)
                {
                    throw Wrong($"the header holds {MetadataKey} twice, at byte {At(json)}.");
                }

                if (name == MetadataKey)
                {
                    hasMetadata = true;
                    ParseMetadata(ref json);
                }
                else
                {
                    ParseTensor(ref json, name);
                }
            }

            json.Read();
        }
        catch (JsonException e)
        {
            throw Wrong($"the header is no JSON of its form, at byte {sizeof(long) + json.BytesConsumed}.", e);
        }
        catch (InvalidOperationException e)
        {
            // What GetString throws where a text is no valid UTF-8 or UTF-16.
            throw Wrong($"the header holds a text that is no Unicode, at byte {sizeof(long) + json.TokenStartIndex}.", e);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.StartObject, MetadataKey);
        while (NextName(ref json) is { } key)
        {
            Expect(ref json, JsonTokenType.String, MetadataKey);
            if (!_metadata.TryAdd(key, json.GetString()!))
            {
                throw Wrong($"{MetadataKey} holds '{key}' twice, at byte {At(json)}.");
            }
        }
    }

    private void ParseTensor(ref Utf8JsonReader json, string name)
    {
        long at = At(json);
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref json, JsonTokenType.StartObject, name);
        while (NextName(ref json) is { } key)
        {
            if (key == "dtype" && type is null)
            {
                Expect(ref json, JsonTokenType.String, name);
                type = json.GetString();
            }
            else if (key == "shape" && shape is null)
            {
                shape = Numbers(ref json, name);
            }
            else if (key == "data_offsets" && offsets is null)
            {
                offsets = Numbers(ref json, name);
            }
            else
            {
                throw Wrong($"tensor '{name}' has '{key}', which is unknown or there twice, at byte {At(json)}.");
            }
        }

        if (type is null || shape is null || offsets is not [var begin, var end])
        {
            throw Wrong($"tensor '{name}', at byte {at}, must have a dtype, a shape and two data_offsets.");
        }

        int size = Tensor.SizeOf(type);
        if (size == 0)
        {
            throw Wrong($"tensor '{name}' has dtype {type}, which is unknown, at byte {at}.");
        }

        if (end < begin || Bytes(size, shape) != end - begin)
        {
            throw Wrong(
                $"tensor '{name}' of {type} {Tensor.Text(shape)} cannot lie in the bytes {begin} to {end} that its data_offsets give it.");
        }

        if (!_tensors.TryAdd(name, new Tensor(name, type, shape, begin, end)))
        {
            throw Wrong($"tensor '{name}' is there twice, at byte {at}.");
        }

        if (_tensors.Count > GreatestCount)
        {
            throw Wrong($"the header names more than {GreatestCount} tensors.");
        }
    }

    /// <summary>The bytes of so many values; -1 where they are more than any file has.</summary>
    private static Int128 Bytes(int size, long[] shape)
    {
        Int128 bytes = shape.Contains(0) ? 0 : size;
        foreach (long one in shape)
        {
            bytes *= one;
            if (bytes > long.MaxValue)
            {
                return -1;
            }
        }

        return bytes;
    }

    private long[] Numbers(ref Utf8JsonReader json, string name)
    {
        Expect(ref json, JsonTokenType.StartArray, name);
        var numbers = new List<long>(2);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long number) || number < 0 || numbers.Count == GreatestRank)
            {
                throw Wrong(
                    $"tensor '{name}' must have at most {GreatestRank} whole numbers of 0 or more in a list, but has something else at "
                    + $"byte {At(json)}.");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private string? NextName(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.PropertyName => json.GetString(),
            JsonTokenType.EndObject => null,
            _ => throw Wrong($"the header has {json.TokenType} at byte {At(json)}, where a name should be."),
        };
    }

    private void Expect(ref Utf8JsonReader json, JsonTokenType type, string name)
    {
        if (!json.Read() || json.TokenType != type)
        {
            throw Wrong($"the header has {json.TokenType} at byte {At(json)}, where '{name}' should have {type}.");
        }
    }

    private static long At(in Utf8JsonReader json) => sizeof(long) + json.TokenStartIndex;

    private void CheckLayout(long? rest)
    {
        long end = 0;
        foreach (var tensor in _inOrder)
        {
            if (tensor.Begin != end)
            {
                throw Wrong(
                    $"tensor '{tensor.Name}' begins at byte {tensor.Begin} of the data, which leaves a hole or an overlap: "
                    + $"the one before it ends at {end}.");
            }

            end = tensor.End;
        }

        if (rest is { } bytes && bytes != end)
        {
            throw Wrong($"the file is cut short or goes on too long: the header promises {end} bytes of data, but {bytes} follow.");
        }
    }

    /// <summary>The next bytes of a tensor, which end with it or with the chunk.</summary>
    private ReadOnlySpan<byte> Fill(Tensor tensor, long at, byte[] chunk)
    {
        int count = (int)Math.Min(tensor.End - at, chunk.Length);
        int read = _stream.ReadAtLeast(chunk.AsSpan(0, count), count, throwOnEndOfStream: false);
        return read == count
            ? chunk.AsSpan(0, count)
            : throw Wrong($"the file is cut short within tensor '{tensor.Name}', at byte {at + read} of the data.");
    }

    private double[] Read(Tensor tensor, byte[] chunk)
    {
        if (!tensor.IsFloat || tensor.Count > Array.MaxLength)
        {
            throw Wrong(
                $"tensor '{tensor.Name}' has dtype {tensor.Type} and {tensor.Count} values, but must have F64, F32, F16 or BF16 and at "
                + $"most {Array.MaxLength}.");
        }

        int size = Tensor.SizeOf(tensor.Type);
        var values = new double[IsWhole ? tensor.Count : Math.Min(tensor.Count, ChunkSize / sizeof(double))];
        int filled = 0;
        for (long at = tensor.Begin; at < tensor.End; at += chunk.Length)
        {
            var bytes = Fill(tensor, at, chunk);
            int count = bytes.Length / size;
            if (filled + count > values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(tensor.Count, 2L * (filled + count)));
            }

            var next = values.AsSpan(filled, count);
            tensor.Widen(bytes, next);
            for (int i = 0; i < count; i++)
            {
                if (!double.IsFinite(next[i]))
                {
                    throw Wrong($"tensor '{tensor.Name}' holds {next[i]} as value {filled + i}; finite numbers are read only.");
                }
            }

            filled += count;
        }

        return values;
    }
}
