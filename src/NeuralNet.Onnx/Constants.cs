using System.Buffers.Binary;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>The values in a model that depend on no input: initializers and Constant nodes.</summary>
internal sealed class Constants
{
    private const int MostIntegers = 16;

    private readonly Dictionary<string, TensorProto> _tensors = [];
    private long _valuesLeft;

    /// <param name="fileSize">In bytes: so many values are read at most, whatever is used several times.</param>
    public Constants(long fileSize) => _valuesLeft = fileSize + (1 << 16);

    public bool Has(string name) => _tensors.ContainsKey(name);

    public void Add(TensorProto tensor)
    {
        if (tensor.Name.Length == 0 || !_tensors.TryAdd(tensor.Name, tensor))
        {
            throw new OnnxFormatException($"The model has two values named '{Refusal.Short(tensor.Name)}', or one without a name.");
        }
    }

    /// <summary>Takes in what a Constant node gives.</summary>
    public void Add(NodeProto node)
    {
        if (node.Output.Count != 1 || node.Attribute.Count != 1)
        {
            throw Refusal.Of(node, "is not one value with one name");
        }

        var attributes = new NodeAttributes(node);
        string kind = node.Attribute[0].Name;
        TensorProto? tensor = kind switch
        {
            "value" => attributes.Tensor(kind)?.Clone(),
            "value_float" => new TensorProto { DataType = Tensors.Float, FloatData = { attributes.Float(kind, 0) } },
            "value_int" => new TensorProto { DataType = Tensors.Int64, Int64Data = { attributes.Int(kind, 0) } },
            "value_ints" when attributes.Ints(kind) is { } values =>
                new TensorProto { DataType = Tensors.Int64, Dims = { values.Length }, Int64Data = { values } },
            _ => null,
        };
        if (tensor is null)
        {
            throw Refusal.Of(node, $"gives its value as '{Refusal.Short(kind)}', which is not read here");
        }

        tensor.Name = node.Output[0];
        Add(tensor);
    }

    /// <summary>The dimensions of a constant input.</summary>
    public long[] Dimensions(NodeProto node, int input) => [.. Tensor(node, input).Dims];

    /// <summary>The type of a constant input's values.</summary>
    public int TypeOf(NodeProto node, int input) => Tensor(node, input).DataType;

    /// <summary>The numbers of a constant input, in ONNX' order, the last dimension's side by side.</summary>
    public double[] Numbers(NodeProto node, int input)
    {
        var tensor = Tensor(node, input);
        int size = tensor.DataType switch
        {
            Tensors.Float => sizeof(float),
            Tensors.Double => sizeof(double),
            _ => throw Refuse(
                node, tensor, FormattableString.Invariant($"of type {tensor.DataType}; numbers are float32 (1) or float64 (11)")),
        };
        int count = Count(node, tensor, size, tensor.DataType == Tensors.Float ? tensor.FloatData.Count : tensor.DoubleData.Count);
        if (count > _valuesLeft)
        {
            throw Refuse(node, tensor, "which so many nodes share that the network would be many times as large as the file");
        }

        _valuesLeft -= count;
        if (tensor.RawData.IsEmpty)
        {
            return tensor.DataType == Tensors.Double ? [.. tensor.DoubleData] : [.. tensor.FloatData.Select(value => (double)value)];
        }

        double[] values = new double[count];
        var raw = tensor.RawData.Span;
        for (int i = 0; i < count; i++)
        {
            var value = raw.Slice(i * size, size);
            values[i] = size == sizeof(double)
                ? BinaryPrimitives.ReadDoubleLittleEndian(value)
                : BinaryPrimitives.ReadSingleLittleEndian(value);
        }

        return values;
    }

    /// <summary>A constant input of one number; null where it is something else.</summary>
    public double? Number(NodeProto node, int input) =>
        input < node.Input.Count && _tensors.TryGetValue(node.Input[input], out var tensor)
        && tensor.DataType is Tensors.Float or Tensors.Double && tensor.Dims.All(size => size == 1)
            ? Numbers(node, input)[0]
            : null;

    /// <summary>The integers of a constant input such as a shape.</summary>
    public long[] Integers(NodeProto node, int input)
    {
        var tensor = Tensor(node, input);
        if (tensor.DataType != Tensors.Int64)
        {
            throw Refuse(node, tensor, FormattableString.Invariant($"of type {tensor.DataType}; a shape is int64 (7)"));
        }

        int count = Count(node, tensor, sizeof(long), tensor.Int64Data.Count);
        if (count > MostIntegers)
        {
            throw Refuse(node, tensor, FormattableString.Invariant($"of {count} integers, which is no shape"));
        }

        var raw = tensor.RawData;
        return raw.IsEmpty
            ? [.. tensor.Int64Data]
            : [.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt64LittleEndian(raw.Span[(i * sizeof(long))..]))];
    }

    private TensorProto Tensor(NodeProto node, int input)
    {
        if (input < 0 || input >= node.Input.Count)
        {
            throw Refusal.Of(node, FormattableString.Invariant($"has {node.Input.Count} inputs, where {input + 1} are needed"));
        }

        return _tensors.TryGetValue(node.Input[input], out var tensor)
            ? tensor
            : throw Refusal.Of(
                node,
                FormattableString.Invariant($"takes '{Refusal.Short(node.Input[input])}' as input {input + 1}, ") +
                "which is no constant of the model. A layer's weights are constants");
    }

    /// <summary>The number of values, which the bytes that are there agree to.</summary>
    private static int Count(NodeProto node, TensorProto tensor, int size, int listed)
    {
        if (tensor.DataLocation != 0)
        {
            throw Refuse(node, tensor, "whose values are in another file. Save the model as one file");
        }

        Int128 count = 1;
        foreach (long dimension in tensor.Dims)
        {
            count = dimension is >= 0 and <= int.MaxValue && count <= int.MaxValue
                ? count * dimension
                : throw Refuse(node, tensor, "of a size that no tensor has");
        }

        int there = tensor.RawData.IsEmpty ? listed : tensor.RawData.Length / size;
        if (count != there || tensor.RawData.Length % size != 0 || (!tensor.RawData.IsEmpty && listed > 0))
        {
            throw Refuse(node, tensor, FormattableString.Invariant($"whose dimensions are for {count} values, but {there} are there"));
        }

        return there;
    }

    private static OnnxFormatException Refuse(NodeProto node, TensorProto tensor, string why) =>
        Refusal.Of(node, $"takes the tensor '{Refusal.Short(tensor.Name)}' {why}");
}
