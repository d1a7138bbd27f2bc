namespace NeuralNet.Onnx.Operators;

/// <summary>A layer of branches: they read the same value, and one node joins what they give.</summary>
internal abstract class Joining : Operator
{
    /// <summary>How many layers, one within another, a node of so many inputs makes.</summary>
    public virtual int Nesting(int branches) => 1;

    /// <summary>Makes the layer.</summary>
    /// <param name="node">The node, whose attributes are to be read.</param>
    /// <param name="branches">The branches, two or more, in the order of the node's inputs.</param>
    /// <returns>The layer, and the form of what it gives.</returns>
    /// <exception cref="OnnxFormatException">The library has no such layer.</exception>
    public abstract (Layer Layer, Form Form) Join(NodeReader node, IReadOnlyList<Branch> branches);
}
