namespace NeuralNet.Kernels;

/// <summary>Computes y = f(x), value by value.</summary>
/// <param name="x">x, any number of values.</param>
/// <param name="y">Where f(x) goes: as many values, in other memory; undefined before.</param>
public delegate void Elementwise(ReadOnlySpan<double> x, Span<double> y);
