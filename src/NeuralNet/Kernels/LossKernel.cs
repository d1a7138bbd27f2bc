namespace NeuralNet.Kernels;

/// <summary>A named loss with its derivative.</summary>
internal sealed record LossKernel(string Name, LossValue Function, LossDerivative Derivative);
