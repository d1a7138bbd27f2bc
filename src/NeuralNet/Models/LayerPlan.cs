using System.Runtime.CompilerServices;

namespace NeuralNet.Models;

/// <summary>
/// How to make a layer: the tensors that it needs, to be looked at first, and then the layer, which takes memory as large as they are.
/// </summary>
/// <param name="Tensors">Their names within the layer, and their shapes; null where only the layer can tell.</param>
/// <param name="Make">Makes the layer, with zeros for weights.</param>
internal sealed record LayerPlan(IReadOnlyList<(string Name, (long Rows, long Columns)? Shape)> Tensors, Func<Layer> Make)
{
    /// <summary>A layer without numbers.</summary>
    public LayerPlan(Func<Layer> make)
        : this([], make)
    {
    }

    /// <summary>The layers within, by the names of their branches.</summary>
    public IReadOnlyList<(string Branch, LayerPlan[] Plans)> Within { get; init; } = [];

    /// <summary>λ of each parameter; null for none.</summary>
    public double[]? L2 { get; init; }

    /// <summary>Whether training leaves the layer as it is.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>The tensors of the layer and of those within it, by the names that they have in a file.</summary>
    /// <param name="path">What the layer's own names begin with there.</param>
    public IReadOnlyList<(string Name, (long Rows, long Columns)? Shape)> TensorsAt(string path)
    {
        var all = new List<(string, (long, long)?)>();
        AddAll(path, this);
        return all;

        void AddAll(string at, LayerPlan plan)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            all.AddRange(plan.Tensors.Select(tensor => ($"{at}.{tensor.Name}", tensor.Shape)));
            foreach (var (branch, plans) in plan.Within)
            {
                for (int place = 0; place < plans.Length; place++)
                {
                    AddAll(FormattableString.Invariant($"{at}.{branch}.{place}"), plans[place]);
                }
            }
        }
    }

    /// <summary>Makes the layer, with its λ, frozen where it was.</summary>
    /// <exception cref="ArgumentException">A number in the file is out of its range.</exception>
    public Layer MakeAsSaved()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var layer = Make();
        if (IsFrozen)
        {
            layer.Trainable = false;
        }

        if (L2 is not { } l2)
        {
            return layer;
        }

        var parameters = (layer as TrainableLayer)?.Parameters ?? [];
        if (parameters.Count != l2.Length)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{layer.Name} has {parameters.Count} parameters, but l2 for {l2.Length}."));
        }

        for (int i = 0; i < l2.Length; i++)
        {
            parameters[i].L2 = l2[i];
        }

        return layer;
    }
}
