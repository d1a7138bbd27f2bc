namespace NeuralNet.Onnx.Operators;

/// <summary>An operator that is one type of layer.</summary>
internal abstract class LayerOperator<TLayer> : Operator
    where TLayer : Layer
{
    public override bool Writes(Layer layer) => layer is TLayer;

    public sealed override Form? InputOf(Layer layer, OperatorList operators) => InputOf((TLayer)layer, operators);

    public sealed override void Write(Layer layer, OnnxGraph graph) => Write((TLayer)layer, graph);

    protected virtual Form? InputOf(TLayer layer, OperatorList operators) => null;

    protected abstract void Write(TLayer layer, OnnxGraph graph);
}
