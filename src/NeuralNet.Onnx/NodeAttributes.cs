using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>The attributes of a node, each of which has to be read by somebody.</summary>
internal sealed class NodeAttributes
{
    private readonly NodeProto _node;
    private readonly Dictionary<string, AttributeProto> _unread = [];

    public NodeAttributes(NodeProto node)
    {
        _node = node;
        foreach (var attribute in node.Attribute)
        {
            if (!_unread.TryAdd(attribute.Name, attribute))
            {
                throw Refusal.Of(node, $"has the attribute '{Refusal.Short(attribute.Name)}' twice");
            }
        }
    }

    public long Int(string name, long fallback) => Take(name, Attributes.IntType)?.I ?? fallback;

    public float Float(string name, float fallback) => Take(name, Attributes.FloatType)?.F ?? fallback;

    public string Text(string name, string fallback) => Take(name, Attributes.StringType)?.S.ToStringUtf8() ?? fallback;

    public TensorProto? Tensor(string name) => Take(name, Attributes.TensorType)?.T;

    /// <summary>Texts; null where the node has none of that name.</summary>
    public string[]? Texts(string name) =>
        Take(name, Attributes.StringsType) is { } attribute ? [.. attribute.Strings.Select(text => text.ToStringUtf8())] : null;

    /// <summary>So many integers; null where the node has none of that name.</summary>
    public long[]? Ints(string name, int? count = null)
    {
        var attribute = Take(name, Attributes.IntsType);
        if (attribute is not null && count is { } expected && attribute.Ints.Count != expected)
        {
            throw Refusal.Of(
                _node,
                FormattableString.Invariant(
                    $"has {attribute.Ints.Count} numbers in {name}, where an image of rows and columns needs {expected}"));
        }

        return attribute is null ? null : [.. attribute.Ints];
    }

    /// <summary>Refuses any value of an integer but one.</summary>
    public void RequireInt(string name, long value, string meaning, long? fallback = null)
    {
        long actual = Int(name, fallback ?? value);
        if (actual != value)
        {
            throw Refusal.Of(_node, FormattableString.Invariant($"has {name} = {actual}; the library has {meaning} only ({value})"));
        }
    }

    public void RequireNoMore()
    {
        foreach (string name in _unread.Keys)
        {
            throw Refusal.Of(_node, $"has the attribute '{Refusal.Short(name)}', which is not known for this operator");
        }
    }

    private AttributeProto? Take(string name, int type)
    {
        if (!_unread.Remove(name, out var attribute))
        {
            return null;
        }

        bool isThere = type switch
        {
            Attributes.FloatType => attribute.HasF,
            Attributes.IntType => attribute.HasI,
            Attributes.StringType => attribute.HasS,
            Attributes.TensorType => attribute.T is not null,
            _ => true,
        };
        // Files of the first versions of the format leave the type out.
        if ((attribute.Type != type && attribute.Type != 0) || !isThere || attribute.RefAttrName.Length > 0)
        {
            throw Refusal.Of(_node, $"has an attribute '{name}' that is of another type than the operator's");
        }

        return attribute;
    }
}
