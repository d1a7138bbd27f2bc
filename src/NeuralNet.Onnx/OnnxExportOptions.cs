using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>How <see cref="OnnxExtensions.ExportOnnx(Network, string, OnnxExportOptions?)"/> writes a model.</summary>
public sealed class OnnxExportOptions
{
    internal const int LeastOpset = 13;
    internal const int GreatestOpset = 22;

    private readonly List<Operator> _own = [];

    /// <summary>Gets the type of weights, input and output; <see cref="OnnxDataType.Float32"/> by default.</summary>
    public OnnxDataType DataType { get; init; } = OnnxDataType.Float32;

    /// <summary>Gets the version of ONNX's operators to keep to: 13 to 22, and 17 by default, which runtimes have had since
    /// 2022.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Gets the name of the model's input, <c>input</c> by default.</summary>
    public string InputName { get; init; } = "input";

    /// <summary>Gets the name of the model's output, <c>output</c> by default.</summary>
    public string OutputName { get; init; } = "output";

    /// <summary>Gets the name of the program that makes the model, <c>NeuralNet</c> by default.</summary>
    public string ProducerName { get; init; } = "NeuralNet";

    /// <summary>Gets the version of that program; this package's version by default.</summary>
    public string ProducerVersion { get; init; } = typeof(OnnxExportOptions).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Gets what the model is, for people to read; the network's layers where none is given.</summary>
    public string? DocString { get; init; }

    /// <summary>
    /// Gets a sample's height, width and number of planes, for a network whose layers do not tell it, such as one that begins with a
    /// <see cref="FlattenLayer"/>; (1, n, 1) is a row of n values. Where they tell a sequence, its number of steps is free in the model,
    /// unless this gives it: (steps, features, 1).
    /// </summary>
    public (int Height, int Width, int Depth)? InputShape { get; init; }

    internal IReadOnlyList<Operator> Own => _own;

    /// <summary>Says which nodes a type of layer of your own is written as.</summary>
    /// <typeparam name="TLayer">
    /// The type of layer; the first one added that a layer is of is taken, and the library's only after all of these.
    /// </typeparam>
    /// <param name="write">Adds the layer's nodes to the graph, which starts at the layer's input and ends at its output.</param>
    /// <returns>These options, so that calls chain.</returns>
    /// <remarks>
    /// The layer's <see cref="Layer.Predict"/> is called with zeros, to hold its output's shape against the graph's. A network that
    /// begins with such a layer needs an <see cref="InputShape"/>. See <see cref="OnnxGraph"/> for an example.
    /// </remarks>
    public OnnxExportOptions Add<TLayer>(Action<TLayer, OnnxGraph> write)
        where TLayer : Layer
    {
        ArgumentNullException.ThrowIfNull(write);
        _own.Add(new OwnLayer(layer => layer is TLayer, (layer, graph) => write((TLayer)layer, graph), keepsShape: false));
        return this;
    }

    /// <summary>Says which nodes an activation function of your own is written as.</summary>
    /// <param name="activation">
    /// The function that an <see cref="ActivationLayer"/> was made of: the same delegate, or the same method.
    /// </param>
    /// <param name="write">Adds the function's nodes to the graph, which starts at x and ends at f(x).</param>
    /// <returns>These options, so that calls chain.</returns>
    /// <example>
    /// <code>
    /// var options = new OnnxExportOptions().AddActivation(Cube, graph =>
    /// {
    ///     string x = graph.Value;
    ///     graph.AddNode("Mul", [graph.AddNode("Mul", [x, x]), x]);
    /// });
    /// </code>
    /// </example>
    public OnnxExportOptions AddActivation(Func<Matrix<double>, Matrix<double>> activation, Action<OnnxGraph> write)
    {
        ArgumentNullException.ThrowIfNull(activation);
        ArgumentNullException.ThrowIfNull(write);
        _own.Add(
            new OwnLayer(
                layer => layer is ActivationLayer its && its.Activation == activation, (_, graph) => write(graph), keepsShape: true));
        return this;
    }

    /// <summary>Says which nodes an activation function of your own is written as.</summary>
    /// <param name="activation">The function, the same object that the layers were given.</param>
    /// <param name="write">Adds the function's nodes to the graph, which starts at x and ends at f(x).</param>
    /// <returns>These options, so that calls chain.</returns>
    public OnnxExportOptions AddActivation(ActivationFunction activation, Action<OnnxGraph> write)
    {
        ArgumentNullException.ThrowIfNull(activation);
        return AddActivation(activation.Function, write);
    }
}
