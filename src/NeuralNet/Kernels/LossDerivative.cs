namespace NeuralNet.Kernels;

/// <summary>Computes dE/dY of one sample.</summary>
/// <param name="yTrue">The true values, column by column as MathNet stores a matrix.</param>
/// <param name="yPred">The predictions, as many.</param>
/// <param name="error">Where dE/dY goes: as many values, in other memory; undefined before.</param>
public delegate void LossDerivative(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, Span<double> error);
