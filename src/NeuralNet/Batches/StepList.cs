using System.Runtime.CompilerServices;
using NeuralNet.Guards;

namespace NeuralNet.Batches;

/// <summary>The layers of a network laid out flat: steps that say whose outputs they read, each after its sources.</summary>
internal sealed class StepList(UserCodePurpose purpose)
{
    private readonly List<Step> _steps = [];

    /// <summary>Where the layers stand that are added now; null outside of branches.</summary>
    private BranchPlace? _place;

    /// <summary>Lays out layers that follow one another.</summary>
    /// <param name="layers">The layers, one at least.</param>
    /// <param name="purpose">What layers of the article's two methods are called for.</param>
    public static Step[] Of(IReadOnlyList<Layer> layers, UserCodePurpose purpose)
    {
        var list = new StepList(purpose);
        list.Add(layers, Step.OfInput, owner: null, branch: 0);
        return [.. list._steps];
    }

    /// <summary>Adds the layers of a branch; none at all stand for the source itself.</summary>
    /// <param name="layer">The layer that the branch is of.</param>
    /// <param name="branch">The number of the branch.</param>
    /// <param name="source">The step whose output the first one reads.</param>
    /// <returns>The step whose output is theirs.</returns>
    public int Add(CompositeLayer layer, int branch, int source) => Add(layer.Branches[branch].Layers, source, layer, branch);

    /// <summary>Adds a step.</summary>
    /// <returns>Its place.</returns>
    public int Add(Step step)
    {
        _steps.Add(step);
        return _steps.Count - 1;
    }

    private int Add(IReadOnlyList<Layer> layers, int source, CompositeLayer? owner, int branch)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var outer = _place;
        for (int at = 0; at < layers.Count; at++)
        {
            _place = owner is null ? null : new BranchPlace(owner, branch, at, outer);
            source = layers[at] switch
            {
                CompositeLayer composite => composite.LayOut(this, source),
                BatchLayer batch => Add(new LayerStep(batch, source, _place)),
                var article => Add(new ArticleStep(article, source, purpose)),
            };
        }

        _place = outer;
        return source;
    }
}
