using System.Buffers.Binary;
using System.Text;

namespace NeuralNet.Tests.Models;

/// <summary>Networks as bytes, and safetensors files made by hand.</summary>
internal static class ModelBytes
{
    public static byte[] Of(Network network, LayerRegistry? registry = null)
    {
        using var stream = new MemoryStream();
        network.Save(stream, registry);
        return stream.ToArray();
    }

    public static Network Load(byte[] bytes, LayerRegistry? registry = null)
    {
        using var stream = new MemoryStream(bytes);
        return Network.Load(stream, registry);
    }

    /// <summary>A file of this header, whatever it says, and this data.</summary>
    public static byte[] File(string header, params byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return [.. length, .. text, .. data];
    }

    public static byte[] Doubles(params double[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>The header of a file.</summary>
    public static string HeaderOf(byte[] file) => Encoding.UTF8.GetString(file, 8, (int)BinaryPrimitives.ReadInt64LittleEndian(file));

    /// <summary>The file with its header replaced, and the same data.</summary>
    public static byte[] WithHeader(byte[] file, Func<string, string> change) =>
        File(change(HeaderOf(file)), file[(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file))..]);
}
