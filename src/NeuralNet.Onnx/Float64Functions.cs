using System.Buffers.Binary;
using Google.Protobuf;
using MathNet.Numerics.Integration;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Operators that ONNX Runtime's CPU does not have in float64, as functions that the model brings along, made of operators that it has.</summary>
/// <remarks>The importer makes the function again that a node should have, and takes the node for the layer only where the model has the very same one.</remarks>
internal sealed class Float64Functions
{
    public const string Domain = "NeuralNet";
    public const long DomainVersion = 1;

    private readonly FunctionProto _function;

    private Float64Functions(string name, long opset, string[] inputs, params string[] attributes) => _function = new FunctionProto
    {
        Name = name,
        Domain = Domain,
        Input = { inputs },
        Output = { "Y" },
        Attribute = { attributes },
        OpsetImport = { new OperatorSetIdProto { Version = opset } },
    };

    /// <summary>The function of an activation; null for one that needs none.</summary>
    public static FunctionProto? Activation(string name, long opset) => name switch
    {
        "LeakyRelu" => LeakyRelu(opset),
        "Elu" => Elu(opset),
        "Softplus" => Softplus(opset),
        "Gelu" => Gelu(opset),
        _ => null,
    };

    /// <summary>The windows' values, cut out of X by rows and then by columns, become the planes of an image, over which the kernels are one matrix product.</summary>
    public static FunctionProto Conv(string name, WindowShape shape, int depth, long opset)
    {
        var f = new Float64Functions(name, opset, ["X", "W", "B"], "kernel_shape", "pads", "strides");
        var pads = shape.Pads;
        string x = pads == default ? "X" : f.Add("Pad", ["X", f.Ints(0, 0, pads.Top, pads.Left, 0, 0, pads.Bottom, pads.Right)]);
        x = f.Add("Concat", f.Slices(x, 2, shape.Kernel.Rows, shape.Stride.Rows, shape.OutputHeight), Attributes.Of("axis", 1));
        x = f.Add("Concat", f.Slices(x, 3, shape.Kernel.Columns, shape.Stride.Columns, shape.OutputWidth), Attributes.Of("axis", 1));
        long values = (long)shape.Kernel.Rows * shape.Kernel.Columns * shape.Input.Depth;
        x = f.Add("Reshape", [x, f.Ints(-1, values, shape.OutputHeight * shape.OutputWidth)]);
        string w = f.Add("Transpose", ["W"], Attributes.OfMany("perm", 0, 3, 2, 1));
        w = f.Add("Reshape", [w, f.Ints(depth, values)]);
        string y = f.Add("Reshape", [f.Add("MatMul", [w, x]), f.Ints(-1, depth, shape.OutputHeight, shape.OutputWidth)]);
        return f.Return("Add", y, f.Add("Reshape", ["B", f.Ints(depth, 1, 1)]));
    }

    /// <summary>The sum of the windows' rows, of the columns of that, divided by their number.</summary>
    public static FunctionProto AveragePool(string name, WindowShape shape, long opset)
    {
        var f = new Float64Functions(name, opset, ["X"], "kernel_shape", "strides");
        string x = f.Add("Sum", f.Slices("X", 2, shape.Kernel.Rows, shape.Stride.Rows, shape.OutputHeight));
        x = f.Add("Sum", f.Slices(x, 3, shape.Kernel.Columns, shape.Stride.Columns, shape.OutputWidth));
        return f.Return("Div", x, f.Number((double)shape.Kernel.Rows * shape.Kernel.Columns));
    }

    /// <summary>max(x, 0.01 x): the operator has its slope as a float, and 0.01 is none.</summary>
    private static FunctionProto LeakyRelu(long opset)
    {
        var f = new Float64Functions("LeakyRelu", opset, ["X"]);
        return f.Return("Max", "X", f.Add("Mul", ["X", f.Number(0.01)]));
    }

    /// <summary>max(x, 0) + (exp(min(x, 0)) - 1)</summary>
    private static FunctionProto Elu(long opset)
    {
        var f = new Float64Functions("Elu", opset, ["X"]);
        string exponential = f.Add("Exp", [f.Add("Min", ["X", f.Number(0)])]);
        return f.Return("Add", f.Add("Max", ["X", f.Number(0)]), f.Add("Sub", [exponential, f.Number(1)]));
    }

    /// <summary>max(x, 0) + ln(1 + exp(-|x|))</summary>
    private static FunctionProto Softplus(long opset)
    {
        var f = new Float64Functions("Softplus", opset, ["X"]);
        string exponential = f.Add("Exp", [f.Add("Neg", [f.Add("Abs", ["X"])])]);
        return f.Return("Add", f.Add("Max", ["X", f.Number(0)]), f.Add("Log", [f.Add("Add", [exponential, f.Number(1)])]));
    }

    /// <summary>x (1/2 + c / √(2π) ∫ exp(-(c t)² / 2) dt), t from 0 to 1, by Gauss and Legendre's rule; c is x, cut off where Φ is 0 or 1.</summary>
    private static FunctionProto Gelu(long opset)
    {
        const double End = 8.5;
        var rule = new GaussLegendreRule(0, 1, 64);
        var f = new Float64Functions("Gelu", opset, ["X"]);
        string c = f.Add("Max", [f.Add("Min", ["X", f.Number(End)]), f.Number(-End)]);
        string places = f.Numbers([.. rule.Abscissas.Select(t => -t * t / 2)], 1, rule.Order);
        string weights = f.Numbers([.. rule.Weights.Select(weight => weight / Math.Sqrt(2 * Math.PI))], rule.Order, 1);
        string squares = f.Add("Unsqueeze", [f.Add("Mul", [c, c]), f.Ints(-1)]);
        string integral = f.Add("Squeeze", [f.Add("MatMul", [f.Add("Exp", [f.Add("Mul", [squares, places])]), weights]), f.Ints(-1)]);
        return f.Return("Mul", "X", f.Add("Add", [f.Add("Mul", [c, integral]), f.Number(0.5)]));
    }

    private string[] Slices(string x, int axis, int kernel, int stride, long output) =>
        [.. Enumerable.Range(0, kernel).Select(i => Add("Slice", [x, Ints(i), Ints(i + ((output - 1) * stride) + 1), Ints(axis), Ints(stride)]))];

    private string Ints(params long[] values) => Add("Constant", [], Attributes.OfMany("value_ints", values));

    private string Number(double value) => Numbers([value]);

    private string Numbers(double[] values, params long[] dimensions)
    {
        byte[] raw = new byte[values.Length * sizeof(double)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(raw.AsSpan(i * sizeof(double)), values[i]);
        }

        return Add("Constant", [], Attributes.Of("value", new TensorProto { DataType = Tensors.Double, Dims = { dimensions }, RawData = UnsafeByteOperations.UnsafeWrap(raw) }));
    }

    private string Add(string op, string[] inputs, params AttributeProto[] attributes)
    {
        string name = FormattableString.Invariant($"{op}{_function.Node.Count}");
        _function.Node.Add(new NodeProto { OpType = op, Name = name, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        return name;
    }

    private FunctionProto Return(string op, params string[] inputs)
    {
        Add(op, inputs);
        _function.Node[^1].Output[0] = "Y";
        return _function;
    }
}
