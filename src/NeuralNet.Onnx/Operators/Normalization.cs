namespace NeuralNet.Onnx.Operators;

/// <summary>A normalisation of columns by constants: Sub, then Div.</summary>
internal sealed class Normalization : LayerOperator<NormalizationLayer>
{
    public override IReadOnlyList<string> Types => ["Sub"];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override void Write(NormalizationLayer layer, OnnxGraph graph)
    {
        // A deviation of 0 counts as 1.
        double[] divisors = [.. layer.StandardDeviation.Enumerate().Select(deviation => deviation == 0 ? 1 : deviation)];
        if (!graph.IsDouble && divisors.Any(divisor => (float)divisor == 0))
        {
            throw new NotSupportedException(
                $"{layer} holds a standard deviation that is 0 in float32, and would be divided by it. " +
                "Take DataType = OnnxDataType.Float64.");
        }

        if (graph.Form.IsImage)
        {
            graph.ToImage(new Shape(graph.Shape.Rows, graph.Shape.Columns));
        }

        string distance = graph.Append("Sub", [graph.Value, graph.AddColumns("Mean", layer.Mean, layer.Size)]);

        // One number in one dimension would be taken into a MatMul behind it by ONNX Runtime, in float32 whatever the type.
        long[] dimensions = layer.Size == 1 ? [1, 1] : [layer.Size];
        graph.Append("Div", [distance, graph.AddTensor("StandardDeviation", divisors, dimensions)]);
    }

    public override void Read(NodeReader node)
    {
        var form = node.Form;
        if (form.Depth > 1)
        {
            throw node.Refuse($"is given {form}; the library's is over rows of one plane");
        }

        if (!node.HasInput(1) || !node.IsConstant(1))
        {
            throw node.Refuse("subtracts what is no constant; the library subtracts a mean for each column");
        }

        int size = form.Width;
        var layer = new NormalizationLayer(size) { Mean = node.Vector(1, size) };
        node.Pass(2, 2);
        if (node.Next("Div") is not { } division || division.OtherConstant() is not 1)
        {
            throw node.Refuse("is not divided by a constant; the library divides by a standard deviation for each column");
        }

        var deviation = division.Vector(1, size);
        if (deviation.Enumerate().Any(value => value <= 0))
        {
            throw division.Refuse("divides by a number that is not above 0; a standard deviation is");
        }

        layer.StandardDeviation = deviation;
        division.PassAnywhere();
        node.Add(layer);
    }
}
