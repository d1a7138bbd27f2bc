using NeuralNet.Guards;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

public sealed partial class Network
{
    private int? _initialSeed;

    /// <summary>
    /// The seed of the initial weights, to be set before layers are added: <c>new Network { InitialSeed = 1 }</c>; null, the default, for
    /// none.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A layer that was given no Random draws its weights and bias from it when it is added, by its <see cref="Initializer"/>: two networks
    /// with the same seed and the same layers start with the same bits, whatever the order in which the layers were made. A layer that was
    /// given a Random keeps what it drew from that, and one whose weights or bias were changed before it was added keeps those. What a
    /// layer of one's own draws is its own affair, but for the library's layers whose <see cref="TrainableLayer.Parameters"/> it lists.
    /// Without a seed, layers keep what they drew when they were made. Layers within others draw from the first network with a seed that
    /// they come into: those of a <see cref="NetworkLayer"/> from its network's, or else from that of the network around it.
    /// </para>
    /// <para>
    /// The layer at place i, from 0, has a generator of its own, MathNet's Xoshiro256StarStar, seeded with the lower 32 bits of SplitMix64
    /// (Steele, Lea and Flood, 2014) of 2³² seed + 2³² - 1 - i: none that <see cref="FitOptions.Seed"/> has.
    /// <see cref="Save(string, LayerRegistry?)"/>, <see cref="Load(string, LayerRegistry?)"/> and <see cref="Clone"/> keep the seed.
    /// </para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">Another value is set when the network has layers already.</exception>
    public int? InitialSeed
    {
        get => _initialSeed;
        set => _initialSeed = value == _initialSeed || _layers.Count == 0
            ? value
            : throw new InvalidOperationException(
                "The network has layers already, which drew their weights when they were added. "
                + "Set InitialSeed before: new Network { InitialSeed = 1 }.Add(...).");
    }

