using System.Runtime.CompilerServices;
using NeuralNet.Layers;

namespace NeuralNet.Models;

/// <summary>Layers as entries of a file, and back: the library's kinds by themselves, a user's by a registry.</summary>
/// <param name="registry">The caller's names; null for none.</param>
internal sealed class LayerFormat(LayerRegistry? registry)
{
    private const string Custom = "Custom";

    /// <summary>How many layers may stand in one another: more would take more stack than a thread is sure to have.</summary>
    public const int GreatestNesting = 1024;

    private int _nesting;

    public LayerRegistry? Registry { get; } = registry;

    /// <summary>Whether what concerns training only, L2 and what is frozen, is written, too.</summary>
    public bool WithTraining { get; init; } = true;

    /// <summary>The place of the layer that is written now.</summary>
    public string Path { get; private set; } = "";

    /// <summary>What a file is to say of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="path">Its place, for errors.</param>
    /// <exception cref="ArgumentException">It is a user's own that the registry does not know.</exception>
    public LayerEntry Write(Layer layer, string path)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_nesting > GreatestNesting)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Layer {path} stands in more than {GreatestNesting} others; such a network cannot be loaded again."));
        }

        string outer = Path;
        Path = path;
        var entry = LayerKinds.Of(layer) is { } kind ? kind.Write(layer, this) : WriteCustom(layer, path);
        Path = outer;
        _nesting--;
        if (!WithTraining || layer is CompositeLayer)
        {
            return entry;
        }

        if (layer is TrainableLayer { Parameters: var parameters } && parameters.Any(parameter => parameter.L2 != 0))
        {
            entry.With("l2", [.. parameters.Select(parameter => parameter.L2)]);
        }

        return layer.IsFrozen ? entry.With("trainable", 0) : entry;
    }

    /// <summary>What a file is to say of the layers of a branch.</summary>
    public LayerEntry[] WriteBranch(IReadOnlyList<Layer> layers, string branch) =>
        [.. layers.Select((layer, place) => Write(layer, FormattableString.Invariant($"{Path}.{branch}.{place}")))];

    /// <summary>What to make of an entry, which it empties.</summary>
    /// <exception cref="ArgumentException">The entry is of no known kind, or does not hold what the kind needs.</exception>
    public LayerPlan Read(LayerEntry entry)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        double[]? l2 = entry.TakeNumbers("l2");
        bool trainable = (entry.HasLayersWithin ? null : entry.TakeNumbers("trainable")) switch
        {
            null or [1] => true,
            [0] => false,
            _ => throw new ArgumentException($"{entry.Kind} needs 0 or 1 for 'trainable'."),
        };
        var plan = LayerKinds.Named(entry.Kind) is { } kind ? kind.Read(entry, this)
            : entry.Kind == Custom ? ReadCustom(entry)
            : throw new ArgumentException($"'{entry.Kind}' is no kind of layer that this version knows.");
        entry.RequireEmpty();
        return plan with { L2 = l2, IsFrozen = !trainable };
    }

    /// <summary>The plans of the layers of a branch.</summary>
    public LayerPlan[] ReadBranch(LayerEntry entry, string branch) => Array.ConvertAll(entry.TakeEntries(branch), Read);

    /// <summary>A copy of a layer without its numbers.</summary>
    public Layer Copy(Layer layer, string path)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (LayerKinds.Of(layer)?.TryCopy(layer, within => Copy(within, path)) is not { } copy)
        {
            return Read(Write(layer, path)).MakeAsSaved();
        }

        if (copy is not CompositeLayer)
        {
            copy.IsFrozen = layer.IsFrozen;
        }

        return copy;
    }

    private LayerEntry WriteCustom(Layer layer, string path)
    {
        string kind = Registry?.KindOf(layer) ?? throw LayerRegistry.Lacks(
            Registry,
            $"Layer {path}, {layer.Name}, is not the library's own, and the registry has no name for it. "
            + $"Pass a LayerRegistry with registry.Add<{layer.GetType().Name}>(kind, save, load).");
        var entry = new LayerEntry(Custom).With("name", kind).With("config", Registry.Save(kind, layer));
        if (layer is TrainableLayer trainable)
        {
            entry.With("parameters", Names(trainable.Parameters));
            if (trainable.Buffers.Count > 0)
            {
                entry.With("buffers", Names(trainable.Buffers));
            }
        }

        return entry;
    }

    private LayerPlan ReadCustom(LayerEntry entry)
    {
        string kind = entry.TakeText("name") ?? throw new ArgumentException("A layer of one's own needs a 'name'.");
        string config = entry.TakeText("config") ?? throw new ArgumentException($"The layer '{kind}' needs a 'config'.");
        string[] parameters = entry.TakeTexts("parameters") ?? [];
        string[] buffers = entry.TakeTexts("buffers") ?? [];
        if (Registry is null || !Registry.TryGetLayer(kind, out var load))
        {
            throw new ArgumentException(
                $"The layer '{kind}' is not the library's own. Pass a LayerRegistry with registry.Add<TLayer>(\"{kind}\", save, load).");
        }

        return new LayerPlan([.. TensorValues.Distinct([.. parameters, .. buffers]).Select(name => (name, ((long, long)?)null))], () =>
        {
            Layer? layer;
            try
            {
                layer = load(config);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new ArgumentException($"The registry's load for '{kind}' refused its text: {e.Message}", e);
            }

            var trainable = layer as TrainableLayer;
            return layer is not null && Names(trainable?.Parameters ?? []).SequenceEqual(parameters)
                && Names(trainable?.Buffers ?? []).SequenceEqual(buffers)
                ? layer
                : throw new ArgumentException(
                    $"The registry's load for '{kind}' gave {layer?.Name ?? "null"}, but must give a layer with the parameters that were "
                    + $"saved: {string.Join(", ", parameters.Concat(buffers))}.");
        });
    }

    private static string[] Names(IReadOnlyList<Parameter> parameters) => [.. parameters.Select(parameter => parameter.Name)];
}
