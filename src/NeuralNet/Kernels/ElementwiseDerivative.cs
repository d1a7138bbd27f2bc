namespace NeuralNet.Kernels;

/// <summary>Computes f'(x), value by value, from x and y = f(x), whichever is cheaper.</summary>
/// <param name="x">x, any number of values.</param>
/// <param name="y">f(x), as many.</param>
/// <param name="derivative">Where f'(x) goes: as many values, in other memory; undefined before.</param>
public delegate void ElementwiseDerivative(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> derivative);
