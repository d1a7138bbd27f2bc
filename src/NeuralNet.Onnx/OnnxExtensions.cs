using Google.Protobuf;
using NeuralNet.Models;

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
    /// <param name="path">
    /// The file. One that is there is replaced once the new one is whole, and stays where anything fails; it keeps its permissions. Of a
    /// link, the file that it leads to is replaced. A FIFO or a device is written to.
    /// </param>
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
    /// <exception cref="UnauthorizedAccessException">
    /// The file is read-only, it or its folder may not be written to, or the path is a folder's.
    /// </exception>
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
        /// <inheritdoc cref="OnnxModel.Import(string, OnnxImportOptions?)"/>
        public static Network ImportOnnx(string path, OnnxImportOptions? options = null) => OnnxModel.Import(path, options);

        /// <inheritdoc cref="OnnxModel.Import(Stream, OnnxImportOptions?)"/>
        public static Network ImportOnnx(Stream stream, OnnxImportOptions? options = null) => OnnxModel.Import(stream, options);
    }
}
