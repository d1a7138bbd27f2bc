namespace NeuralNet.Onnx.Operators;

/// <summary>A normalisation of columns by constants: Sub, then Div; of one column in float64, Neg behind them.</summary>
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

        // ONNX Runtime takes a division by one number into a MatMul behind it, as a float32 whatever the type: -((mean - x) / deviation).
        bool isNegative = graph.IsDouble && layer.Size == 1;
        string mean = graph.AddColumns("Mean", layer.Mean, layer.Size);
        graph.Append("Sub", isNegative ? [mean, graph.Value] : [graph.Value, mean]);
        graph.Append("Div", [graph.Value, graph.AddTensor("StandardDeviation", divisors, layer.Size)]);
        if (isNegative)
        {
            graph.Append("Neg", [graph.Value]);
        }
    }

    public override void Read(NodeReader node)
    {
        var form = node.Form;
        if (form.Depth > 1)
        {
            throw node.Refuse($"is given {form}; the library's is over rows of one plane");
        }

        if (node.OtherConstant() is not { } constant)
        {
            throw node.Refuse("subtracts what is no constant; the library subtracts a mean for each column");
        }

        int size = form.Width;
        var layer = new NormalizationLayer(size) { Mean = node.Vector(constant, size) };
        node.PassAnywhere();
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
        if (constant == 0)
        {
            (division.Next("Neg") ?? throw node.Refuse("subtracts from a constant; the library subtracts a mean")).Pass(1, 1);
        }

        node.Add(layer);
    }
}
