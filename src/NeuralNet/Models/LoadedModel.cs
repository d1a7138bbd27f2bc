namespace NeuralNet.Models;

/// <summary>What was read of a file.</summary>
/// <param name="Network">The network's parts, its layers new.</param>
/// <param name="File">The file, for its texts and the shapes of its tensors.</param>
/// <param name="Values">The values of the tensors that were read, by their names, row by row.</param>
internal sealed record LoadedModel(NetworkParts Network, SafeTensorsReader File, IReadOnlyDictionary<string, double[]> Values);
