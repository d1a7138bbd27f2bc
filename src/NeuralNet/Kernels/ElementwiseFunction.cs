namespace NeuralNet.Kernels;

/// <summary>y = f(x), value by value.</summary>
internal delegate void Elementwise(ReadOnlySpan<double> x, Span<double> y);

/// <summary>f'(x), value by value, from x and y = f(x), whichever is cheaper.</summary>
internal delegate void ElementwiseDerivative(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> derivative);

/// <summary>A named function with its derivative.</summary>
internal sealed record ElementwiseFunction(string Name, Elementwise Function, ElementwiseDerivative Derivative);
