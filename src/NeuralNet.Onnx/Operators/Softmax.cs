namespace NeuralNet.Onnx.Operators;

/// <summary>A softmax over a sample: Softmax; for an image, Flatten before it and Reshape behind.</summary>
internal sealed class Softmax : LayerOperator<SoftmaxLayer>
{
    public override IReadOnlyList<string> Types => ["Softmax"];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override void Write(SoftmaxLayer layer, OnnxGraph graph)
    {
        Flattening.RequireSteps(layer, graph);
        var form = graph.Form;
        if (!form.IsRow)
        {
            Flattening.Flatten(graph);
        }

        graph.Append("Softmax", [graph.Value], Attributes.Of("axis", 1));
        if (!form.IsRow)
        {
            graph.Reshape(form);
        }
    }

    public override void Read(NodeReader node)
    {
        // Before opset 13 everything from the axis on is one row.
        bool isWhole = node.Opset < 13;
        int rank = node.Form.Dimensions.Length + 1;
        long axis = node.Attributes.Int("axis", isWhole ? 1 : -1);
        axis += axis < 0 ? rank : 0;
        if (axis != 1 || (rank > 2 && !isWhole))
        {
            throw node.Refuse(FormattableString.Invariant($"goes along axis {axis} of {node.Form}; the library's is over a whole sample"));
        }

        node.Pass(1, 1);
        node.Add(new SoftmaxLayer());
    }

    /// <summary>
    /// Reads the softmax of an image, whose Flatten was passed over: ONNX's is over one axis, the library's over the whole sample.
    /// </summary>
    /// <returns>Whether it is one.</returns>
    public static bool ReadOfImage(NodeReader flatten)
    {
        var (image, row) = (flatten.Form, Form.Row(checked((int)flatten.Form.Size)));
        if (flatten.Next("Softmax") is not { } softmax || softmax.NextOf("Reshape") is not { } back
            || Flattening.FormAfter(back, row) != image)
        {
            return false;
        }

        flatten.Form = row;
        softmax.ReadBy(OperatorList.OfType("Softmax")!);
        back.Attributes.RequireInt("allowzero", 0, Flattening.MeaningOfZero, 0);
        back.Pass(2, 2);
        flatten.Form = image;
        return true;
    }
}
