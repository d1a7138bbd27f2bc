namespace NeuralNet.Onnx.Operators;

/// <summary>A network within a network: its layers' own nodes, in a row.</summary>
internal sealed class NestedNetwork : LayerOperator<NetworkLayer>
{
    public override bool TakesRows => true;

    public override bool KeepsShape(Layer layer, OperatorList operators) => operators.KeepShape(((NetworkLayer)layer).Layers);

    public override IEnumerable<Layer> Within(Layer layer) => ((NetworkLayer)layer).Layers;

    protected override Form? InputOf(NetworkLayer layer, OperatorList operators) => operators.InputOf(layer.Layers);

    protected override void Write(NetworkLayer layer, OnnxGraph graph) => graph.Write(layer.Layers, "layers.");
}
