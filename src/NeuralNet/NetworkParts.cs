namespace NeuralNet;

/// <summary>What makes a network: what files have of it, and what training works on.</summary>
/// <param name="Layers">The layers, the first one first.</param>
/// <param name="Criterion">The loss; null where there is none.</param>
/// <param name="InitialSeed">The seed of the initial weights; null where there is none.</param>
internal sealed record NetworkParts(IReadOnlyList<Layer> Layers, Criterion? Criterion, int? InitialSeed);
