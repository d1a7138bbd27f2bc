namespace NeuralNet.Models;

/// <summary>A module of PyTorch's as files made there have a layer's numbers; it stands in the layer's own file.</summary>
internal sealed class TorchModule
{
    private readonly Func<Layer, TorchTensor[]> _tensors;
    private readonly Func<long[], long[]?, string?> _sizes;

    private TorchModule(string name, string key, Func<long[], long[]?, string?> sizes, Func<Layer, TorchTensor[]> tensors) =>
        (Name, Key, _sizes, _tensors) = (name, key, sizes, tensors);

    /// <summary>What PyTorch calls it.</summary>
    public string Name { get; }

    /// <summary>The tensor whose shape tells the module's sizes.</summary>
    public string Key { get; }

    /// <summary>A tensor that the module has besides; null for none.</summary>
    public string? Needs { get; private init; }

    /// <summary>A tensor that tells it from a larger module; null for none.</summary>
    public string? Lacks { get; private init; }

    /// <summary>
    /// How the names of tensors begin that are a module of their own by their names, but belong to this one; null for none.
    /// </summary>
    public string? Within { get; private init; }

    /// <summary>
    /// Whether a module is a stack of layers in one direction or both, whose tensors' names end in the layer and the direction:
    /// <c>_l0</c>, <c>_l0_reverse</c>, <c>_l1</c>. Each of them is a layer of ours.
    /// </summary>
    public bool IsStack { get; private init; }

    /// <param name="name">What PyTorch calls it.</param>
    /// <param name="key">The tensor whose shape tells the module's sizes.</param>
    /// <param name="sizes">The sizes in words, from that tensor's shape; null where it is another module's.</param>
    /// <param name="tensors">A layer's tensors.</param>
    /// <param name="needs">A tensor that the module has besides.</param>
    /// <param name="lacks">A tensor that tells it from a larger module.</param>
    /// <param name="within">How the names of tensors begin that look like another module's.</param>
    public static TorchModule Of<TLayer>(
        string name,
        string key,
        Func<long[], string?> sizes,
        Func<TLayer, TorchTensor[]> tensors,
        string? needs = null,
        string? lacks = null,
        string? within = null)
        where TLayer : Layer =>
        new(name, key, (shape, _) => sizes(shape), layer => tensors((TLayer)layer)) { Needs = needs, Lacks = lacks, Within = within };

    /// <summary>A recurrent module.</summary>
    /// <param name="name">What PyTorch calls it.</param>
    /// <param name="gates">The number of gates, by which the shapes of the three kinds differ.</param>
    /// <param name="tensors">A layer's tensors, without the endings of their names.</param>
    public static TorchModule Recurrent<TLayer>(string name, int gates, Func<TLayer, TorchTensor[]> tensors)
        where TLayer : Layer => new(
            name,
            "weight_hh",
            (recurrent, input) => recurrent is [var rows, var hidden] && rows == gates * hidden && input is [_, var inputs]
                ? FormattableString.Invariant($"{inputs} -> {hidden}")
                : null,
            layer => tensors((TLayer)layer))
        {
            Needs = "weight_ih",
            Lacks = "weight_hr",
            IsStack = true,
        };

    public TorchTensor[] TensorsOf(Layer layer) => _tensors(layer);

    /// <summary>Kind and sizes of a layer, which are those of its modules.</summary>
    public string FormOf(Layer layer)
    {
        long[]? ShapeOf(string? name) => Array.Find(_tensors(layer), tensor => tensor.Name == name)?.Shape;
        return FormOf(ShapeOf(Key)!, ShapeOf(Needs))!;
    }

    /// <summary>Kind and sizes of a module whose key and whose other tensor have shapes; null where it is none.</summary>
    public string? FormOf(long[] key, long[]? needed) => _sizes(key, needed) is { } sizes ? $"{Name} {sizes}" : null;
}
