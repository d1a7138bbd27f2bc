using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Compares matrices within 1e-12 of the greatest value in them, or of 1 where all are smaller.</summary>
internal static class Nearness
{
    private const double Tolerance = 1e-12;

    public static void ShouldBeNear(this IReadOnlyList<Matrix<double>> actual, IReadOnlyList<Matrix<double>> expected)
    {
        actual.Should().HaveSameCount(expected);
        for (int i = 0; i < actual.Count; i++)
        {
            actual[i].ShouldBeNear(expected[i]);
        }
    }

    public static void ShouldBeNear(this Matrix<double> actual, Matrix<double> expected)
    {
        (actual.RowCount, actual.ColumnCount).Should().Be((expected.RowCount, expected.ColumnCount));
        double scale = Math.Max(1, expected.Enumerate().Max(Math.Abs));
        double worst = (actual - expected).Enumerate().Max(Math.Abs) / scale;
        if (!(worst <= Tolerance))
        {
            throw new Xunit.Sdk.XunitException($"Expected {expected} within {Tolerance}, but got {actual}, {worst} away.");
        }
    }
}
