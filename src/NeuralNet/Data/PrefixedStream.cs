namespace NeuralNet.Data;

/// <summary>Some bytes that were read ahead, then the rest of the stream they came from; remembers the last it gave.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : Stream
{
    private ReadOnlyMemory<byte> _prefix = prefix;
    private byte[] _last = [];

    /// <summary>The last bytes that were read: as many as close a gzip member, or all where there were fewer.</summary>
    public ReadOnlySpan<byte> Last => _last;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = ReadNext(buffer);
        var read = buffer[..count];
        _last = count >= GzipEnd.Size
            ? read[^GzipEnd.Size..].ToArray()
            : [.. _last.AsSpan(Math.Max(0, _last.Length + count - GzipEnd.Size)), .. read];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int ReadNext(Span<byte> buffer)
    {
        if (_prefix.IsEmpty)
        {
            return rest.Read(buffer);
        }

        int count = Math.Min(buffer.Length, _prefix.Length);
        _prefix.Span[..count].CopyTo(buffer);
        _prefix = _prefix[count..];
        return count;
    }
}
