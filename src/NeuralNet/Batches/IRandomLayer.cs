namespace NeuralNet;

/// <summary>A layer that draws random numbers in training.</summary>
internal interface IRandomLayer
{
    /// <summary>The seed of a mini-batch, from the layer's own generator if it has one, else from <paramref name="random"/>.</summary>
    long NextSeed(Random? random);

    /// <summary>Draws the same numbers again and again, as a check by finite differences needs, until it is called with false.</summary>
    void Freeze(bool frozen);
}
