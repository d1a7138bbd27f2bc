using System.IO.Compression;
using NeuralNet.Data;

namespace NeuralNet.Tests.Data;

public class IdxTests
{
    private static readonly byte[] s_file = IdxBytes.Of(0x08, [2, 3, 4], [.. Enumerable.Range(1, 24).Select(i => (byte)i)]);

    public static TheoryData<byte, byte[], double[]> Types => new()
    {
        { 0x08, [0, 200], [0, 200] },
        { 0x09, [127, 0x80], [127, -128] },
        { 0x0B, [0x01, 0x02, 0xFF, 0xFE], [258, -2] },
        { 0x0C, [0x7F, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0], [int.MaxValue, int.MinValue] },
        { 0x0D, [0x3F, 0xC0, 0, 0, 0xFF, 0x80, 0, 0], [1.5, double.NegativeInfinity] },
        { 0x0E, [0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], [1.5, -0.0] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTypeIsReadBigEndianPlainAndGzipped(byte type, byte[] elements, double[] expected)
    {
        byte[] file = IdxBytes.Of(type, [2], elements);
        foreach (var array in new[] { Idx.Read(new MemoryStream(file)), Idx.Read(new MemoryStream(IdxBytes.Gzip(file))) })
        {
            array.Type.Should().Be((IdxType)type);
            array.Dimensions.Should().Equal(2);
            array.Count.Should().Be(2);
            array.Bytes.ToArray().Should().Equal(elements);
            array.ToDoubles().Should().Equal(expected);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(255, 1)]
    public void EveryRankIsRead(int rank, int elements)
    {
        var array = Idx.Read(new MemoryStream(IdxBytes.Of(0x08, [.. Enumerable.Repeat(1u, rank)], new byte[elements])));
        array.Dimensions.Should().Equal(Enumerable.Repeat(1, rank));
        array.Count.Should().Be(elements);
    }

    [Fact]
    public void ASizeOfZeroIsAnEmptyArrayHoweverLargeTheOthersAre() =>
        Idx.Read(new MemoryStream(IdxBytes.Of(0x0E, [int.MaxValue, 0, int.MaxValue, int.MaxValue]))).Count.Should().Be(0);

    [Fact]
    public void EveryTruncationIsRefused()
    {
        for (int length = 0; length < s_file.Length; length++)
        {
            var read = () => Idx.Read(new MemoryStream(s_file[..length]));
            read.Should().Throw<InvalidDataException>($"{length} bytes are not {s_file.Length}");
        }
    }

    public static TheoryData<byte[]> Gzipped => new()
    {
        IdxBytes.Gzip(s_file),
        IdxBytes.Gzip(IdxBytes.Of(0x08, [3, 100], new byte[300])),
        // Elements that could be taken for the end: of an empty member, and of one of five bytes.
        IdxBytes.Gzip(IdxBytes.Of(0x08, [300], new byte[300]), CompressionLevel.NoCompression),
        IdxBytes.Gzip(IdxBytes.Of(0x08, [300], [.. new byte[296], 5, 0, 0, 0]), CompressionLevel.NoCompression),
    };

    [Theory]
    [MemberData(nameof(Gzipped))]
    public void EveryTruncationOfAGzippedFileIsRefusedEvenWhereAllElementsAreThere(byte[] gzip)
    {
        for (int length = 0; length < gzip.Length; length++)
        {
            var read = () => Idx.Read(new MemoryStream(gzip[..length]));
            read.Should().Throw<InvalidDataException>($"{length} bytes are not {gzip.Length}");
        }
    }

    [Theory]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x1F, 0x8B })]
    public void BytesAfterAGzippedFileAreRefused(byte[] more)
    {
        byte[] file = [.. IdxBytes.Gzip(s_file), .. more];
        foreach (Stream stream in new[] { new MemoryStream(file), new Trickle(file) })
        {
            FluentActions.Invoking(() => Idx.Read(stream)).Should().Throw<InvalidDataException>().WithMessage("The stream*gzip*");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(20)]
    public void AGzippedFileMayHaveSeveralMembers(int first)
    {
        byte[] file = [.. IdxBytes.Gzip(s_file[..first]), .. IdxBytes.Gzip(s_file[first..])];
        Idx.Read(new MemoryStream(file)).Bytes.ToArray().Should().Equal(s_file[16..]);
        FluentActions.Invoking(() => Idx.Read(new MemoryStream(file[..^1]))).Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-5)]
    public void AWrongSizeOrCrcAtTheEndOfAGzippedFileIsNamed(int place)
    {
        byte[] gzip = IdxBytes.Gzip(s_file);
        gzip[gzip.Length + place] ^= 1;
        FluentActions.Invoking(() => Idx.Read(new MemoryStream(gzip))).Should().Throw<InvalidDataException>().WithMessage("*gzip*CRC*");
    }

