using Google.Protobuf;
using Google.Protobuf.Reflection;
using NeuralNet.Models;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Reads a model's messages, in memory of a small multiple of the file.</summary>
internal static class Wire
{
    /// <summary>
    /// The most messages, texts and integers: a file of nothing but empty ones takes fifty times its size in memory, and 15 MB for this
    /// many.
    /// </summary>
    internal const int MostParts = 100_000;

    /// <summary>Messages within one another at most: those of a model of the library's are ten deep.</summary>
    private const int MostNested = 32;

    /// <exception cref="OnnxFormatException">The bytes are no model.</exception>
    public static ModelProto Model(byte[] file)
    {
        // Models begin with the number of their format's version, which no other kind of file does.
        if (file is not [0x08, ..] && FileKind.Of(file.AsSpan(0, Math.Min(file.Length, FileKind.Needed))) is { } kind)
        {
            throw new OnnxFormatException($"This is no ONNX model, but {kind}");
        }

        int parts = 0;
        Count(file, ModelProto.Descriptor, depth: 0, ref parts);
        try
        {
            return ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(file);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxFormatException($"This is no ONNX model, or a damaged one: {exception.Message}", exception);
        }
    }

    /// <exception cref="OnnxFormatException">There is more than one array holds.</exception>
    public static byte[] ReadToEnd(Stream stream)
    {
        if (stream.CanSeek)
        {
            if (stream.Length - stream.Position > Array.MaxLength)
            {
                throw TooLarge();
            }

            byte[] file = new byte[Math.Max(stream.Length - stream.Position, 0)];
            int read = stream.ReadAtLeast(file, file.Length, throwOnEndOfStream: false);
            return read == file.Length ? file : file[..read];
        }

        using var copy = new MemoryStream();
        byte[] part = new byte[1 << 16];
        for (int read = stream.Read(part); read > 0; read = stream.Read(part))
        {
            if (copy.Length + read > Array.MaxLength)
            {
                throw TooLarge();
            }

            copy.Write(part, 0, read);
        }

        return copy.ToArray();
    }

    private static void Count(ReadOnlySpan<byte> bytes, MessageDescriptor message, int depth, ref int parts)
    {
        if (depth > MostNested)
        {
            throw NoModel(FormattableString.Invariant($"messages are within one another more than {MostNested} deep"));
        }

        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            var field = tag >> 3 <= int.MaxValue ? message.FindFieldByNumber((int)(tag >> 3)) : null;
            parts += field is null ? 0 : 1;
            switch (tag & 7)
            {
                case 0:
                    Varint(ref bytes);
                    break;
                case 1:
                    Skip(ref bytes, sizeof(ulong));
                    break;
                case 2:
                    ulong length = Varint(ref bytes);
                    var content = Skip(ref bytes, length);
                    if (field?.FieldType == FieldType.Message)
                    {
                        Count(content, field.MessageType, depth + 1, ref parts);
                    }
                    else if (field?.FieldType is FieldType.Int64 or FieldType.Int32)
                    {
                        // Packed: one or more bytes each.
                        parts += (int)Math.Min(length, MostParts + 1);
                    }

                    break;
                case 5:
                    Skip(ref bytes, sizeof(uint));
                    // An array of floats, one by one: no larger in memory than here.
                    parts -= field is null ? 0 : 1;
                    break;
                default:
                    throw NoModel($"a {message.Name} holds a field of wire type {tag & 7}");
            }

            if (parts > MostParts)
            {
                throw new OnnxFormatException(FormattableString.Invariant(
                    $"The model has more than {MostParts:N0} parts besides its weights, which is more than a network needs."));
            }
        }
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < 10 && i < bytes.Length; i++)
        {
            value |= (bytes[i] & 0x7Ful) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        throw NoModel("a number has no end");
    }

    private static ReadOnlySpan<byte> Skip(ref ReadOnlySpan<byte> bytes, ulong length)
    {
        if (length > (ulong)bytes.Length)
        {
            throw NoModel(FormattableString.Invariant($"a field claims {length} bytes where {bytes.Length} are left"));
        }

        var content = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return content;
    }

    private static OnnxFormatException TooLarge() => new("The model is larger than 2 GB, the most that an ONNX file holds.");

    private static OnnxFormatException NoModel(string why) => new($"This is no ONNX model, or a damaged one: {why}.");
}
