using System.Globalization;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// A layer normalisation of each row: LayerNormalization; before opset 17, and in float64 where no float is ε, a function of that name with
/// the formula.
/// </summary>
internal sealed class LayerNormalization : LayerOperator<LayerNormLayer>
{
    private const string Type = "LayerNormalization";
    private const int FirstOpset = 17;

    public override IReadOnlyList<string> Types => [Type];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override void Write(LayerNormLayer layer, OnnxGraph graph)
    {
        float epsilon = (float)layer.Epsilon;
        if (!graph.IsDouble && !(epsilon > 0 && float.IsFinite(epsilon)))
        {
            throw new NotSupportedException(FormattableString.Invariant(
                $"{layer} has the epsilon {layer.Epsilon}, which no float32 holds. Take DataType = OnnxDataType.Float64."));
        }

        if (graph.Form.IsImage)
        {
            graph.ToImage(new Shape(graph.Shape.Rows, graph.Shape.Columns));
        }

        int size = layer.Size;
        string[] inputs = [graph.Value, graph.AddColumns("Gamma", layer.Gamma, size), graph.AddColumns("Beta", layer.Beta, size)];
        if (graph.Opset >= FirstOpset && (!graph.IsDouble || (epsilon == layer.Epsilon && Decimal(epsilon) == layer.Epsilon)))
        {
            graph.Append(Type, inputs, Attributes.Of("axis", -1), Attributes.Of("epsilon", epsilon));
        }
        else
        {
            graph.Append(Type, [.. inputs, graph.AddConstant("Epsilon", layer.Epsilon)]);
            graph.Call(Formula(graph.Opset));
        }
    }

    public override void Read(NodeReader node)
    {
        double epsilon;
        if (node.IsFunction)
        {
            node.RequireFunction(null, 0, () => Formula(node.Opset));
            epsilon = node.Number(3) ?? throw node.Refuse("expects one number as input 4");
        }
        else
        {
            int rank = node.Form.Dimensions.Length + 1;
            long axis = node.Attributes.Int("axis", -1);
            if (axis != -1 && axis != rank - 1)
            {
                throw node.Refuse(FormattableString.Invariant($"goes from axis {axis} of {node.Form} on; the library's is over the last"));
            }

            // The library computes in float64, whatever type the statistics are asked for in.
            node.Attributes.Int("stash_type", 1);
            epsilon = Decimal(node.Attributes.Float("epsilon", 1e-5f));
        }

        var form = node.Form;
        if (form.Depth > 1 || form.Kind == FormKind.Channels)
        {
            throw node.Refuse($"is given {form}; the library's is over rows of one plane");
        }

        var layer = new LayerNormLayer(form.Width, epsilon) { Gamma = node.Vector(1, form.Width) };
        if (node.HasInput(2))
        {
            layer.Beta = node.Vector(2, form.Width);
        }

        node.Pass(node.IsFunction ? 4 : 2, node.IsFunction ? 4 : 3);
        node.Add(layer);
    }

    /// <summary>The number that was meant by a float: 1e-5, not the float next to it.</summary>
    private static double Decimal(float value) => double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>d / √(mean of d² + ε) Scale + B with d = X - mean of X, the means over the last axis.</summary>
    private static FunctionProto Formula(long opset)
    {
        var f = new FunctionBuilder(Type, opset, ["X", "Scale", "B", "Epsilon"]);
        string distance = f.Add("Sub", ["X", Mean("X")]);
        string deviation = f.Add("Sqrt", [f.Add("Add", [Mean(f.Add("Mul", [distance, distance])), "Epsilon"])]);
        return f.Return("Add", f.Add("Mul", [f.Add("Div", [distance, deviation]), "Scale"]), "B");

        // From opset 18 on the axes are an input.
        string Mean(string x) => opset < 18
            ? f.Add("ReduceMean", [x], Attributes.OfMany("axes", -1))
            : f.Add("ReduceMean", [x, f.Ints(-1)]);
    }
}
