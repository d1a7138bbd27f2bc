namespace NeuralNet.Models;

/// <summary>A tensor of a <see cref="TorchModule"/>.</summary>
/// <param name="Ours">The layer's name for the numbers.</param>
/// <param name="Name">PyTorch's, within the module.</param>
/// <param name="Shape">The shape that PyTorch has them in.</param>
internal sealed record TorchTensor(string Ours, string Name, params long[] Shape)
{
    /// <summary>Whether it has outputs first: row by row it is the layer's matrix column by column.</summary>
    public bool HasOutputsFirst { get; init; }

    /// <summary>Another tensor of the module, which is added to this one; null for none.</summary>
    public string? Plus { get; init; }

    /// <summary>What the numbers are where a module is without the tensor.</summary>
    public double Default { get; init; }

    /// <summary>Puts the numbers of each output, which comes first, in the layer's order; null where that is PyTorch's.</summary>
    public Func<double[], double[]>? Reorder { get; init; }
}
