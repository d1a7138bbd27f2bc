using System.Buffers.Binary;

namespace NeuralNet.Data;

/// <summary>The eight bytes that close a gzip member: CRC-32 and size of its content, both little-endian (RFC 1952).</summary>
/// <remarks>
/// GZipStream checks them when it gets there, but takes a file that stops earlier for a whole one, and passes over bytes that follow the
/// last member. As it reads at least one byte beyond the last member where there is one, neither is so when the last bytes it read are a
/// member's end.
/// </remarks>
internal static class GzipEnd
{
    public const int Size = 8;

    private static readonly uint[] s_crcOfByte = MakeTable();

    /// <summary>
    /// Whether a file that ends in <paramref name="last"/> closes its last member, given what was unpacked from the whole file in
    /// two parts.
    /// </summary>
    public static bool Closes(ReadOnlySpan<byte> last, ReadOnlySpan<byte> header, ReadOnlySpan<byte> elements)
    {
        if (last.Length < Size)
        {
            return false;
        }

        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(last);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(last[4..]);

        // The last member may hold only the end of the content. It must hold some: eight zeros, the end of an empty one, may as well be
        // pixels or padding.
        if (size == 0 || size > (long)header.Length + elements.Length)
        {
            return false;
        }

        int ofElements = (int)Math.Min(size, (uint)elements.Length);
        int ofHeader = (int)size - ofElements;
        return crc == ~Add(Add(~0u, header[^ofHeader..]), elements[^ofElements..]);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            crc = s_crcOfByte[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }

            table[i] = crc;
        }

        return table;
    }
}
