namespace NeuralNet.Onnx.Operators;

/// <summary>A softmax of each row: Softmax along the last axis.</summary>
internal sealed class Softmax : LayerOperator<SoftmaxLayer>
{
    public override IReadOnlyList<string> Types => ["Softmax"];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override void Write(SoftmaxLayer layer, OnnxGraph graph)
    {
        var form = graph.Form;
        if (form.IsImage)
        {
            graph.ToImage(new Shape(graph.Shape.Rows, graph.Shape.Columns));
        }

        graph.Append("Softmax", [graph.Value], Attributes.Of("axis", graph.IsRow ? 1 : -1));
        graph.Become(form);
    }

    public override void Read(NodeReader node)
    {
        // Before opset 13 everything from the axis on is one row.
        bool isWhole = node.Opset < 13;
        int last = node.Form.Dimensions.Length;
        long axis = node.Attributes.Int("axis", isWhole ? 1 : -1);
        axis += axis < 0 ? last + 1 : 0;
        bool isRows = node.Form is { Depth: 1, Kind: not (FormKind.Channels or FormKind.Numbers) }
            && (axis == last || (isWhole && axis > 0 && node.Form.Height == 1));
        if (!isRows)
        {
            throw node.Refuse(FormattableString.Invariant(
                $"goes along axis {axis} of {node.Form}; the library's is over rows, the last axis of one plane"));
        }

        node.Pass(1, 1);
        node.Add(new SoftmaxLayer());
    }
}
