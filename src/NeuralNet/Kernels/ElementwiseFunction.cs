namespace NeuralNet.Kernels;

/// <summary>A named function with its derivative.</summary>
internal sealed record ElementwiseFunction(string Name, Elementwise Function, ElementwiseDerivative Derivative);
