using System.Buffers.Binary;

namespace NeuralNet.Models;

/// <summary>What the header of a safetensors file says of one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values, as the format names it.</param>
/// <param name="Shape">Its sizes; none for a single value.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where they end.</param>
internal sealed record Tensor(string Name, string Type, long[] Shape, long Begin, long End)
{
    /// <summary>Whether its values are read: as doubles, which hold each of them exactly.</summary>
    public bool IsFloat => Type is "F64" or "F32" or "F16" or "BF16";

    public long Count => (End - Begin) / SizeOf(Type);

    public string ShapeText => Text(Shape);

    public static string Text(IEnumerable<long> shape) => FormattableString.Invariant($"[{string.Join(", ", shape)}]");

    /// <summary>The bytes of a value; 0 for a type that the format does not know.</summary>
    public static int SizeOf(string type) => type switch
    {
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" => 1,
        "U16" or "I16" or "F16" or "BF16" => 2,
        "U32" or "I32" or "F32" => 4,
        "U64" or "I64" or "F64" => 8,
        _ => 0,
    };

    /// <summary>The values in some of the tensor's bytes.</summary>
    public void Widen(ReadOnlySpan<byte> bytes, Span<double> values)
    {
        int size = SizeOf(Type);
        for (int i = 0; i < values.Length; i++)
        {
            var value = bytes[(i * size)..];
            values[i] = Type switch
            {
                "F64" => BinaryPrimitives.ReadDoubleLittleEndian(value),
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(value),
                "F16" => (double)BinaryPrimitives.ReadHalfLittleEndian(value),
                "BF16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(value) << 16),
                _ => throw new NotSupportedException($"Values of type {Type} are not read."),
            };
        }
    }
}
