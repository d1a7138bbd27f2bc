namespace NeuralNet.Onnx;

/// <summary>Reads and writes ONNX models: the methods of <see cref="OnnxExtensions"/> as plain static ones, for F#, Visual Basic and C#
/// before version 14, which have no static extension members.</summary>
/// <remarks><inheritdoc cref="OnnxExtensions" path="/remarks"/></remarks>
public static class OnnxModel
{
    /// <summary>
    /// Reads a network from an ONNX model: one that this package wrote, or another one of layers that the library has.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What nodes of layers of your own become; none where not given.</param>
    /// <returns>A network that predicts what the model does; it has no loss, and its random numbers in training are its own.</returns>
    /// <exception cref="OnnxFormatException">
    /// The file is no ONNX model, a damaged one, or has an operator, an attribute, a shape or a branch that a <see cref="Network"/>
    /// has not; the message names the node.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <remarks>
    /// <para>
    /// It reads, from opset 7 on, Gemm, MatMul with or without Add, Conv, MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool,
    /// BatchNormalization, Flatten, Reshape to rows, Softmax over a sample, Relu, LeakyRelu, Elu, Tanh, Sigmoid, Softplus, Gelu,
    /// Swish, Dropout and Identity, with weights in float32 or float64. The model has one input, [N, n] or [N, planes, rows,
    /// columns], with all but N known.
    /// </para>
    /// <para>
    /// Several nodes may read one value where Add, Sum or Concat bring together again what they make of it: that becomes a
    /// <see cref="ResidualLayer"/> or a <see cref="ConcatenateLayer"/>, up to 64 within one another. Branches that cross are refused.
    /// Nodes of layers of your own come back as those where the options say so.
    /// </para>
    /// <para>
    /// No code and no other file is read, no more than 2 GB and 4,096 layers and branches; a file made to harm costs memory of a
    /// small multiple of its size.
    /// </para>
    /// </remarks>
    public static Network Import(string path, OnnxImportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        return Import(file, options);
    }

    /// <summary>Reads a network from a stream with an ONNX model, from the stream's position to its end, and leaves it open.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="options">What nodes of layers of your own become; none where not given.</param>
    /// <returns>A network that predicts what the model does; it has no loss, and its random numbers in training are its own.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="OnnxFormatException">
    /// The stream holds no ONNX model, a damaged one, or one with an operator, an attribute, a shape or a branch that a
    /// <see cref="Network"/> has not; the message names the node.
    /// </exception>
    /// <exception cref="IOException">Reading fails.</exception>
    public static Network Import(Stream stream, OnnxImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException(
                "ImportOnnx expects a stream that can be read, but got one that cannot. Open it for reading.", nameof(stream));
        }

        return Importer.Import(Wire.ReadToEnd(stream), options ?? new OnnxImportOptions());
    }

    /// <inheritdoc cref="OnnxExtensions.ExportOnnx(Network, string, OnnxExportOptions?)"/>
    public static void Export(Network network, string path, OnnxExportOptions? options = null) => network.ExportOnnx(path, options);

    /// <inheritdoc cref="OnnxExtensions.ExportOnnx(Network, Stream, OnnxExportOptions?)"/>
    public static void Export(Network network, Stream stream, OnnxExportOptions? options = null) => network.ExportOnnx(stream, options);
}
