namespace NeuralNet.Tests.Support;

/// <summary>
/// The generator in the golden files' recipe: s = (1664525 s + 1013904223) mod 2^32, value = s / 2^32. The default initializer takes
/// 0.5 off.
/// </summary>
internal sealed class GoldenRandom(uint seed) : Random
{
    private uint _state = seed;

    public override double NextDouble()
    {
        _state = unchecked((1664525 * _state) + 1013904223);
        return _state / 4294967296.0;
    }
}
