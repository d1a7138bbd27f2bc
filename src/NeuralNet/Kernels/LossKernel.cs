namespace NeuralNet.Kernels;

/// <summary>E of one sample.</summary>
internal delegate double LossValue(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred);

/// <summary>dE/dY of one sample.</summary>
internal delegate void LossDerivative(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, Span<double> error);

/// <summary>A named loss with its derivative.</summary>
internal sealed record LossKernel(string Name, LossValue Function, LossDerivative Derivative);
