using System.IO.Compression;
using System.Text;
using NeuralNet.Data;
using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Models;

public class FileKindTests
{
    /// <summary>What people give Load, LoadWeights and Idx.Read, the words for it, and the way out.</summary>
    public static TheoryData<byte[], string, string> Kinds => new()
    {
        {
            [0x08, 0x08, 0x12, 0x07, .. "pytorch"u8, 0x1A, 0x05, .. "2.3.0"u8],
            "an ONNX model",
            "Network.ImportOnnx of the package NeuralNet.Onnx"
        },
        { [0x08, 0x0A, 0x3A, 0x20, .. new byte[32]], "an ONNX model", "Network.ImportOnnx" },
        { Zip("archive/data.pkl"), "a PyTorch file", "safetensors.torch.save_file" },
        { Zip("resnet18/data.pkl"), "a PyTorch file", "LoadWeights" },
        { Zip("dense/kernel.npy"), "a NumPy archive (.npz)", "safetensors.numpy.save_file" },
        { Zip("metadata.json"), "a Keras model (.keras)", "safetensors.numpy.save_file" },
        { Zip("model.safetensors"), "a zip file", "Unpack it first" },
        { [.. "PK"u8, 3, 4], "a zip file", "Unpack it first" },
        { [0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20], "a Python pickle", "safetensors.torch.save_file" },
        { [0x89, .. "HDF\r\n\u001a\n"u8, .. new byte[9]], "an HDF5 file, as Keras writes them", "safetensors.numpy.save_file" },
        { [0x93, .. "NUMPY"u8, 1, 0, 0x76, 0], "a NumPy array (.npy)", "safetensors.numpy.save_file" },
        { [.. "GGUF"u8, 3, 0, 0, 0, 0, 0], "a GGUF model", "." },
        { [0x1C, 0, 0, 0, .. "TFL3"u8, 0x14, 0], "a TensorFlow Lite model", "." },
        { [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0, 0, 0x0D], "a PNG picture", "." },
        { [.. "version https://git-lfs.github.com/spec/v1\noid sha256:12"u8], "Git LFS' pointer to one, which git lfs pull replaces", "." },
        { [.. "<!DOCTYPE html><html>"u8], "a web page or another text with tags", "." },
        { [.. "{\"layers\": []}"u8], "a JSON text", "." },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AFileOfAKnownKindIsNamedWithTheWayOut(byte[] file, string kind, string wayOut)
    {
        Action[] reads =
        [
            () => Network.Load(new MemoryStream(file)),
            () => Network.Load(new OneWayStream(file, 3)),
            () => new Network().Add(new FCLayer(1, 1)).LoadWeights(new MemoryStream(file)),
        ];
        foreach (var read in reads)
        {
            read.Should().Throw<ModelFormatException>().Which.Message
                .Should().StartWith($"The stream: this is no safetensors file, but {kind}").And.Contain(wayOut);
        }

        FluentActions.Invoking(() => Idx.Read(new MemoryStream(file)))
            .Should().Throw<InvalidDataException>().WithMessage($"The stream is not an IDX file, but {kind}*");
    }

    [Fact]
    public void AGzippedModelAndAnIdxFileAreNamed()
    {
        byte[] idx = IdxBytes.Of(0x08, [2, 28, 28], new byte[2 * 784]);

        // Read as a length, gzip's first bytes are a plausible one.
        foreach (byte[] gzip in new[] { IdxBytes.Gzip(idx), [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, .. new byte[20]] })
        {
            FluentActions.Invoking(() => ModelBytes.Load(gzip)).Should().Throw<ModelFormatException>()
                .WithMessage("The stream: this is no safetensors file, but a gzip file. Unpack it first.");
        }

        FluentActions.Invoking(() => ModelBytes.Load(idx))
            .Should().Throw<ModelFormatException>().WithMessage("*but an IDX file. Idx.Read reads it*");
        FluentActions.Invoking(() => Idx.Read(new MemoryStream(ModelBytes.Of(Draw.XorNetwork(1))))).Should().Throw<InvalidDataException>()
            .WithMessage("The stream is not an IDX file, but a safetensors file.");
    }

    [Fact]
    public void AnEmptyFileIsSaidToBeEmpty()
    {
        FluentActions.Invoking(() => ModelBytes.Load([]))
            .Should().Throw<ModelFormatException>().WithMessage("The stream: this is no safetensors file, but empty.");
        FluentActions.Invoking(() => Idx.Read(new MemoryStream()))
            .Should().Throw<InvalidDataException>().WithMessage("The stream is empty: it ends within its IDX header*");
        FluentActions.Invoking(() => Idx.Read(new MemoryStream(IdxBytes.Gzip([]))))
            .Should().Throw<InvalidDataException>().WithMessage("The stream is empty: *");
    }

    [Fact]
    public void WhatIsOfNoKnownKindIsToldAsBefore()
    {
        FluentActions.Invoking(() => ModelBytes.Load([.. Enumerable.Repeat((byte)0xEE, 40)])).Should().Throw<ModelFormatException>()
            .WithMessage("The stream: this is no safetensors file: its first 8 bytes say that the header has 17216961135462248174 bytes*");
        FluentActions.Invoking(() => ModelBytes.Load([0xEE, 1])).Should().Throw<ModelFormatException>().WithMessage("*but ends after 2.");
        FluentActions.Invoking(() => ModelBytes.Load([2, 0, 0, 0, 0, 0, 0, 0, (byte)'x', (byte)'}']))
            .Should().Throw<ModelFormatException>().WithMessage("*has byte 120 there.");
        FluentActions.Invoking(() => ModelBytes.Load([2, 0, 0, 0, 0, 0, 0, 0]))
            .Should().Throw<ModelFormatException>().WithMessage("*cut short: its header should have 2 bytes, but 0 follow.");
    }

    private static byte[] Zip(string member)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
        {
            using var entry = zip.CreateEntry(member).Open();
            entry.Write(new byte[100]);
        }

        return bytes.ToArray();
    }
}
