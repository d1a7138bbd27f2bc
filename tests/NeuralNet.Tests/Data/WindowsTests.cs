using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;
using static NeuralNet.Tests.Refusals;

namespace NeuralNet.Tests.Data;

public class WindowsTests
{
    [Fact]
    public void WindowsSlideOverASeriesAndTheirTargetsFollow()
    {
        var (x, y) = Windows.Of([1, 2, 3, 4, 5, 6], length: 3, horizon: 2);

        x.Should().Equal(Matrices.Of([1], [2], [3]), Matrices.Of([2], [3], [4]));
        y.Should().Equal(Draw.Row(4, 5), Draw.Row(5, 6));
    }

    [Fact]
    public void TargetsOfSeveralColumnsStandStepByStep()
    {
        var series = Matrices.Of([1, 10, 100], [2, 20, 200], [3, 30, 300], [4, 40, 400], [5, 50, 500]);

        var (x, y) = Windows.Of(series, length: 2, horizon: 2, stride: 1, targets: [2, 0]);

        x[1].Should().Be(Matrices.Of([2, 20, 200], [3, 30, 300]));
        y.Should().Equal(Draw.Row(300, 3, 400, 4), Draw.Row(400, 4, 500, 5));
        Windows.Of(series, 4).Y.Should().Equal(Draw.Row(5, 50, 500));
    }

    [Theory]
    [InlineData(10, 3, 1, 1, 7)]
    [InlineData(10, 3, 1, 2, 4)]
    [InlineData(10, 3, 2, 3, 2)]
    [InlineData(4, 3, 1, 1, 1)]
    [InlineData(4, 3, 1, 100, 1)]
    public void StrideLeavesOutStarts(int steps, int length, int horizon, int stride, int count)
    {
        var series = Enumerable.Range(0, steps).Select(i => (double)i).ToArray();

        var (x, y) = Windows.Of(series, length, horizon, stride);

        x.Should().HaveCount(count).And.HaveSameCount(y);
        for (int i = 0; i < count; i++)
        {
            x[i].Column(0).Should().Equal(series[(i * stride)..((i * stride) + length)]);
            y[i].Row(0).Should().Equal(series[((i * stride) + length)..((i * stride) + length + horizon)]);
        }
    }

    [Fact]
    public void WindowsAreDenseAndShareNothingWithTheSeries()
    {
        var series = Matrices.Of([1], [2], [3]);
        var (x, y) = Windows.Of(series, 2);
        series[1, 0] = 9;
        series[2, 0] = 9;

        x[0].Should().Be(Matrices.Of([1], [2]));
        y[0].Should().Be(Draw.Row(3));
        Windows.Of(Matrix<double>.Build.SparseOfMatrix(series), 2).X[0].AsColumnMajorArray().Should().Equal(1, 9);
    }

    [Fact]
    public void WhatHasNoWindowsIsRefusedInWords()
    {
        var series = Matrices.Of([1, 2], [3, 4], [5, 6]);
        Refused<ArgumentNullException>(() => Windows.Of((Matrix<double>)null!, 1), "series");
        Refused<ArgumentNullException>(() => Windows.Of((double[])null!, 1), "series");
        Refused<ArgumentException>(() => Windows.Of(Array.Empty<double>(), 1), "series", "no steps");
        Refused<ArgumentException>(() => Windows.Of(series, 3), "series", "4 steps or more", "3 x 2");
        Refused<ArgumentException>(() => Windows.Of(series, int.MaxValue, int.MaxValue), "series", "4294967294 steps");
        Refused<ArgumentOutOfRangeException>(() => Windows.Of(series, 0), "length", "1 or more");
        Refused<ArgumentOutOfRangeException>(() => Windows.Of(series, 1, 0), "horizon", "1 or more");
        Refused<ArgumentOutOfRangeException>(() => Windows.Of(series, 1, 1, 0), "stride", "1 or more");
        Refused<ArgumentException>(() => Windows.Of(series, 1, 1, 1, []), "targets", "from 0 to 1", "none");
        Refused<ArgumentException>(() => Windows.Of(series, 1, 1, 1, [0, 2]), "targets", "from 0 to 1", "0, 2");
        Refused<ArgumentException>(() => Windows.Of(series, 1, 1, 1, [-1]), "targets", "-1");
    }
}
