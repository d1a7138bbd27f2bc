using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>
/// A layer normalisation of each row: LayerNormalization; before opset 17, and where no float says ε, a function of that name with the
/// formula. From elsewhere, the formula's nodes one by one.
/// </summary>
internal sealed class LayerNormalization : LayerOperator<LayerNormLayer>
{
    private const string Type = "LayerNormalization";
    private const string MeanType = "ReduceMean";
    private const int FirstOpset = 17;
    private const int FirstOpsetOfAxesAsInput = 18;

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
        if (graph.Opset >= FirstOpset && (!graph.IsDouble || (epsilon == layer.Epsilon && Attributes.Meant(epsilon) == layer.Epsilon)))
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
            epsilon = Attributes.Meant(node.Attributes.Float("epsilon", 1e-5f));
        }

        int size = SizeOf(node);
        var layer = new LayerNormLayer(size, epsilon) { Gamma = node.Vector(1, size) };
        if (node.HasInput(2))
        {
            layer.Beta = node.Vector(2, size);
        }

        node.Pass(node.IsFunction ? 4 : 2, node.IsFunction ? 4 : 3);
        node.Add(layer);
    }

    /// <summary>d / √(mean of d² + ε) γ + β with d = X - mean of X; γ and β may be left out, as PyTorch does where a layer has none.
    /// </summary>
    /// <param name="mean">The first mean.</param>
    public static void ReadFormula(NodeReader mean)
    {
        var distance = DistanceOf(mean) ?? throw NoFormula(mean);
        int size = SizeOf(mean);
        PassMean(mean);
        mean.PassOver(distance);
        string d = mean.Value;
        var (square, division) = ReadersOf(mean, d) ?? throw NoFormula(mean);
        if (!IsSquare(mean, square, d))
        {
            throw NoFormula(mean);
        }

        mean.PassOver(square);
        PassMean(mean.Next(MeanType) ?? throw NoFormula(mean));
        var sum = mean.Next("Add") ?? throw NoFormula(mean);
        double epsilon = sum.OtherConstant() is { } constant && sum.Number(constant) is { } number ? number : throw NoFormula(mean);
        sum.PassAnywhere();
        (mean.Next("Sqrt") ?? throw NoFormula(mean)).PassAnywhere();
        if (division.Input is not [var above, var below] || above != d || below != mean.Value)
        {
            throw NoFormula(mean);
        }

        mean.PassOver(division);
        var layer = new LayerNormLayer(size, (float)epsilon == epsilon ? Attributes.Meant((float)epsilon) : epsilon);
        if (PassConstant(mean, "Mul", size) is { } gamma)
        {
            layer.Gamma = gamma;
        }

        if (PassConstant(mean, "Add", size) is { } beta)
        {
            layer.Beta = beta;
        }

        mean.Add(layer);
    }

    /// <summary>The number of values of a row, which a mean is over.</summary>
    private static int SizeOf(NodeReader node) => node.Form.Depth == 1 && node.Form.Kind != FormKind.Channels
        ? node.Form.Width
        : throw node.Refuse($"is given {node.Form}; the library's layer normalisation is over rows of one plane");

    /// <summary>The difference of a mean's input and the mean, where that is the only reader of the mean.</summary>
    public static NodeProto? DistanceOf(NodeReader mean) => mean.Follow("Sub") is [var distance]
        && distance.Input is [var from, var what] && from == mean.Node.Input.FirstOrDefault() && what == mean.Node.Output[0]
            ? distance : null;

    /// <summary>The two that read the difference: its square, and the quotient.</summary>
    private static (NodeProto Square, NodeProto Division)? ReadersOf(NodeReader mean, string d) => mean.ReadersOf(d) switch
    {
        [{ OpType: "Pow" or "Mul" } square, { OpType: "Div" } division] => (square, division),
        [{ OpType: "Div" } division, { OpType: "Pow" or "Mul" } square] => (square, division),
        _ => null,
    };

    private static bool IsSquare(NodeReader mean, NodeProto square, string d) => square.Input is [var first, var second] && first == d
        && (square.OpType == "Mul" ? second == d : mean.NumberOf(square, 1) == 2);

    /// <summary>Goes on over a mean, which has to be over the last axis, and to keep it.</summary>
    private static void PassMean(NodeReader mean)
    {
        bool isInput = mean.Opset >= FirstOpsetOfAxesAsInput;
        long[] axes = isInput ? mean.HasInput(1) ? mean.Integers(1) : [] : mean.Attributes.Ints("axes") ?? [];
        int rank = mean.Form.Dimensions.Length + 1;
        if (axes is not [var axis] || (axis != -1 && axis != rank - 1))
        {
            throw mean.Refuse($"has the axes [{string.Join(", ", axes.Take(5))}] of {mean.Form}; a layer normalisation's is the last");
        }

        mean.Attributes.RequireInt("keepdims", 1, "means that stay beside what they are of");
        mean.Attributes.Int("noop_with_empty_axes", 0);
        mean.Pass(isInput ? 2 : 1, isInput ? 2 : 1);
    }

    /// <summary>Goes on over a node that joins the value with a number for each of a row, if that is the next.</summary>
    /// <returns>The numbers; null where it is not.</returns>
    private static Matrix<double>? PassConstant(NodeReader mean, string type, int size)
    {
        if (mean.Next(type) is not { } node || node.OtherConstant() is not { } constant)
        {
            return null;
        }

        var values = node.Vector(constant, size);
        node.PassAnywhere();
        return values;
    }

    private static OnnxFormatException NoFormula(NodeReader node) =>
        node.Refuse("is no part of a layer normalisation, the one formula with this operator that the library knows");

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
