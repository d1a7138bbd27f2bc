using System.Globalization;
using Google.Protobuf;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx;

/// <summary>Makes a node's attributes.</summary>
internal static class Attributes
{
    public const int FloatType = 1;
    public const int IntType = 2;
    public const int StringType = 3;
    public const int TensorType = 4;
    public const int GraphType = 5;
    public const int FloatsType = 6;
    public const int IntsType = 7;
    public const int StringsType = 8;

    /// <summary>The number that was meant by a float: 0.2, not the float next to it.</summary>
    public static double Meant(float value) => double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static AttributeProto Of(string name, long value) => new() { Name = name, I = value, Type = IntType };

    public static AttributeProto Of(string name, float value) => new() { Name = name, F = value, Type = FloatType };

    public static AttributeProto Of(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = StringType };

    public static AttributeProto Of(string name, TensorProto value) => new() { Name = name, T = value, Type = TensorType };

    public static AttributeProto Of(string name, GraphProto value) => new() { Name = name, G = value, Type = GraphType };

    public static AttributeProto OfMany(string name, params IEnumerable<long> values) =>
        new() { Name = name, Ints = { values }, Type = IntsType };
}
