using System.Buffers.Binary;
using System.IO.Compression;
using NeuralNet.Models;

namespace NeuralNet.Data;

/// <summary>Reads IDX files, the format of MNIST: any element type, rank and size, gzipped or not.</summary>
/// <remarks>
/// Source of the format: Yann LeCun, "The MNIST database of handwritten digits". Two zero bytes, the type, the rank, a big-endian size of
/// four bytes for each dimension, the elements. Memory grows with the bytes that are really there, never with what a header promises.
/// </remarks>
public static class Idx
{
    private const int ChunkSize = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, gzipped or not: its first bytes tell, not its name.</param>
    /// <returns>The array.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not IDX, is cut short, is longer than its header says, or is damaged gzip.
    /// </exception>
    public static IdxArray Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        return Read(file, path);
    }

    /// <summary>Reads a stream from its present position to its end.</summary>
    /// <param name="stream">The stream, gzipped or not; left open.</param>
    /// <returns>The array.</returns>
    /// <exception cref="InvalidDataException">
    /// The stream is not IDX, is cut short, is longer than its header says, or is damaged gzip.
    /// </exception>
    public static IdxArray Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException("Idx expects a stream that can be read, but got one that cannot.", nameof(stream));
        }

        return Read(stream, "The stream");
    }

    internal static int SizeOf(IdxType type) => type switch
    {
        IdxType.UnsignedByte or IdxType.SignedByte => 1,
        IdxType.Short => 2,
        IdxType.Int or IdxType.Float => 4,
        IdxType.Double => 8,
        _ => 0,
    };

    private static IdxArray Read(Stream stream, string name)
    {
        var start = new byte[4];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        bool gzip = length >= 2 && start[0] == 0x1F && start[1] == 0x8B;
        using var whole = new PrefixedStream(start.AsMemory(0, length), stream);
        if (!gzip)
        {
            return ReadPlain(whole, name);
        }

        using var unzipped = new GZipStream(whole, CompressionMode.Decompress, leaveOpen: true);
        IdxArray array;
        try
        {
            array = ReadPlain(unzipped, name);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(name, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"{name} is a damaged gzip file: it cannot be unpacked, or its contents do not match its CRC and size.", e);
        }

        return GzipEnd.Closes(whole.Last, HeaderOf(array), array.Bytes)
            ? array
            : throw new InvalidDataException(
                $"{name} is a damaged gzip file: it must end with the CRC and size of its contents, but is cut short or goes on "
                + "after them.");
    }

    private static byte[] HeaderOf(IdxArray array)
    {
        var header = new byte[4 + (4 * array.Dimensions.Count)];
        header[2] = (byte)array.Type;
        header[3] = (byte)array.Dimensions.Count;
        for (int i = 0; i < array.Dimensions.Count; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), array.Dimensions[i]);
        }

        return header;
    }

    private static IdxArray ReadPlain(Stream stream, string name)
    {
        var magic = ReadHeader(stream, 0, 4, name);
        if (magic[0] != 0 || magic[1] != 0)
        {
            throw OtherKind(magic, stream, name);
        }

        var type = (IdxType)magic[2];
        int size = SizeOf(type);
        if (size == 0)
        {
            throw new InvalidDataException($"{name} has element type {magic[2]:X2}; IDX knows 08, 09, 0B, 0C, 0D and 0E.");
        }

        int rank = magic[3];
        var header = ReadHeader(stream, 4, 4 * rank, name);
        var dimensions = new int[rank];
        UInt128 bytes = (UInt128)size;
        bool empty = false;
        bool tooLarge = false;
        for (int i = 0; i < rank; i++)
        {
            uint dimension = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * i));
            if (dimension > int.MaxValue)
            {
                throw new InvalidDataException(
                    FormattableString.Invariant($"{name} has size {dimension} in dimension {i}; at most {int.MaxValue} is possible."));
            }

            dimensions[i] = (int)dimension;
            empty |= dimension == 0;
            bytes = tooLarge ? bytes : bytes * dimension;
            tooLarge |= bytes > (UInt128)Array.MaxLength;
        }

        if (empty)
        {
            bytes = 0;
        }
        else if (tooLarge)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{name} says it holds {string.Join(" x ", dimensions)} elements of {size} bytes; ")
                    + FormattableString.Invariant($"at most {Array.MaxLength} bytes are possible."));
        }

        return new IdxArray(type, dimensions, ReadElements(stream, (int)bytes, name));
    }

    private static byte[] ReadHeader(Stream stream, int start, int count, string name)
    {
        var bytes = new byte[count];
        int read = stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false);
        if (read < count)
        {
            string isEmpty = start + read == 0 ? "is empty: it " : "";
            throw new InvalidDataException(FormattableString.Invariant(
                $"{name} {isEmpty}ends within its IDX header: expected {count} bytes from byte {start}, but got {read}."));
        }

        return bytes;
    }

    private static InvalidDataException OtherKind(byte[] magic, Stream stream, string name)
    {
        var start = new byte[FileKind.Needed];
        magic.CopyTo(start, 0);
        int read = magic.Length + stream.ReadAtLeast(start.AsSpan(magic.Length), start.Length - magic.Length, throwOnEndOfStream: false);
        return new InvalidDataException(FileKind.Of(start.AsSpan(0, read)) is { } kind
            ? $"{name} is not an IDX file, but {kind.Name}."
            : $"{name} is not an IDX file: it must start with two zero bytes (or gzip's 1F 8B), but starts with {magic[0]:X2} "
                + $"{magic[1]:X2}.");
    }

    /// <summary>Reads as many bytes as the header promised and no more, into a buffer that doubles as they come.</summary>
    private static byte[] ReadElements(Stream stream, int count, string name)
    {
        var data = new byte[Math.Min(count, ChunkSize)];
        int read = 0;
        while (true)
        {
            int more = stream.ReadAtLeast(data.AsSpan(read), data.Length - read, throwOnEndOfStream: false);
            read += more;
            if (read < data.Length)
            {
                throw new InvalidDataException(
                    FormattableString.Invariant($"{name} is cut short: its header promises {count} bytes of elements, but {read} follow."));
            }

            if (read == count)
            {
                break;
            }

            Array.Resize(ref data, (int)Math.Min(count, 2L * data.Length));
        }

        if (stream.ReadByte() != -1)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{name} is too long: bytes follow the {count} that its header promises."));
        }

        return data;
    }
}
