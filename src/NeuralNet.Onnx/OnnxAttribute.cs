using Google.Protobuf;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>An attribute of a node, such as the axis of a Concat.</summary>
/// <remarks>An operator of ONNX has one type for each of its attributes; the constructor's overload says which one is written.</remarks>
public sealed class OnnxAttribute
{
    /// <summary>Initializes a new instance of the <see cref="OnnxAttribute"/> class that holds an integer.</summary>
    /// <param name="name">The attribute's name in ONNX.</param>
    /// <param name="value">The integer.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public OnnxAttribute(string name, long value) => Message = Attributes.Of(Checked(name), value);

    /// <summary>
    /// Initializes a new instance of the <see cref="OnnxAttribute"/> class that holds a number, which ONNX stores as a float32.
    /// </summary>
    /// <param name="name">The attribute's name in ONNX.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public OnnxAttribute(string name, float value) => Message = Attributes.Of(Checked(name), value);

    /// <summary>Initializes a new instance of the <see cref="OnnxAttribute"/> class that holds a text.</summary>
    /// <param name="name">The attribute's name in ONNX.</param>
    /// <param name="value">The text.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public OnnxAttribute(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Message = new AttributeProto { Name = Checked(name), S = ByteString.CopyFromUtf8(value), Type = Attributes.StringType };
    }

    /// <summary>Initializes a new instance of the <see cref="OnnxAttribute"/> class that holds a list of integers.</summary>
    /// <param name="name">The attribute's name in ONNX.</param>
    /// <param name="values">The integers, in their order.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public OnnxAttribute(string name, IEnumerable<long> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Message = Attributes.OfMany(Checked(name), values);
    }

    internal AttributeProto Message { get; }

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name;
    }
}
