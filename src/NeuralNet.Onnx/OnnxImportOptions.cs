namespace NeuralNet.Onnx;

/// <summary>How ImportOnnx of <see cref="OnnxExtensions"/> reads a model.</summary>
public sealed class OnnxImportOptions
{
    private readonly Dictionary<string, Func<OnnxNode, Layer?>> _own = [];

    /// <summary>Says which layer of your own nodes of a type become.</summary>
    /// <param name="type">
    /// The operator, such as <c>Mul</c>; with its domain where it is none of ONNX's own, such as <c>com.me:Scale</c>.
    /// </param>
    /// <param name="read">
    /// Returns the layer of a node, or null for a node that the library is to read. The node reads one value; all its other inputs are
    /// constants.
    /// </param>
    /// <returns>These options, so that calls chain.</returns>
    /// <exception cref="ArgumentException"><paramref name="type"/> is empty, or was added before.</exception>
    /// <example>
    /// <code>
    /// var options = new OnnxImportOptions().Add("Mul", node =&gt; node.IsConstant(1) ? new ScaleLayer(node.Constant(1)) : null);
    /// var network = Network.ImportOnnx("network.onnx", options);
    /// </code>
    /// </example>
    public OnnxImportOptions Add(string type, Func<OnnxNode, Layer?> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(read);
        return _own.TryAdd(type, read)
            ? this
            : throw new ArgumentException($"Add was told of the operator {type} before. Read all its nodes in one function.", nameof(type));
    }

    /// <summary>What reads a node; null where nothing does.</summary>
    internal Func<OnnxNode, Layer?>? Of(string domain, string type) =>
        _own.GetValueOrDefault(domain is "" or "ai.onnx" ? type : $"{domain}:{type}");
}
