using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace NeuralNet.Models;

/// <summary>
/// Writes matrices as a safetensors file of F64 tensors: the length of the header, the header as JSON, and the values row by row.
/// </summary>
internal static class SafeTensorsWriter
{
    private const int ChunkSize = 1 << 16;

    /// <exception cref="InvalidOperationException">There is more to say than a header holds that can be read again.</exception>
    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, string>> metadata, IReadOnlyList<TensorValues> tensors)
    {
        stream.Write(Header(metadata, tensors));
        var chunk =
            new byte[Math.Min(ChunkSize, tensors.Select(tensor => (long)tensor.Values.Length * sizeof(double)).DefaultIfEmpty().Max())];
        foreach (var tensor in tensors)
        {
            int filled = 0;
            for (int row = 0; row < tensor.Rows; row++)
            {
                for (int column = 0; column < tensor.Columns; column++)
                {
                    BinaryPrimitives.WriteDoubleLittleEndian(chunk.AsSpan(filled), tensor.Values[(column * tensor.Rows) + row]);
                    filled += sizeof(double);
                    if (filled == chunk.Length)
                    {
                        stream.Write(chunk);
                        filled = 0;
                    }
                }
            }

            stream.Write(chunk, 0, filled);
        }
    }

    private static ReadOnlySpan<byte> Header(IReadOnlyList<KeyValuePair<string, string>> metadata, IReadOnlyList<TensorValues> tensors)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(stackalloc byte[sizeof(long)]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafeTensorsReader.MetadataKey);
            foreach (var (key, value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach (var tensor in tensors)
            {
                long end = offset + ((long)tensor.Values.Length * sizeof(double));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", "F64");
                WriteNumbers(json, "shape", tensor.Rows, tensor.Columns);
                WriteNumbers(json, "data_offsets", offset, end);
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        while (buffer.WrittenCount % sizeof(long) != 0)
        {
            buffer.Write(" "u8);
        }

        int length = buffer.WrittenCount - sizeof(long);
        if (length > SafeTensorsReader.GreatestHeader)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"The file would have a header of {length} bytes; at most {SafeTensorsReader.GreatestHeader} are read again. ")
                + "Save fewer layers, or shorter texts with them.");
        }

        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long first, long second)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(first);
        json.WriteNumberValue(second);
        json.WriteEndArray();
    }
}
