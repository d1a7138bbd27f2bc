namespace NeuralNet.Kernels;

/// <summary>Columns of the gradients of <see cref="RecurrentParameters"/>, to be added to.</summary>
internal readonly ref struct RecurrentGradients(Span<double> w, Span<double> u, Span<double> b, Span<double> recurrentB)
{
    public Span<double> W { get; } = w;

    public Span<double> U { get; } = u;

    public Span<double> B { get; } = b;

    public Span<double> RecurrentB { get; } = recurrentB;
}
