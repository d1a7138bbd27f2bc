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

    /// <summary>What the names of the values begin with; those of a graph within differ from the ones around it.</summary>
    private readonly string _prefix = "";

    /// <summary>Builds a graph within a node of a function, such as the step of a Scan.</summary>
    public FunctionBuilder(string prefix, string[] inputs)
    {
        _prefix = prefix;
        _function = new FunctionProto { Input = { inputs } };
    }

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
        string name = FormattableString.Invariant($"{_prefix}{op}{_function.Node.Count}");
        _function.Node.Add(new NodeProto { OpType = op, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        return name;
    }

    /// <summary>Adds a node of several outputs.</summary>
    public string[] AddMany(int outputs, string op, string[] inputs, params AttributeProto[] attributes)
    {
        string name = Add(op, inputs, attributes);
        string[] names = [.. Enumerable.Range(0, outputs).Select(output => FormattableString.Invariant($"{name}.{output}"))];
        var node = _function.Node[^1];
        node.Output.Clear();
        node.Output.Add(names);
        return names;
    }

    /// <summary>What was added, as a graph that gives matrices; what it reads has the types of those around it.</summary>
    /// <remarks>
    /// Scan asks for the number of its outputs' dimensions, which ONNX Runtime cannot always tell from what the graph reads.
    /// </remarks>
    /// <param name="type">The type of the matrices' values.</param>
    /// <param name="outputs">Their names.</param>
    public GraphProto ToGraph(int type, params string[] outputs) => new()
    {
        Name = _prefix,
        Node = { _function.Node },
        Input = { _function.Input.Select(name => new ValueInfoProto { Name = name }) },
        Output = { outputs.Select(name => new ValueInfoProto { Name = name, Type = Matrix(type) }) },
    };

    private static TypeProto Matrix(int type) => new()
    {
        TensorType = new TypeProto.Types.Tensor
        {
            ElemType = type,
            Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension(), new TensorShapeProto.Types.Dimension() } },
        },
    };

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
    public FunctionProto Return(string op, params string[] inputs) => Return(op, inputs, []);

    /// <summary>Adds the node that makes the function's output.</summary>
    public FunctionProto Return(string op, string[] inputs, params AttributeProto[] attributes)
    {
        Add(op, inputs, attributes);
        _function.Node[^1].Output[0] = "Y";
        return _function;
    }
}
