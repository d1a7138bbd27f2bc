using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Matrices written by hand or drawn from a range, and compared bit for bit or to a relative error.</summary>
internal static class Matrices
{
    public static Matrix<double> Of(params double[][] rows) => Matrix<double>.Build.DenseOfRowArrays(rows);

    public static Matrix<double> Uniform(int rows, int columns, Random random, double low, double high) =>
        Matrix<double>.Build.Dense(rows, columns, (_, _) => low + ((high - low) * random.NextDouble()));

    public static Matrix<double>[] Clones(this IEnumerable<Matrix<double>> matrices) => [.. matrices.Select(matrix => matrix.Clone())];

    public static void ShouldBeBitForBit(this Matrix<double> actual, Matrix<double> expected, string what = "the matrix")
    {
        ShouldHaveShapeOf(actual, expected, what);
        foreach (var (row, column, value) in expected.EnumerateIndexed())
        {
            if (BitConverter.DoubleToInt64Bits(actual[row, column]) != BitConverter.DoubleToInt64Bits(value))
            {
                Assert.Fail(FormattableString.Invariant($"{what}[{row}, {column}] is {actual[row, column]:R}, expected exactly {value:R}"));
            }
        }
    }

    public static void ShouldBeBitForBit(this IReadOnlyList<Matrix<double>> actual, IReadOnlyList<Matrix<double>> expected, string what)
    {
        actual.Should().HaveCount(expected.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            actual[i].ShouldBeBitForBit(expected[i], FormattableString.Invariant($"{what}[{i}]"));
        }
    }

    /// <summary>Each |actual - expected| is at most relative * |expected| or absolute, whichever is more.</summary>
    public static void ShouldBeNear(
        this Matrix<double> actual, Matrix<double> expected, double relative, double absolute = 0, string what = "the matrix")
    {
        ShouldHaveShapeOf(actual, expected, what);
        foreach (var (row, column, value) in expected.EnumerateIndexed())
        {
            actual[row, column].ShouldBeNear(value, relative, absolute, FormattableString.Invariant($"{what}[{row}, {column}]"));
        }
    }

    /// <summary>Each pair of matrices, to a relative error of each value.</summary>
    public static void ShouldAllBeNear(
        this IReadOnlyList<Matrix<double>> actual, IReadOnlyList<Matrix<double>> expected, double relative, string what = "the matrix")
    {
        actual.Should().HaveSameCount(expected);
        for (int i = 0; i < actual.Count; i++)
        {
            actual[i].ShouldBeNear(expected[i], relative, relative * 0.01, FormattableString.Invariant($"{what}[{i}]"));
        }
    }

    public static void ShouldBeNear(this double actual, double expected, double relative, double absolute = 0, string what = "the value")
    {
        double difference = Math.Abs(actual - expected);

        // Written so that NaN fails.
        if (!(difference <= Math.Max(relative * Math.Abs(expected), absolute)))
        {
            Assert.Fail(FormattableString.Invariant($"{what} is {actual:R}, expected {expected:R}: off by {difference:E2}, which is ")
                + FormattableString.Invariant($"{difference / Math.Abs(expected):E2} of it"));
        }
    }

    private static void ShouldHaveShapeOf(Matrix<double> actual, Matrix<double> expected, string what) =>
        (actual.RowCount, actual.ColumnCount)
            .Should().Be((expected.RowCount, expected.ColumnCount), "that is the shape expected of {0}", what);
}
