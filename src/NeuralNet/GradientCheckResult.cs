using System.Globalization;

namespace NeuralNet;

/// <summary>Where an analytic derivative is farthest from the finite difference, and by how much.</summary>
/// <param name="WorstRelativeError">The greatest relative error found, 0 or more; a correct derivative stays below 1e-6.</param>
/// <param name="Where">The value it was found at: <c>dE/dX[2, 3]</c> or <c>dE/dWeights[1, 0]</c>.</param>
/// <param name="Analytic">The derivative that was computed there.</param>
/// <param name="Numeric">The finite difference there.</param>
public sealed record GradientCheckResult(double WorstRelativeError, string Where, double Analytic, double Numeric)
{
    /// <summary>All of it in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"worst relative error {WorstRelativeError:E2} at {Where}: analytic {Analytic:G10}, numeric {Numeric:G10}");
}
