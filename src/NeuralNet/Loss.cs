using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The error E of one sample.</summary>
/// <param name="yTrue">What the output should be.</param>
/// <param name="yPred">The network's output, in the same shape.</param>
public delegate double Loss(Matrix<double> yTrue, Matrix<double> yPred);
