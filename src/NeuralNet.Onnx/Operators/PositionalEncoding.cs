using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// Positions: a function that adds a Slice of those that were learnt, or sines and cosines of the places, to [..., T, n] for any T.
/// </summary>
internal sealed class PositionalEncoding : LayerOperator<PositionalEncodingLayer>
{
    private const string Learnt = "LearntPositions";
    private const string Sinusoidal64 = "SinusoidalPositions";
    private const string Sinusoidal32 = "SinusoidalPositions32";

    public override IReadOnlyList<string> Types => [Learnt, Sinusoidal64, Sinusoidal32];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override Form? InputOf(PositionalEncodingLayer layer, OperatorList operators) => Form.Sequence(layer.Size);

    protected override void Write(PositionalEncodingLayer layer, OnnxGraph graph)
    {
        if (layer.Positions is { } positions)
        {
            graph.Append(Learnt, [graph.Value, graph.AddConstant("Positions", positions)]);
            graph.Call(Table(graph.Opset));
        }
        else
        {
            string type = graph.IsDouble ? Sinusoidal64 : Sinusoidal32;
            graph.Append(type, [graph.Value]);
            graph.Call(Sinusoids(type, graph.Opset));
        }
    }

    public override void Read(NodeReader node)
    {
        if (!node.IsFunction)
        {
            throw node.Unknown();
        }

        node.RequireSteps();
        var form = node.Form;
        if (node.Type != Learnt)
        {
            node.RequireFunction(null, 0, () => Sinusoids(node.Type, node.Opset));
            node.Pass(1, 1);
            node.Add(PositionalEncodingLayer.Sinusoidal(form.Width));
            return;
        }

        node.RequireFunction(null, 0, () => Table(node.Opset));
        long[] dimensions = node.Dimensions(1);
        if (dimensions is not [>= 1 and <= int.MaxValue and var length, var size] || size != form.Width || length < form.Height)
        {
            throw node.Refuse($"has positions of [{string.Join(", ", dimensions.Take(5))}] where {form} comes in");
        }

        var values = Matrix<double>.Build.DenseOfRowMajor((int)length, form.Width, node.Numbers(1));
        node.Pass(2, 2);
        node.Add(new PositionalEncodingLayer(form.Width, (int)length, Initializer.Zeros) { Positions = values });
    }

    private static FunctionProto Table(long opset)
    {
        var f = new FunctionBuilder(Learnt, opset, ["X", "Positions"]);
        string steps = f.Add("Gather", [f.Add("Shape", ["X"]), f.Ints(-2)]);
        return f.Return("Add", "X", f.Add("Slice", ["Positions", f.Ints(0), steps, f.Ints(0)]));
    }

    /// <summary>sin(t / 10000^(2i/n)) in column 2i and the cosine in column 2i + 1, in float64 whatever X is.</summary>
    private static FunctionProto Sinusoids(string type, long opset)
    {
        var f = new FunctionBuilder(type, opset, ["X"]);
        string shape = f.Add("Shape", ["X"]);
        string column = Places(-1);
        string odd = f.Add("Mod", [column, f.Ints(2)]);
        string size = Number(f.Add("Gather", [shape, f.Ints(-1)]));
        string period = f.Add("Pow", [f.Number(10_000), f.Add("Div", [Number(f.Add("Sub", [column, odd])), size])]);
        string step = f.Add("Unsqueeze", [Number(Places(-2)), f.Ints(1)]);
        string angle = f.Add("Div", [step, period]);
        string isOdd = f.Add("Cast", [odd], Attributes.Of("to", 9)); // bool
        string positions = f.Add("Where", [isOdd, f.Add("Cos", [angle]), f.Add("Sin", [angle])]);
        return f.Return("Add", "X", type == Sinusoidal64 ? positions : f.Add("Cast", [positions], Attributes.Of("to", Tensors.Float)));

        string Number(string x) => f.Add("Cast", [x], Attributes.Of("to", Tensors.Double));

        string Scalar(long value) => f.Add("Constant", [], Attributes.Of("value_int", value));

        string Places(long axis) =>
            f.Add("Range", [Scalar(0), f.Add("Squeeze", [f.Add("Gather", [shape, f.Ints(axis)])]), Scalar(1)]);
    }
}
