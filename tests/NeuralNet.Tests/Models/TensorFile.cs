namespace NeuralNet.Tests.Models;

/// <summary>Files as other libraries write them.</summary>
internal static class TensorFile
{
    public static MemoryStream Of(params (string Name, long[] Shape, double[] Values)[] tensors) => OfType("F64", tensors);

    public static MemoryStream OfType(string type, params (string Name, long[] Shape, double[] Values)[] tensors)
    {
        var data = new List<byte>();
        var header = new List<string>();
        foreach (var (name, shape, values) in tensors)
        {
            int begin = data.Count;
            data.AddRange(values.SelectMany(value => Bytes(type, value)));
            header.Add($$"""
                "{{name}}":{"dtype":"{{type}}","shape":[{{string.Join(',', shape)}}],"data_offsets":[{{begin}},{{data.Count}}]}
                """);
        }

        return new MemoryStream(ModelBytes.File($"{{{string.Join(',', header)}}}", [.. data]));
    }

    private static byte[] Bytes(string type, double value) => type switch
    {
        "F64" => BitConverter.GetBytes(value),
        "F32" => BitConverter.GetBytes((float)value),
        "F16" => BitConverter.GetBytes((Half)value),
        "BF16" => BitConverter.GetBytes((float)value)[2..],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown"),
    };
}
