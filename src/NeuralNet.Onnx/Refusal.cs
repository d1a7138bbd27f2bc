using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>The words in which a model is refused.</summary>
internal static class Refusal
{
    private const int LongestName = 100;

    public static OnnxFormatException Of(NodeProto node, string why) => new($"{NameOf(node)} {why}.");

    public static string NameOf(NodeProto node)
    {
        string name = node.Name.Length > 0 ? node.Name : node.Output.Count > 0 ? node.Output[0] : "";
        string domain = node.Domain.Length > 0 ? $"{Short(node.Domain)}:" : "";
        return $"The node '{Short(name)}' ({domain}{Short(node.OpType)})";
    }

    /// <summary>
    /// A name from the file, cut off where it is too long to show, and without lines and commands to a terminal that the file makes up.
    /// </summary>
    public static string Short(string name)
    {
        int length = Math.Min(name.Length, LongestName);
        if (length < name.Length && char.IsHighSurrogate(name[length - 1]))
        {
            length--;
        }

        return string.Concat(name[..length].Select(one => char.IsControl(one) ? ' ' : one)) + (length < name.Length ? "..." : "");
    }
}
