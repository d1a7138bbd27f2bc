namespace NeuralNet.Kernels;

/// <summary>The weights of a <see cref="RecurrentCell"/>, column by column.</summary>
/// <param name="w">W, inputs x gates.</param>
/// <param name="u">U, hidden x gates.</param>
/// <param name="b">b, of each gate.</param>
/// <param name="recurrentB">The bias of hU, where the cell has one of its own; else empty.</param>
internal readonly ref struct RecurrentParameters(
    ReadOnlySpan<double> w, ReadOnlySpan<double> u, ReadOnlySpan<double> b, ReadOnlySpan<double> recurrentB)
{
    public ReadOnlySpan<double> W { get; } = w;

    public ReadOnlySpan<double> U { get; } = u;

    public ReadOnlySpan<double> B { get; } = b;

    public ReadOnlySpan<double> RecurrentB { get; } = recurrentB;
}
