namespace NeuralNet.Onnx;

/// <summary>How <see cref="OnnxExtensions.ExportOnnx(Network, string, OnnxExportOptions?)"/> writes a model.</summary>
public sealed class OnnxExportOptions
{
    internal const int LeastOpset = 13;
    internal const int GreatestOpset = 22;

    /// <summary>The type of weights, input and output; <see cref="OnnxDataType.Float32"/> by default.</summary>
    public OnnxDataType DataType { get; init; } = OnnxDataType.Float32;

    /// <summary>The version of ONNX' operators to keep to: 13 to 22, and 17 by default, which runtimes have had since 2022.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>The name of the model's input, <c>input</c> by default.</summary>
    public string InputName { get; init; } = "input";

    /// <summary>The name of the model's output, <c>output</c> by default.</summary>
    public string OutputName { get; init; } = "output";

    /// <summary>The name of the program that makes the model, <c>NeuralNet</c> by default.</summary>
    public string ProducerName { get; init; } = "NeuralNet";

    /// <summary>The version of that program; this package's version by default.</summary>
    public string ProducerVersion { get; init; } = typeof(OnnxExportOptions).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>What the model is, for people to read; the network's layers where none is given.</summary>
    public string? DocString { get; init; }

    /// <summary>
    /// A sample's height, width and number of planes, for a network whose layers do not tell it, such as one that begins with a <see cref="FlattenLayer"/>; (1, n, 1) is a row of n values.
    /// </summary>
    public (int Height, int Width, int Depth)? InputShape { get; init; }
}