    [Theory]
    [InlineData(0, "*4 bytes*from byte 0*got 0*")]
    [InlineData(3, "*4 bytes*from byte 0*got 3*")]
    [InlineData(9, "*12 bytes*from byte 4*got 5*")]
    public void AFileThatEndsInItsHeaderIsToldWhere(int length, string message) =>
        FluentActions.Invoking(() => Idx.Read(new MemoryStream(s_file[..length])))
            .Should().Throw<InvalidDataException>().WithMessage(message);

    [Fact]
    public void TenThousandRandomChangesGiveDataOrInvalidData()
    {
        var random = new Random(5);
        byte[][] files = [s_file, IdxBytes.Gzip(s_file)];
        for (int i = 0; i < 10_000; i++)
        {
            byte[] file = (byte[])files[i % 2].Clone();
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                file[random.Next(file.Length)] = (byte)random.Next(256);
            }

            ReadsOrRefuses(file);
        }
    }

    [Theory]
    [InlineData(new uint[] { 2_000_000_000 }, "2000000000")]
    [InlineData(new uint[] { 60_000, 28, 28 }, "47040000")]
    [InlineData(new uint[] { 100_000, 100_000, 100_000 }, "100000 x 100000 x 100000")]
    [InlineData(new uint[] { 0x80000000 }, "2147483648")]
    [InlineData(new uint[] { uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue }, "4294967295")]
    public void AHeaderThatPromisesMoreThanThereIsCostsNoMemory(uint[] dimensions, string named)
    {
        var stream = new MemoryStream(IdxBytes.Of(0x08, dimensions, new byte[100]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var read = () => Idx.Read(stream);
        read.Should().Throw<InvalidDataException>().WithMessage($"*{named}*");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4_000_000);
    }

    [Fact]
    public void AGzipBombIsUnpackedNoFurtherThanItsHeaderSays()
    {
        var stream = new MemoryStream(IdxBytes.Gzip(IdxBytes.Of(0x08, [100], new byte[50_000_000])));
        long before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => Idx.Read(stream)).Should().Throw<InvalidDataException>().WithMessage("*too long*100*");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4_000_000);
        stream.Position.Should().BeLessThan(stream.Length);
    }

    [Fact]
    public void AFileLongerThanItsHeaderSaysIsRefused() =>
        FluentActions.Invoking(() => Idx.Read(new MemoryStream([.. s_file, 0])))
            .Should().Throw<InvalidDataException>().WithMessage("*too long*24*");

    [Theory]
    [InlineData(new byte[] { 1, 0, 8, 1 }, "*two zero bytes*01 00*")]
    [InlineData(new byte[] { 0, 0, 0x0A, 1 }, "*element type 0A*")]
    public void WhatIsNoIdxIsNamed(byte[] start, string message) =>
        FluentActions.Invoking(() => Idx.Read(new MemoryStream([.. start, 0, 0, 0, 0])))
            .Should().Throw<InvalidDataException>().WithMessage(message);

    [Fact]
    public void NullEmptyMissingAndUnreadableAreRefused()
    {
        FluentActions.Invoking(() => Idx.Read((string)null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Idx.Read("")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Idx.Read((Stream)null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Idx.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString())))
            .Should().Throw<FileNotFoundException>();
        var closed = new MemoryStream();
        closed.Dispose();
        FluentActions.Invoking(() => Idx.Read(closed)).Should().Throw<ArgumentException>().WithMessage("*can be read*");
    }

    [Fact]
    public void AStreamThatGivesAByteAtATimeIsReadWhole() =>
        Idx.Read(new Trickle(IdxBytes.Gzip(s_file))).Bytes.ToArray().Should().Equal(s_file[16..]);

    private static void ReadsOrRefuses(byte[] file)
    {
        try
        {
            Idx.Read(new MemoryStream(file)).ToDoubles().Length.Should().BeLessThanOrEqualTo(24 * 8);
        }
        catch (InvalidDataException e)
        {
            e.Message.Should().NotBeEmpty();
        }
    }

    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));
    }
}
