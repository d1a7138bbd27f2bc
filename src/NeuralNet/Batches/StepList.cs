using NeuralNet.Guards;

namespace NeuralNet.Batches;

/// <summary>The layers of a network laid out flat: steps that say whose outputs they read, each after its sources.</summary>
internal sealed class StepList(UserCodePurpose purpose)
{
    private readonly List<Step> _steps = [];

    /// <summary>Lays out layers that follow one another.</summary>
    /// <param name="layers">The layers, one at least.</param>
    /// <param name="purpose">What layers of the article's two methods are called for.</param>
    public static Step[] Of(IReadOnlyList<Layer> layers, UserCodePurpose purpose)
    {
        var list = new StepList(purpose);
        list.Add(layers, Step.OfInput);
        return [.. list._steps];
    }

    /// <summary>Adds layers that follow one another.</summary>
    /// <param name="layers">The layers; none at all stand for the source itself.</param>
    /// <param name="source">The step whose output the first one reads.</param>
    /// <returns>The step whose output is theirs.</returns>
    public int Add(IReadOnlyList<Layer> layers, int source)
    {
        foreach (var layer in layers)
        {
            source = layer switch
            {
                CompositeLayer composite => composite.LayOut(this, source),
                BatchLayer batch => Add(new LayerStep(batch, source)),
                _ => Add(new ArticleStep(layer, source, purpose)),
            };
        }

        return source;
    }

    /// <summary>Adds a step.</summary>
    /// <returns>Its place.</returns>
    public int Add(Step step)
    {
        _steps.Add(step);
        return _steps.Count - 1;
    }
}
