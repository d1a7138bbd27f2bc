using System.Buffers.Binary;
using System.Text;

namespace NeuralNet.Models;

/// <summary>What a file is by its first bytes, for the message where another kind was expected.</summary>
/// <param name="Name">What it is, with its article.</param>
/// <param name="WayOut">How to come by its weights; null where it has none, or nothing here reads them.</param>
internal sealed record FileKind(string Name, string? WayOut = null)
{
    /// <summary>So many bytes tell all kinds: as many as the name of a zip file's first member takes.</summary>
    public const int Needed = 256;

    /// <summary>The most that the format allows.</summary>
    private const ulong GreatestHeader = 100_000_000;

    private const string FromPyTorch =
        "Save it from Python with safetensors.torch.save_file(model.state_dict(), path) and call LoadWeights.";
    private const string FromArrays = "Save its arrays from Python with safetensors.numpy.save_file(arrays, path) and call LoadWeights.";

    private static readonly FileKind s_pytorch = new("a PyTorch file (torch.save)", FromPyTorch);
    private static readonly FileKind s_onnx = new("an ONNX model", "Network.ImportOnnx of the package NeuralNet.Onnx reads it.");
    private static readonly FileKind s_safeTensors = new(
        "a safetensors file", "Network.Load reads what Network.Save wrote, LoadWeights what other libraries did.");

    private static readonly (byte[] Start, FileKind Kind)[] s_starts =
    [
        ([0x89, .. "PNG"u8], new("a PNG picture")),
        ([0xFF, 0xD8, 0xFF], new("a JPEG picture")),
        ([.. "GIF8"u8], new("a GIF picture")),
        ([.. "%PDF"u8], new("a PDF document")),
        ([0x89, .. "HDF\r\n"u8], new("an HDF5 file, as Keras writes them", FromArrays)),
        ([0x93, .. "NUMPY"u8], new("a NumPy array (.npy)", FromArrays)),
        ([.. "GGUF"u8], new("a GGUF model")),
        ([0x1F, 0x8B], new("a gzip file", "Unpack it first.")),
        ([0x28, 0xB5, 0x2F, 0xFD], new("a zstd file", "Unpack it first.")),
        ([0xFD, .. "7zXZ"u8], new("an xz file", "Unpack it first.")),
        ([.. "BZh"u8], new("a bzip2 file", "Unpack it first.")),
        ([.. "7z"u8, 0xBC, 0xAF], new("a 7z archive", "Unpack it first.")),
        ([0, 0, 8, 1], new("an IDX file", "Idx.Read reads it, and Mnist.Load a folder of them.")),
        ([0, 0, 8, 3], new("an IDX file", "Idx.Read reads it, and Mnist.Load a folder of them.")),
        ([.. "version https://git-lfs"u8], new("Git LFS' pointer to one, which git lfs pull replaces by it")),
        ([.. "<"u8], new("a web page or another text with tags, such as the answer to a download that failed")),
        ([.. "{"u8], new("a JSON text")),
        ([.. "["u8], new("a JSON text")),
    ];

    /// <summary>
    /// The kind of a file that begins with these bytes, of which <see cref="Needed"/> are enough; null for one that is not known.
    /// </summary>
    public static FileKind? Of(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            return new("empty");
        }

        if (start.Length > 8 && start[8] == (byte)'{' && BinaryPrimitives.ReadUInt64LittleEndian(start) is >= 2 and <= GreatestHeader)
        {
            return s_safeTensors;
        }

        if (start.StartsWith("PK"u8))
        {
            return Zip(start);
        }

        // A pickle of protocol 2 to 5; and a model's version of the format, followed by a text or a number field.
        if (start is [0x80, >= 2 and <= 5, ..])
        {
            return new("a Python pickle, as torch.save once wrote them and scikit-learn does", FromPyTorch);
        }

        if (start is [0x08, >= 3 and < 32, 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42, ..])
        {
            return s_onnx;
        }

        if (start.Length >= 8 && start[4..].StartsWith("TFL3"u8))
        {
            return new("a TensorFlow Lite model");
        }

        foreach (var (known, kind) in s_starts)
        {
            if (start.StartsWith(known))
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>What it is, and the way out, as the end of a sentence that says what it is not.</summary>
    public override string ToString() => WayOut is null ? $"{Name}." : $"{Name}. {WayOut}";

    private static FileKind Zip(ReadOnlySpan<byte> start)
    {
        const int NameAt = 30;
        int length = start.Length > NameAt ? BinaryPrimitives.ReadUInt16LittleEndian(start[26..]) : 0;
        var rest = start[Math.Min(NameAt, start.Length)..];
        string member = Encoding.Latin1.GetString(rest[..Math.Min(length, rest.Length)]);
        return member.EndsWith("/data.pkl", StringComparison.Ordinal) || member.EndsWith("/.format_version", StringComparison.Ordinal)
            ? s_pytorch
            : member.EndsWith(".npy", StringComparison.Ordinal) ? new("a NumPy archive (.npz)", FromArrays)
            : member is "metadata.json" or "config.json" ? new("a Keras model (.keras)", FromArrays)
            : new("a zip file", "Unpack it first.");
    }
}
