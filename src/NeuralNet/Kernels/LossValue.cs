namespace NeuralNet.Kernels;

/// <summary>Computes E of one sample.</summary>
/// <param name="yTrue">The true values, column by column as MathNet stores a matrix.</param>
/// <param name="yPred">The predictions, as many.</param>
/// <returns>E.</returns>
public delegate double LossValue(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred);
