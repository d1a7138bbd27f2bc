using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The derivative dE/dY of a <see cref="Loss"/> by the prediction.</summary>
/// <param name="yTrue">What the output should be.</param>
/// <param name="yPred">The network's output, in the same shape.</param>
/// <returns>dE/dY, in the shape of <paramref name="yPred"/>.</returns>
public delegate Matrix<double> LossPrime(Matrix<double> yTrue, Matrix<double> yPred);
