using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Layers that were read so far, one behind another, and the value that comes out of them.</summary>
internal sealed class Branch(string value, Form form)
{
    private readonly List<Layer> _layers = [];
    private readonly List<NodeProto> _nodes = [];

    public string Value { get; set; } = value;

    public Form Form { get; set; } = form;

    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>How many layers hold one another at most.</summary>
    public int Nesting { get; private set; }

    /// <summary>The number of layers, those within layers among them.</summary>
    public int Size { get; private set; }

    /// <summary>The node that a layer was made of.</summary>
    public NodeProto NodeOf(int layer) => _nodes[layer];

    public void Add(Layer layer, NodeProto node, int nesting = 0, int within = 0)
    {
        _layers.Add(layer);
        _nodes.Add(node);
        Nesting = Math.Max(Nesting, nesting);
        Size += 1 + within;
    }
}
