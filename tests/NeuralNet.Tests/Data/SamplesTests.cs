using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Tests.Data;

public class SamplesTests
{
    private static readonly Matrix<double>[] s_rows = [Matrices.Of([1, 2, 3]), Matrices.Of([4, 5, 6])];

    [Fact]
    public void EachRowIsASampleOfItsOwn()
    {
        Samples.FromRows(Matrices.Of([1, 2, 3], [4, 5, 6])).Should().Equal(s_rows);
        Samples.FromRows(Matrix<double>.Build.SparseOfMatrix(Matrices.Of([1, 2, 3], [4, 5, 6]))).Should().Equal(s_rows);
        Samples.FromRows(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } }).Should().Equal(s_rows);
        Samples.FromRows([[1, 2, 3], [4, 5, 6]]).Should().Equal(s_rows);
        Samples.FromRows(new double[0, 3]).Should().BeEmpty();
        Samples.FromRows(Array.Empty<double[]>()).Should().BeEmpty();
    }

    [Fact]
    public void TheSamplesAreDenseAndShareNothingWithTheTable()
    {
        var matrix = Matrices.Of([1, 2, 3], [4, 5, 6]);
        double[,] table = { { 1, 2, 3 }, { 4, 5, 6 } };
        double[][] arrays = [[1, 2, 3], [4, 5, 6]];
        IReadOnlyList<Matrix<double>>[] all = [Samples.FromRows(matrix), Samples.FromRows(table), Samples.FromRows(arrays)];

        (matrix[1, 1], table[1, 1], arrays[1][1]) = (9, 9, 9);

        foreach (var samples in all)
        {
            samples.Should().Equal(s_rows);
            samples.Should().OnlyContain(sample => sample.AsColumnMajorArray() != null);
        }
    }

    [Fact]
    public void ANetworkTrainsOnThem()
    {
        var x = Samples.FromRows([[0, 0], [0, 1], [1, 0], [1, 1]]);
        var y = Samples.FromRows([[0], [1], [1], [0]]);

        Draw.XorNetwork(2).Fit(x, y, 1, 0.1).Losses.Should().Equal(Draw.XorNetwork(2).Fit(Draw.XorX(), Draw.XorY(), 1, 0.1).Losses);
    }

    [Fact]
    public void WhatHasNoRowsOfOneLengthIsRefusedInWords()
    {
        Refused<ArgumentNullException>(() => Samples.FromRows((Matrix<double>)null!), "rows");
        Refused<ArgumentNullException>(() => Samples.FromRows((double[,])null!), "rows");
        Refused<ArgumentNullException>(() => Samples.FromRows((double[][])null!), "rows");
        Refused<ArgumentException>(() => Samples.FromRows(new double[2, 0]), "at least one value in each row");
        Refused<ArgumentException>(() => Samples.FromRows([[]]), "at least one value in each row");
        Refused<ArgumentException>(() => Samples.FromRows([[1], null!]), "rows[1] is null");
        Refused<ArgumentException>(() => Samples.FromRows([[1, 2], [3, 4], [5]]), "rows[0] has 2 values, rows[2] 1");
        Refused<ArgumentOutOfRangeException>(() =>
            Samples.FromRows(Matrix<double>.Build.Sparse(1, int.MaxValue)), "2,147,483,647", "2,147,483,591");

        static void Refused<TException>(Func<object> call, params string[] says)
            where TException : ArgumentException
        {
            var exception = call.Should().ThrowExactly<TException>().Which;
            exception.Message.Should().ContainAll(says);
            exception.ParamName.Should().Be("rows");
        }
    }
}
