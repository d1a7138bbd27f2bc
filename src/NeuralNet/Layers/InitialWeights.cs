using NeuralNet.Kernels;

namespace NeuralNet.Layers;

/// <summary>
/// A layer's weights and bias, and how they start: from a generator that the layer was given, or from the seed of the network that it comes
/// into.
/// </summary>
internal sealed class InitialWeights
{
    private readonly Parameter[] _parameters;
    private readonly Action<Random> _draw;

    /// <summary>The hash of what was drawn without a generator; null where nothing is to be drawn any more.</summary>
    private ulong? _drawn;

    /// <param name="parameters">The weights and biases.</param>
    /// <param name="draw">Gives all of them their first values.</param>
    /// <param name="random">Where random numbers come from; <see cref="Random.Shared"/> where none is given.</param>
    public InitialWeights(Parameter[] parameters, Action<Random> draw, Random? random)
    {
        (_parameters, _draw) = (parameters, draw);
        draw(random ?? Random.Shared);
        _drawn = random is null ? HashOfValues() : null;
    }

    /// <summary>Weights, and a bias for each of their columns.</summary>
    /// <param name="owner">The layer.</param>
    /// <param name="shape">The weights' rows and columns.</param>
    /// <param name="fans">How many inputs lead to each output, and how many outputs from each input.</param>
    /// <param name="initializer">How they start; the article's way where none is given.</param>
    /// <param name="random">Where random numbers come from; <see cref="Random.Shared"/> where none is given.</param>
    public InitialWeights(Layer owner, (int Rows, int Columns) shape, (int In, int Out) fans, Initializer? initializer, Random? random)
        : this(
            new Parameter("Weights", shape.Rows, shape.Columns) { Owner = owner },
            new Parameter("Bias", 1, shape.Columns) { Owner = owner },
            fans,
            initializer ?? Initializer.Default,
            random)
    {
    }

    private InitialWeights(Parameter weights, Parameter bias, (int In, int Out) fans, Initializer initializer, Random? random)
        : this([weights, bias], generator => initializer.Draw(weights, bias, fans, generator), random)
    {
    }

    public Parameter Weights => _parameters[0];

    public Parameter Bias => _parameters[1];

    /// <summary>
    /// The layer has come into a network: draws from its seed, unless a generator was given, or the values are no longer those that were
    /// drawn. A network without a seed leaves the layer to the next, which that network may be a layer of.
    /// </summary>
    public void DrawFrom(Random? random)
    {
        if (random is null)
        {
            return;
        }

        if (_drawn == HashOfValues())
        {
            _draw(random);
        }

        _drawn = null;
    }

    /// <summary>The matrices are live, so that only their values tell whether anybody has written to them.</summary>
    private ulong HashOfValues()
    {
        ulong hash = 0;
        foreach (var parameter in _parameters)
        {
            hash = Hash.Add(hash, parameter.Values);
        }

        return hash;
    }
}
