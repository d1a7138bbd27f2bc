using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Operators;

/// <summary>A kind of layer in ONNX: the nodes that it is written as, and how it is read from them.</summary>
internal abstract class Operator
{
    /// <summary>ONNX's names of the nodes that the layer begins with.</summary>
    public virtual IReadOnlyList<string> Types => [];

    /// <summary>Whether the layer is one of these.</summary>
    public abstract bool Writes(Layer layer);

    /// <summary>The one form of X that the layer takes; null where it takes several.</summary>
    public virtual Form? InputOf(Layer layer, OperatorList operators) => null;

    /// <summary>Whether the layer takes any number of rows, as steps of a sequence, where <see cref="InputOf"/> is a row.</summary>
    public virtual bool TakesRows => false;

    /// <summary>Whether the rows of X are steps of a sequence to the layer, or to one within it.</summary>
    public virtual bool ReadsSteps(Layer layer, OperatorList operators) =>
        Within(layer).Any() ? operators.ReadSteps(Within(layer)) : InputOf(layer, operators) is { IsSequence: true };

    /// <summary>Whether Y has the shape of X, whatever it is.</summary>
    public virtual bool KeepsShape(Layer layer, OperatorList operators) => false;

    /// <summary>The layers within the layer.</summary>
    public virtual IEnumerable<Layer> Within(Layer layer) => [];

    /// <summary>Adds the layer's nodes to the graph, whose value is X in the form of <see cref="InputOf"/> and Y afterwards.</summary>
    public abstract void Write(Layer layer, OnnxGraph graph);

    /// <summary>Another node that reads X and belongs to the same layer as a node; null where there is none.</summary>
    public virtual NodeProto? Partner(NodeReader node) => null;

    /// <summary>Makes a layer of a node, and of those after it that belong to it, and passes over all of them.</summary>
    /// <exception cref="OnnxFormatException">The library has no such layer.</exception>
    public virtual void Read(NodeReader node) => throw node.Unknown();
}
