using Google.Protobuf;

namespace NeuralNet.Onnx;

/// <summary>Networks to and from ONNX, the format that ONNX Runtime and most other tools read.</summary>
/// <remarks>
/// <para>
/// The model's input and output have a dynamic first dimension <c>N</c>, the samples. A network on rows takes [N, n]. A network on images
/// takes [N, depth, height, width]: the planes of a sample, which stand side by side in a matrix here, one after another, each row by
/// row. Outputs likewise.
/// </para>
/// <para>
/// Nothing of training is in the model: dropout is left out, batch normalisation has its running mean and variance, and there is no loss.
/// </para>
/// </remarks>
public static class OnnxExtensions
{
    /// <summary>
    /// Writes the network into a file as an ONNX model: every layer of the library and every function of <see cref="Activations"/>, layers
    /// within layers to any depth, and layers and functions of your own whose nodes the options give.
    /// </summary>
    /// <param name="network">The network, of one layer or more.</param>
    /// <param name="path">The file. One that is there is replaced once the new one is whole, and stays where anything fails.</param>
    /// <param name="options">How to write it; float32 and opset 17 where none are given.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of its range, or the network's layers do not tell its input's shape and the options do not either, or contradict
    /// them.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, a parameter is NaN or infinite, or the nodes of a layer of your own are stated to give another shape.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The options do not give the nodes of a layer or activation of your own, a parameter does not fit into float32, or the model would
    /// be larger than 2 GB.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written, or the path is a folder's.</exception>
    public static void ExportOnnx(this Network network, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var model = Exporter.Model(network, options ?? new OnnxExportOptions());
        AtomicFile.Write(path, model.WriteTo);
    }

    /// <summary>Writes the network into a stream as an ONNX model, from the stream's position on, and leaves it open.</summary>
    /// <param name="network">The network, of one layer or more.</param>
    /// <param name="stream">Where to write.</param>
    /// <param name="options">How to write it; float32 and opset 17 where none are given.</param>
    /// <inheritdoc cref="ExportOnnx(Network, string, OnnxExportOptions?)"/>
    public static void ExportOnnx(this Network network, Stream stream, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
        {
            throw new ArgumentException(
                "ExportOnnx expects a stream that can be written, but got one that cannot. Open it for writing.", nameof(stream));
        }

        Exporter.Model(network, options ?? new OnnxExportOptions()).WriteTo(stream);
    }

    extension(Network)
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
        public static Network ImportOnnx(string path, OnnxImportOptions? options = null)
        {
            ArgumentException.ThrowIfNullOrEmpty(path);
            using var file = File.OpenRead(path);
            return Network.ImportOnnx(file, options);
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
        public static Network ImportOnnx(Stream stream, OnnxImportOptions? options = null)
        {
            ArgumentNullException.ThrowIfNull(stream);
            if (!stream.CanRead)
            {
                throw new ArgumentException(
                    "ImportOnnx expects a stream that can be read, but got one that cannot. Open it for reading.", nameof(stream));
            }

            return Importer.Import(Wire.ReadToEnd(stream), options ?? new OnnxImportOptions());
        }
    }
}
