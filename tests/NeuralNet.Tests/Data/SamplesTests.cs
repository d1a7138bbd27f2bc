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
        Samples.FromRows([[1f, 2f, 3f], [4f, 5f, 6f]]).Should().Equal(s_rows);
        Samples.FromRows([1, 4], first => [first, first + 1, first + 2]).Should().Equal(s_rows);
        Samples.FromRows(new double[0, 3]).Should().BeEmpty();
        Samples.FromRows(Array.Empty<double[]>()).Should().BeEmpty();
        Samples.FromRows(Array.Empty<float[]>()).Should().BeEmpty();
        Samples.FromRows(Array.Empty<string>(), text => [text.Length]).Should().BeEmpty();
    }

    [Fact]
    public void WholeNumbersBetweenBracketsAreNotRoundedToFloats() =>
        Samples.FromRows([[16_777_217]])[0][0, 0].Should().Be(16_777_217);

    [Fact]
    public void ItemsAreReadOnce()
    {
        int read = 0;
        IEnumerable<int> Items()
        {
            read++;
            yield return 1;
            yield return 2;
        }

        Samples.FromRows(Items(), item => [item, item * item]).Should().Equal(Draw.Row(1, 1), Draw.Row(2, 4));
        read.Should().Be(1);
    }

    [Fact]
    public void SamplesComeBackAsRows()
    {
        var table = Matrices.Of([1, 2, 3], [4, 5, 6]);

        Samples.ToMatrix(Samples.FromRows(table)).Should().Be(table);
        Samples.ToRows(Samples.FromRows(table)).Should().BeEquivalentTo(new double[][] { [1, 2, 3], [4, 5, 6] });
        Samples.ToRows([Draw.Row(1), Draw.Row(2, 3)]).Select(row => row.Length).Should().Equal(1, 2);
        Samples.ToRows([]).Should().BeEmpty();

        var samples = s_rows.Select(row => row.Clone()).ToArray();
        var (rows, matrix) = (Samples.ToRows(samples), Samples.ToMatrix(samples));
        samples[0][0, 0] = 9;
        (rows[0][0], matrix[0, 0]).Should().Be((1, 1));
    }

    [Fact]
    public void WhatIsNoTableIsRefusedInWords()
    {
        FluentActions.Invoking(() => Samples.ToRows(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Samples.ToMatrix(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Samples.ToMatrix([])).Should().Throw<ArgumentException>().WithMessage("*at least one sample*");
        FluentActions.Invoking(() => Samples.ToMatrix([Draw.Row(1), Draw.Row(1, 2)])).Should().Throw<ArgumentException>()
            .WithMessage("*samples[0] has 1 values, samples[1] 2.*");
        FluentActions.Invoking(() => Samples.ToRows([Draw.Row(1), Matrices.Of([1], [2])])).Should().Throw<ArgumentException>()
            .WithMessage("*samples[1] is 2 x 1.*");
        FluentActions.Invoking(() => Samples.ToRows([null!])).Should().Throw<ArgumentException>().WithMessage("*samples[0] is null.*");
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
        Refused<ArgumentNullException>(() => Samples.FromRows((float[][])null!), "rows");
        Refused<ArgumentNullException>(() => Samples.FromRows((string[])null!, text => [text.Length]), "rows");
        Refused<ArgumentException>(() => Samples.FromRows([1f], _ => null), "rows[0] is null");
        Refused<ArgumentException>(() => Samples.FromRows([[1f], null!]), "rows[1] is null");
        Refused<ArgumentException>(() => Samples.FromRows([2, 1], length => new double[length]), "rows[0] has 2", "rows[1] 1");
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
