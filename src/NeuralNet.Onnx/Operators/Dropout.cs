namespace NeuralNet.Onnx.Operators;

/// <summary>A dropout layer, which is left out of a model; Dropout from elsewhere.</summary>
internal sealed class Dropout : LayerOperator<DropoutLayer>
{
    public override IReadOnlyList<string> Types => ["Dropout"];

    public override bool KeepsShape(Layer layer, OperatorList operators) => true;

    protected override void Write(DropoutLayer layer, OnnxGraph graph)
    {
    }

    public override void Read(NodeReader node)
    {
        double rate = node.Attributes.Float("ratio", 0.5f);
        node.Attributes.Int("seed", 0);
        if (node.Opset >= 12)
        {
            rate = node.HasInput(1) ? node.Number(1) ?? throw node.Refuse("has a ratio that is no constant number") : rate;
            if (node.HasInput(2))
            {
                throw node.Refuse("has an input training_mode. Export the model for inference");
            }
        }

        node.Pass(1, 3);
        node.Add(new DropoutLayer(rate));
    }
}
