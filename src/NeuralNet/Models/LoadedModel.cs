namespace NeuralNet;

/// <summary>What was read of a file.</summary>
/// <param name="Layers">The network's layers, new.</param>
/// <param name="Criterion">Its loss; null where it had none.</param>
/// <param name="Seed">Its initial seed; null where it had none.</param>
/// <param name="File">The file, for its texts and the shapes of its tensors.</param>
/// <param name="Values">The values of the tensors that were read, by their names, row by row.</param>
internal sealed record LoadedModel(IReadOnlyList<Layer> Layers, Criterion? Criterion, int? Seed, SafeTensorsReader File, IReadOnlyDictionary<string, double[]> Values);
