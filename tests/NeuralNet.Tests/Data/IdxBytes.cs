using System.Buffers.Binary;
using System.IO.Compression;

namespace NeuralNet.Tests.Data;

/// <summary>Writes IDX files for tests.</summary>
internal static class IdxBytes
{
    public static byte[] Of(byte type, uint[] dimensions, params byte[] elements)
    {
        var bytes = new byte[4 + (4 * dimensions.Length) + elements.Length];
        bytes[2] = type;
        bytes[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 + (4 * i)), dimensions[i]);
        }

        elements.CopyTo(bytes, 4 + (4 * dimensions.Length));
        return bytes;
    }

    public static byte[] Gzip(byte[] bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, level))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }
}