    /// <summary>Saves the network to a file: a safetensors file, which Python, Rust and any viewer of the format read.</summary>
    /// <param name="path">
    /// The file. Where there is one, it stays whole until the new one is on the disk and takes its place, with the old one's permissions;
    /// where saving fails, it stays. Of a link, the file that it leads to is replaced. A FIFO or a device is written to.
    /// </param>
    /// <param name="registry">Names for layers, activations and losses of one's own; none are needed for the library's.</param>
    /// <exception cref="ArgumentException">
    /// A layer, an activation or the loss is one's own and has no name in <paramref name="registry"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A parameter holds NaN or infinity; or a layer of one's own has one inside whose state would be lost (see <see cref="Layer"/>).
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">
    /// The file is read-only, it or its folder may not be written to, or the path is a folder's.
    /// </exception>
    /// <remarks>
    /// <para>
    /// While it is being written, the new file stands beside the old one as <c>path.*.tmp</c>, with its name in <c>path.saving</c>: where
    /// the process is killed, the next to save there deletes both.
    /// </para>
    /// <para>
    /// A parameter is an F64 tensor of its matrix' rows and columns, row by row, named by its layer's place and its name:
    /// <c>layers.0.Weights</c>, <c>layers.0.Bias</c>; of a <see cref="BatchNormLayer"/> <c>Gamma</c>, <c>Beta</c>, <c>RunningMean</c> and
    /// <c>RunningVariance</c>. So the weights of an FCLayer are [inputSize, outputSize], and a bias is [1, outputSize]. The texts in
    /// <c>__metadata__</c> are <c>format</c> (NeuralNet), <c>format_version</c> (1) and <c>network</c>: JSON with each layer's kind and
    /// sizes, the loss, and <see cref="InitialSeed"/>.
    /// </para>
    /// <para>
    /// What a network does not know is not in the file: a <see cref="DropoutLayer"/>'s own Random, an optimizer's state; a
    /// <see cref="Checkpoint"/> has the latter. It may be called in a callback of Fit between epochs.
    /// </para>
    /// </remarks>
    public void Save(string path, LayerRegistry? registry = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, ModelFile.Writer(new NetworkParts(_layers, _criterion, InitialSeed), registry));
    }

    /// <summary>Saves the network to a stream, in the form of <see cref="Save(string, LayerRegistry?)"/>.</summary>
    /// <param name="stream">The stream, written to from its present position, and left open.</param>
    /// <param name="registry">Names for layers, activations and losses of one's own; none are needed for the library's.</param>
    /// <exception cref="ArgumentException">
    /// The stream cannot be written to; or a layer, an activation or the loss is one's own and has no name in <paramref name="registry"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A parameter holds NaN or infinity; or a layer of one's own has one inside whose state would be lost (see <see cref="Layer"/>).
    /// </exception>
    public void Save(Stream stream, LayerRegistry? registry = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanWrite)
        {
            throw new ArgumentException("Save expects a stream that can be written to, but got one that cannot.", nameof(stream));
        }

        ModelFile.Writer(new NetworkParts(_layers, _criterion, InitialSeed), registry)(stream);
    }

    /// <summary>
    /// Loads a network that <see cref="Save(string, LayerRegistry?)"/> wrote: its predictions are the same bits, and it trains on in the
    /// same way.
    /// </summary>
    /// <param name="path">
    /// The file. It may come from anywhere: nothing in it is run, and memory grows with its size, not with what it claims.
    /// </param>
    /// <param name="registry">What the names of layers, activations and losses of one's own stand for.</param>
    /// <returns>A new network.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">
    /// The file does not hold a network, is damaged, or needs what <paramref name="registry"/> does not name.
    /// </exception>
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
    /// <exception cref="ModelFormatException">
    /// The stream does not hold a network, is damaged, or needs what <paramref name="registry"/> does not name.
    /// </exception>
    public static Network Load(Stream stream, LayerRegistry? registry = null)
    {
        RequireReadable(stream, nameof(Load));
        return Of(ModelFile.Read(stream, "The stream", registry));
    }

    /// <summary>A network with the same layers, parameters and loss, which shares nothing that either changes.</summary>
    /// <param name="registry">Names for layers of one's own, which are copied through their text; activations and losses need none.</param>
    /// <returns>A new network, with the same predictions to the bit.</returns>
    /// <exception cref="ArgumentException">A layer is one's own and has no name in <paramref name="registry"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// A layer of one's own has one inside whose state would be lost (see <see cref="Layer"/>).
    /// </exception>
    /// <remarks>
    /// Gradients, an optimizer's state and the last Input and Output of layers are not copied. A <see cref="DropoutLayer"/> that was given
    /// a Random of its own draws in the copy as one that was given none.
    /// </remarks>
    public Network Clone(LayerRegistry? registry = null)
    {
        var copy = new Network();
        copy.AddAll(ModelFile.Copy(_layers, registry));
        copy._criterion = _criterion;
        copy._initialSeed = _initialSeed;
        return copy;
    }

    /// <summary>
    /// Loads weights by name from a safetensors file made elsewhere, such as by PyTorch, into the layers that the network has.
    /// </summary>
    /// <param name="path">The file. Its F32, F16 and BF16 are widened, which changes no value.</param>
    /// <param name="names">
    /// For each of the network's tensors that is to be loaded (<c>layers.0.Weights</c>, as <see cref="Save(string, LayerRegistry?)"/> names
    /// them) the file's; null to find them.
    /// </param>
    /// <returns>What was loaded, what the file does not have, and what of it was not used.</returns>
    /// <exception cref="ArgumentException"><paramref name="names"/> has a name that is none of the network's.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, or is being trained, or a layer of one's own hides state (see <see cref="Layer"/>).
    /// </exception>
    /// <exception cref="ModelFormatException">
    /// The file is damaged, has tensors of other shapes, or leaves in doubt which is which. The network is as it was.
    /// </exception>
    /// <remarks>
    /// <para>
    /// Without names: where the file has any of the network's own names, those count, and a shape is rows and columns. Else PyTorch's
    /// modules are taken for the layers of the same kind and sizes:
    /// </para>
    /// <para>
    /// Linear <c>weight</c> [out, in] and Conv2d <c>weight</c> [out, in, rows, columns] with <c>bias</c> [out], and BatchNorm
    /// <c>weight</c>, <c>bias</c>, <c>running_mean</c> and <c>running_var</c>. Where several are of the same kind and sizes, their names
    /// must differ in numbers only (<c>fc1</c>, <c>fc2</c>), which give their order; else names are needed. What comes before, such as
    /// <c>module.</c> or <c>model.</c>, does not matter. A module without a bias gives a bias of 0, a BatchNorm without weight and bias
    /// (<c>affine=False</c>) a scale of 1 and a shift of 0. Weights that PyTorch computes from other tensors, as <c>weight_norm</c> does,
    /// are refused.
    /// </para>
    /// <para>
    /// With names, a tensor for an FCLayer's or a ConvLayer's weights whose name in the file ends in <c>weight</c>, in small or capital
    /// letters, has PyTorch's shape and is transposed, and any other has rows and columns, inputs first. A square one whose name has
    /// "weight" elsewhere in its last part, such as <c>fc.weights</c>, is refused, because nothing says which it is.
    /// </para>
    /// </remarks>
    public WeightsReport LoadWeights(string path, IReadOnlyDictionary<string, string>? names = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireLayers(nameof(LoadWeights));
        RefuseDuringTraining(nameof(LoadWeights));
        InnerLayers.RequireVisibleState(_layers);
        using var file = File.OpenRead(path);
        return WeightsFile.Load(_layers, file, path, names);
    }

    /// <summary>
    /// Loads weights by name from a stream, as <see cref="LoadWeights(string, IReadOnlyDictionary{string, string}?)"/> from a file.
    /// </summary>
    /// <param name="stream">The stream, read from its present position to its end, and left open; it need not be able to seek.</param>
    /// <param name="names">For each of the network's tensors that is to be loaded the stream's; null to find them.</param>
    /// <returns>What was loaded, what the stream does not have, and what of it was not used.</returns>
    /// <exception cref="ArgumentException">
    /// The stream cannot be read, or <paramref name="names"/> has a name that is none of the network's.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The network has no layers, or is being trained, or a layer of one's own hides state (see <see cref="Layer"/>).
    /// </exception>
    /// <exception cref="ModelFormatException">
    /// The stream is damaged, has tensors of other shapes, or leaves in doubt which is which. The network is as it was.
    /// </exception>
    public WeightsReport LoadWeights(Stream stream, IReadOnlyDictionary<string, string>? names = null)
    {
        RequireReadable(stream, nameof(LoadWeights));
        RequireLayers(nameof(LoadWeights));
        RefuseDuringTraining(nameof(LoadWeights));
        InnerLayers.RequireVisibleState(_layers);
        return WeightsFile.Load(_layers, stream, "The stream", names);
    }

    private static Network Of(LoadedModel model)
    {
        var network = new Network();
        try
        {
            network.AddAll(model.Network.Layers);
        }
        catch (ArgumentException e)
        {
            throw model.File.Wrong($"the layers do not fit together: {e.Message}", e);
        }

        network._criterion = model.Network.Criterion;
        network._initialSeed = model.Network.InitialSeed;
        return network;
    }

    /// <summary>Adds many layers at once, in a time that grows with their number only.</summary>
    private void AddAll(IReadOnlyList<Layer> layers)
    {
        Layer[] all = [.. LayerTree.All(layers)];
        if (all.ToHashSet(ReferenceEqualityComparer.Instance).Count != all.Length)
        {
            throw new ArgumentException("A layer is there twice; a registry's load must make a new one each time.");
        }

        foreach (var layer in layers)
        {
            Append(layer);
        }
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
