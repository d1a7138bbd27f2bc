using System.Buffers.Binary;
using Google.Protobuf;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>
/// Builds an operator that ONNX Runtime's CPU does not have in float64 as a function that the model brings along, made of operators that
/// it has.
/// </summary>
/// <remarks>
/// The importer builds the function again that a node should have, and takes the node for the layer only where the model has the very
/// same one.
/// </remarks>
internal sealed class FunctionBuilder
{
    public const string Domain = "NeuralNet";
    public const long DomainVersion = 1;

    private readonly FunctionProto _function;

    public FunctionBuilder(string name, long opset, string[] inputs, params string[] attributes) => _function = new FunctionProto
    {
        Name = name,
        Domain = Domain,
        Input = { inputs },
        Output = { "Y" },
        Attribute = { attributes },
        OpsetImport = { new OperatorSetIdProto { Version = opset } },
    };

    public string Add(string op, string[] inputs, params AttributeProto[] attributes)
    {
        string name = FormattableString.Invariant($"{op}{_function.Node.Count}");
        _function.Node.Add(new NodeProto { OpType = op, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        return name;
    }

    public string Ints(params long[] values) => Add("Constant", [], Attributes.OfMany("value_ints", values));

    public string Number(double value) => Numbers([value]);

    public string Numbers(double[] values, params long[] dimensions)
    {
        byte[] raw = new byte[values.Length * sizeof(double)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(raw.AsSpan(i * sizeof(double)), values[i]);
        }

        var tensor = new TensorProto { DataType = Tensors.Double, Dims = { dimensions }, RawData = UnsafeByteOperations.UnsafeWrap(raw) };
        return Add("Constant", [], Attributes.Of("value", tensor));
    }

    /// <summary>Every stride-th row or column of an image from the i-th on, for each i of the windows' rows or columns.</summary>
    public string[] Slices(string x, int axis, int kernel, int stride, long output) =>
    [
        .. Enumerable.Range(0, kernel).Select(
            i => Add("Slice", [x, Ints(i), Ints(i + ((output - 1) * stride) + 1), Ints(axis), Ints(stride)])),
    ];

    /// <summary>Adds the node that makes the function's output.</summary>
    public FunctionProto Return(string op, params string[] inputs)
    {
        Add(op, inputs);
        _function.Node[^1].Output[0] = "Y";
        return _function;
    }
}
