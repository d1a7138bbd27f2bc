using NeuralNet.Batches;
using NeuralNet.Layers;

namespace NeuralNet.Training;

/// <summary>How the samples of a mini-batch pass through the layers: how many together, and on how many threads.</summary>
/// <param name="layers">The layers.</param>
/// <param name="input">The shape of a sample.</param>
/// <param name="batch">The samples of a mini-batch, as many as there are at most.</param>
internal sealed class BatchPlan(IReadOnlyList<Layer> layers, Shape input, int batch)
{
    /// <summary>Multiply-adds of a batch's way forward below which threads cannot pay, and are not even tried.</summary>
    internal const long WorthSharing = 100_000;

    /// <summary>
    /// Samples that pass together where no layer has to see the whole batch: what they need of memory is bounded, however large a batch.
    /// </summary>
    private const int Together = 128;

    private readonly Layer[] _leaves = [.. LayerTree.Leaves(layers).Select(leaf => leaf.Layer)];

    /// <summary>How many samples of a shape pass together.</summary>
    /// <remarks>
    /// A layer of the article's that updates itself takes sample by sample, and one that does not remembers one sample only.
    /// </remarks>
    public int Capacity(Shape shape) =>
        Array.Exists(_leaves, layer => layer is BatchLayer { SeesWholeBatch: true }) ? batch
        : Array.Exists(_leaves, layer => layer is not BatchLayer) ? 1
        : Batch.Capacity(layers, shape, Math.Min(batch, Together));

    /// <summary>Refuses a layer that has to see the whole batch where one is too small, or where a layer changes within it.</summary>
    /// <exception cref="InvalidOperationException">Names the layer and the way out.</exception>
    public void RequireWholeBatches(int samples, bool dropLast)
    {
        int last = samples % batch is > 0 and int rest && !dropLast ? rest : batch;
        foreach (var layer in _leaves.OfType<BatchLayer>())
        {
            layer.CallCheckBatch(last);
        }

        if (Array.Find(_leaves, layer => layer is BatchLayer { SeesWholeBatch: true }) is { } whole
            && Array.Find(_leaves, layer => layer is not TrainableLayer and { IsFrozen: false }) is { } own)
        {
            throw new InvalidOperationException(
                $"{whole.Name} needs the whole mini-batch at once, but {own.Name} takes one sample at a time and updates itself " +
                "after each. " +
                $"Make {own.Name} a TrainableLayer, or leave {whole.Name} out.");
        }
    }

    /// <summary>The threads that share the work; null where one alone is to do it.</summary>
    public Team? MakeTeam(FitOptions options)
    {
        long work = LayerTree.MultiplyAdds(layers, input) * batch;
        bool pays = options.BatchSize > 1 && work >= WorthSharing
            && Array.TrueForAll(_leaves, leaf => leaf is BatchLayer { NeedsCallingThread: false });

        // Each thread of a team has to come for each part of a batch: beyond the processors they wait for one another.
        int threads = Math.Min(options.Threads, 2 * Environment.ProcessorCount);
        return pays && threads > 1 ? new Team(threads, options.ThreadsOfStep) : null;
    }
}
