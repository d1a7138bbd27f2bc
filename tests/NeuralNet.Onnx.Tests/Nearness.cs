using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Tests;

/// <summary>Compares matrices relative to the greatest value expected in each.</summary>
internal static class Nearness
{
    public static void ShouldBeNear(this IReadOnlyList<Matrix<double>> actual, IReadOnlyList<Matrix<double>> expected, double tolerance)
    {
        actual.Should().HaveSameCount(expected);
        for (int i = 0; i < actual.Count; i++)
        {
            (actual[i].RowCount, actual[i].ColumnCount).Should().Be((expected[i].RowCount, expected[i].ColumnCount));
            double worst = (actual[i] - expected[i]).Enumerate().Max(Math.Abs);
            if (!(worst <= tolerance * expected[i].Enumerate().Max(Math.Abs)))
            {
                throw new Xunit.Sdk.XunitException($"Sample {i}: expected {expected[i]} within {tolerance}, but got {actual[i]}, {worst} away.");
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
