using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>
/// A layer's weights and bias, and how they start: from a generator that the layer was given, or from the seed of the network that it comes
/// into.
/// </summary>
internal sealed class InitialWeights
{
    private readonly Initializer _initializer;
    private readonly (int In, int Out) _fans;

    /// <summary>The hash of what was drawn without a generator; null where nothing is to be drawn any more.</summary>
    private ulong? _drawn;

    /// <param name="owner">The layer.</param>
    /// <param name="shape">The weights' rows and columns; the bias is a row of as many columns.</param>
    /// <param name="fans">How many inputs lead to each output, and how many outputs from each input.</param>
    /// <param name="initializer">How they start; the article's way where none is given.</param>
    /// <param name="random">Where random numbers come from; <see cref="Random.Shared"/> where none is given.</param>
    public InitialWeights(Layer owner, (int Rows, int Columns) shape, (int In, int Out) fans, Initializer? initializer, Random? random)
    {
        (_initializer, _fans) = (initializer ?? Initializer.Default, fans);
        Weights = new Parameter("Weights", shape.Rows, shape.Columns) { Owner = owner };
        Bias = new Parameter("Bias", 1, shape.Columns) { Owner = owner };
        Draw(random ?? Random.Shared);
        _drawn = random is null ? HashOfValues() : null;
    }

    public Parameter Weights { get; }

    public Parameter Bias { get; }

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
            Draw(random);
        }

        _drawn = null;
    }

    private void Draw(Random random) => _initializer.Draw(Weights, Bias, _fans, random);

    /// <summary>The matrices are live, so that only their values tell whether anybody has written to them.</summary>
    private ulong HashOfValues() => Hash.Add(Hash.Add(0, Weights.Values), Bias.Values);
}
