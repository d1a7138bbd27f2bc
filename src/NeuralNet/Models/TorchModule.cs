namespace NeuralNet.Models;

/// <summary>A module of PyTorch's as files made there have a layer's numbers; it stands in the layer's own file.</summary>
internal sealed class TorchModule
{
    private readonly Func<Layer, TorchTensor[]> _tensors;
    private readonly Func<long[], string?> _sizes;

    private TorchModule(string name, string key, Func<long[], string?> sizes, Func<Layer, TorchTensor[]> tensors) =>
        (Name, Key, _sizes, _tensors) = (name, key, sizes, tensors);

    /// <summary>What PyTorch calls it.</summary>
    public string Name { get; }

    /// <summary>The tensor whose shape tells the module's sizes.</summary>
    public string Key { get; }

    /// <summary>A tensor that the module has besides; null for none.</summary>
    public string? Needs { get; private init; }

    /// <summary>A tensor that tells it from a larger module; null for none.</summary>
    public string? Lacks { get; private init; }

    /// <param name="name">What PyTorch calls it.</param>
    /// <param name="key">The tensor whose shape tells the module's sizes.</param>
    /// <param name="sizes">The sizes in words, from that tensor's shape; null where it is another module's.</param>
    /// <param name="tensors">A layer's tensors.</param>
    /// <param name="needs">A tensor that the module has besides.</param>
    /// <param name="lacks">A tensor that tells it from a larger module.</param>
    public static TorchModule Of<TLayer>(
        string name,
        string key,
        Func<long[], string?> sizes,
        Func<TLayer, TorchTensor[]> tensors,
        string? needs = null,
        string? lacks = null)
        where TLayer : Layer => new(name, key, sizes, layer => tensors((TLayer)layer)) { Needs = needs, Lacks = lacks };

    public TorchTensor[] TensorsOf(Layer layer) => _tensors(layer);

    /// <summary>Kind and sizes of a layer, which are those of its modules.</summary>
    public string FormOf(Layer layer) => FormOf(_tensors(layer).Single(tensor => tensor.Name == Key).Shape)!;

    /// <summary>Kind and sizes of a module whose key has a shape; null where it is none.</summary>
    public string? FormOf(long[] shape) => _sizes(shape) is { } sizes ? $"{Name} {sizes}" : null;
}
