using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Tests;

/// <summary>Compares matrices relative to the greatest value expected in each.</summary>
internal static class Nearness
{
    /// <param name="actual">What is compared.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="tolerance">Relative to the greatest value.</param>
    /// <param name="least">What that value counts as at least: a sum may cancel to far less than what its parts were rounded by.</param>
    public static void ShouldBeNear(
        this IReadOnlyList<Matrix<double>> actual, IReadOnlyList<Matrix<double>> expected, double tolerance, double least = 0)
    {
        actual.Should().HaveSameCount(expected);
        for (int i = 0; i < actual.Count; i++)
        {
            (actual[i].RowCount, actual[i].ColumnCount).Should().Be((expected[i].RowCount, expected[i].ColumnCount));
            double worst = (actual[i] - expected[i]).Enumerate().Max(Math.Abs);
            if (!(worst <= tolerance * Math.Max(least, expected[i].Enumerate().Max(Math.Abs))))
            {
                throw new Xunit.Sdk.XunitException(
                    $"Sample {i}: expected {expected[i]} within {tolerance}, but got {actual[i]}, {worst} away.");
            }
        }
    }

    public static void ShouldBeTheSameBitsAs(this IReadOnlyList<Matrix<double>> actual, IReadOnlyList<Matrix<double>> expected)
    {
        actual.Should().HaveSameCount(expected);
        for (int i = 0; i < actual.Count; i++)
        {
            (actual[i].RowCount, actual[i].ColumnCount).Should().Be((expected[i].RowCount, expected[i].ColumnCount));
            Bits(actual[i]).Should().Equal(Bits(expected[i]));
        }
    }

    private static long[] Bits(Matrix<double> matrix) => Array.ConvertAll(matrix.ToColumnMajorArray(), BitConverter.DoubleToInt64Bits);
}
