namespace NeuralNet;

public sealed partial class Network
{
    /// <summary>Saves the network to a file: a safetensors file, which Python, Rust and any viewer of the format read.</summary>
    /// <param name="path">The file. Where there is one, it stays whole until the new one is on the disk and takes its place; where saving fails, it stays.</param>
    /// <param name="registry">Names for layers, activations and losses of one's own; none are needed for the library's.</param>
    /// <exception cref="ArgumentException">A layer, an activation or the loss is one's own and has no name in <paramref name="registry"/>.</exception>
    /// <exception cref="InvalidOperationException">A parameter holds NaN or infinity.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <remarks>
    /// <para>
    /// A parameter is an F64 tensor of its matrix' rows and columns, row by row, named by its layer's place and its name: <c>layers.0.Weights</c>, <c>layers.0.Bias</c>; of a <see cref="BatchNormLayer"/>
    /// <c>Gamma</c>, <c>Beta</c>, <c>RunningMean</c> and <c>RunningVariance</c>. So the weights of an FCLayer are [inputSize, outputSize], and a bias is [1, outputSize].
    /// The texts in <c>__metadata__</c> are <c>format</c> (NeuralNet), <c>format_version</c> (1) and <c>network</c>: JSON with each layer's kind and sizes, and the loss.
    /// </para>
    /// <para>
    /// What a network does not know is not in the file: a <see cref="DropoutLayer"/>'s own Random, an optimizer's state. It may be called in a callback of Fit between epochs.
    /// </para>
    /// </remarks>
    public void Save(string path, LayerRegistry? registry = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, ModelFile.Writer((_layers, _criterion), registry));
    }

    /// <summary>Saves the network to a stream, in the form of <see cref="Save(string, LayerRegistry?)"/>.</summary>
    /// <param name="stream">The stream, written to from its present position, and left open.</param>
    /// <param name="registry">Names for layers, activations and losses of one's own; none are needed for the library's.</param>
    /// <exception cref="ArgumentException">The stream cannot be written to; or a layer, an activation or the loss is one's own and has no name in <paramref name="registry"/>.</exception>
    /// <exception cref="InvalidOperationException">A parameter holds NaN or infinity.</exception>
    public void Save(Stream stream, LayerRegistry? registry = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
        {
            throw new ArgumentException("Save expects a stream that can be written to, but got one that cannot.", nameof(stream));
        }

        ModelFile.Writer((_layers, _criterion), registry)(stream);
    }

    /// <summary>Loads a network that <see cref="Save(string, LayerRegistry?)"/> wrote: its predictions are the same bits, and it trains on in the same way.</summary>
    /// <param name="path">The file. It may come from anywhere: nothing in it is run, and memory grows with its size, not with what it claims.</param>
    /// <param name="registry">What the names of layers, activations and losses of one's own stand for.</param>
    /// <returns>A new network.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">The file does not hold a network, is damaged, or needs what <paramref name="registry"/> does not name.</exception>
    /// <remarks>Tensors that were made F32, F16 or BF16 elsewhere are taken, too. Of a checkpoint, the network in it is loaded.</remarks>
    public static Network Load(string path, LayerRegistry? registry = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        return Of(ModelFile.Read(file, path, registry));
    }

    /// <summary>Loads a network from a stream, as <see cref="Load(string, LayerRegistry?)"/> from a file.</summary>
    /// <param name="stream">The stream, read from its present position to its end, and left open; it need not be able to seek.</param>
    /// <param name="registry">What the names of layers, activations and losses of one's own stand for.</param>
    /// <returns>A new network.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    /// <exception cref="ModelFormatException">The stream does not hold a network, is damaged, or needs what <paramref name="registry"/> does not name.</exception>
    public static Network Load(Stream stream, LayerRegistry? registry = null)
    {
        RequireReadable(stream, nameof(Load));
        return Of(ModelFile.Read(stream, "The stream", registry));
    }

    /// <summary>A network with the same layers, parameters and loss, which shares nothing that either changes.</summary>
    /// <param name="registry">Names for layers of one's own, which are copied through their text; activations and losses need none.</param>
    /// <returns>A new network, with the same predictions to the bit.</returns>
    /// <exception cref="ArgumentException">A layer is one's own and has no name in <paramref name="registry"/>.</exception>
    /// <remarks>
    /// Gradients, an optimizer's state and the last Input and Output of layers are not copied. A <see cref="DropoutLayer"/> that was given a Random of its own draws in the copy as one that was given none.
    /// </remarks>
    public Network Clone(LayerRegistry? registry = null)
    {
        var copy = new Network();
        copy.AddAll(ModelFile.Copy(_layers, registry));
        copy._criterion = _criterion;
        return copy;
    }

    private static Network Of(LoadedModel model)
    {
        var network = new Network();
        try
        {
            network.AddAll(model.Layers);
        }
        catch (ArgumentException e)
        {
            throw model.File.Wrong($"the layers do not fit together: {e.Message}", e);
        }

        network._criterion = model.Criterion;
        return network;
    }

    /// <summary>Adds many layers at once, in a time that grows with their number only.</summary>
    private void AddAll(IReadOnlyList<Layer> layers)
    {
        if (layers.ToHashSet(ReferenceEqualityComparer.Instance).Count != layers.Count)
        {
            throw new ArgumentException("A layer is there twice; a registry's load must make a new one each time.");
        }

        foreach (var layer in layers)
        {
            Append(layer);
        }

        _predictor = new Predictor([.. _layers]);
    }

    private static void RequireReadable(Stream stream, string method)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException($"{method} expects a stream that can be read, but got one that cannot.", nameof(stream));
        }
    }
}
