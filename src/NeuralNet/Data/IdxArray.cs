using System.Buffers.Binary;

namespace NeuralNet.Data;

/// <summary>The contents of an IDX file: an array of any rank.</summary>
public sealed class IdxArray
{
    private readonly byte[] _data;

    internal IdxArray(IdxType type, IReadOnlyList<int> dimensions, byte[] data) => (Type, Dimensions, _data) = (type, dimensions, data);

    /// <summary>The type of the elements.</summary>
    public IdxType Type { get; }

    /// <summary>The sizes, the slowest-changing first; 0 is a legal size. An array of rank 0 holds one element.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>The number of elements.</summary>
    public int Count => _data.Length / Idx.SizeOf(Type);

    /// <summary>The elements as the file has them: big-endian, the last dimension changing fastest.</summary>
    public ReadOnlySpan<byte> Bytes => _data;

    /// <summary>
    /// The elements as numbers, the last dimension changing fastest. Every type of the format fits into a double exactly.
    /// </summary>
    public double[] ToDoubles()
    {
        var values = new double[Count];
        int size = Idx.SizeOf(Type);
        for (int i = 0; i < values.Length; i++)
        {
            var element = _data.AsSpan(i * size, size);
            values[i] = Type switch
            {
                IdxType.UnsignedByte => element[0],
                IdxType.SignedByte => (sbyte)element[0],
                IdxType.Short => BinaryPrimitives.ReadInt16BigEndian(element),
                IdxType.Int => BinaryPrimitives.ReadInt32BigEndian(element),
                IdxType.Float => BinaryPrimitives.ReadSingleBigEndian(element),
                _ => BinaryPrimitives.ReadDoubleBigEndian(element),
            };
        }

        return values;
    }
}
