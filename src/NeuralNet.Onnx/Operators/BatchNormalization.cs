namespace NeuralNet.Onnx.Operators;

/// <summary>A batch normalisation by its running statistics: BatchNormalization.</summary>
internal sealed class BatchNormalization : LayerOperator<BatchNormLayer>
{
    public override IReadOnlyList<string> Types => ["BatchNormalization"];

    protected override Form? InputOf(BatchNormLayer layer, OperatorList operators) =>
        layer.InputShape is { } shape ? new Form(shape) : Form.Row(layer.Gamma.ColumnCount);

    protected override void Write(BatchNormLayer layer, OnnxGraph graph)
    {
        var (epsilon, variance) = FloatEpsilon.Split(layer.Epsilon, layer.RunningVariance.ToColumnMajorArray());
        if (!graph.IsDouble && variance.Any(v => (float)v + epsilon == 0))
        {
            throw new NotSupportedException(
                $"{layer} holds a variance whose sum with epsilon is 0 in float32, and would be divided by it. " +
                "Take DataType = OnnxDataType.Float64.");
        }

        int size = variance.Length;
        string[] inputs =
        [
            graph.Value,
            graph.AddColumns("Gamma", layer.Gamma, size),
            graph.AddColumns("Beta", layer.Beta, size),
            graph.AddColumns("RunningMean", layer.RunningMean, size),
            graph.AddTensor("RunningVariance", variance, size),
        ];
        graph.Append(
            "BatchNormalization", inputs, Attributes.Of("epsilon", epsilon), Attributes.Of("momentum", (float)(1 - layer.Momentum)));
    }

    public override void Read(NodeReader node)
    {
        node.Attributes.RequireInt("training_mode", 0, "running statistics", 0);
        node.Attributes.RequireInt("spatial", 1, "one mean for each plane", 1);
        double epsilon = node.Attributes.Float("epsilon", 1e-5f);

        // ONNX weighs the old mean; and where nothing may be learnt, predictions are the same whatever the weight.
        double momentum = 1 - (double)node.Attributes.Float("momentum", 0.9f);
        momentum = momentum is > 0 and <= 1 ? momentum : 0.1;
        var form = node.Form;
        if (!form.IsRow && !form.IsImage)
        {
            throw node.Refuse($"is given {form}; the library's is over rows and images");
        }

        int size = form.IsRow ? form.Width : form.Depth;
        var (gamma, beta, mean, variance) = (node.Vector(1, size), node.Vector(2, size), node.Vector(3, size), node.Vector(4, size));
        var layer = form.IsRow ? new BatchNormLayer(size, momentum, epsilon) : new BatchNormLayer(form.Image, momentum, epsilon);
        (layer.Gamma, layer.Beta, layer.RunningMean, layer.RunningVariance) = (gamma, beta, mean, variance);
        node.Pass(5, 5);
        node.Add(layer);
    }
}
