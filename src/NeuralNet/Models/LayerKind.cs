namespace NeuralNet.Models;

/// <summary>
/// A kind of layer as files know it: what they call it, what they say of one, and how one is made again. It stands in the layer's own file.
/// </summary>
internal sealed class LayerKind
{
    private readonly Action<Layer, LayerEntry, LayerFormat> _write;
    private readonly Func<LayerEntry, LayerFormat, LayerPlan> _read;
    private readonly Func<Layer, Func<Layer, Layer>, Layer>? _copy;

    private LayerKind(
        Type type,
        Action<Layer, LayerEntry, LayerFormat> write,
        Func<LayerEntry, LayerFormat, LayerPlan> read,
        Func<Layer, Func<Layer, Layer>, Layer>? copy) => (Type, _write, _read, _copy) = (type, write, read, copy);

    public Type Type { get; }

    /// <summary>PyTorch's module with the same numbers; null where there is none.</summary>
    public TorchModule? Torch { get; private init; }

    /// <summary>What files call it.</summary>
    public string Name => Type.Name;

    /// <summary>A kind of layer that needs nothing but its own numbers.</summary>
    /// <param name="write">Puts what <paramref name="read"/> needs into an entry.</param>
    /// <param name="read">Takes it out again.</param>
    public static LayerKind Of<TLayer>(Action<TLayer, LayerEntry> write, Func<LayerEntry, LayerPlan> read)
        where TLayer : Layer => Of<TLayer>((layer, entry, _) => write(layer, entry), (entry, _) => read(entry));

    /// <summary>A kind of layer that holds others, or what the caller has names for.</summary>
    /// <param name="write">Puts what <paramref name="read"/> needs into an entry.</param>
    /// <param name="read">Takes it out again.</param>
    /// <param name="copy">
    /// Makes another layer like one, which shares nothing that either changes, where the entry would not do; given what copies
    /// layers within.
    /// </param>
    public static LayerKind Of<TLayer>(
        Action<TLayer, LayerEntry, LayerFormat> write,
        Func<LayerEntry, LayerFormat, LayerPlan> read,
        Func<TLayer, Func<Layer, Layer>, Layer>? copy = null)
        where TLayer : Layer => new(
            typeof(TLayer),
            (layer, entry, format) => write((TLayer)layer, entry, format),
            read,
            copy is null ? null : (layer, copyWithin) => copy((TLayer)layer, copyWithin));

    /// <summary>The same kind, whose numbers come from PyTorch's files, too.</summary>
    public LayerKind WithTorch(TorchModule torch) => new(Type, _write, _read, _copy) { Torch = torch };

    public LayerEntry Write(Layer layer, LayerFormat format)
    {
        var entry = new LayerEntry(Name);
        _write(layer, entry, format);
        return entry;
    }

    public LayerPlan Read(LayerEntry entry, LayerFormat format) => _read(entry, format);

    /// <summary>A copy of the layer without its numbers, where the kind makes one without an entry.</summary>
    public Layer? TryCopy(Layer layer, Func<Layer, Layer> copyWithin) => _copy?.Invoke(layer, copyWithin);
}
