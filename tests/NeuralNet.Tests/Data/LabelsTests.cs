using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Data;

namespace NeuralNet.Tests.Data;

public class LabelsTests
{
    [Fact]
    public void OneHotHasAOneAtTheLabel() => Labels.OneHot([2, 0]).Should().Equal(Matrices.Of([0, 0, 1]), Matrices.Of([1, 0, 0]));

    [Fact]
    public void OneHotTakesTheNumberOfClasses() => Labels.OneHot([1], 4).Should().Equal(Matrices.Of([0, 1, 0, 0]));

    [Fact]
    public void OneHotOfNothingIsNothing() => Labels.OneHot([]).Should().BeEmpty();

    [Fact]
    public void ArgMaxIsOneHotBack() => Labels.ArgMax(Labels.OneHot([3, 0, 2, 2])).Should().Equal(3, 0, 2, 2);

    [Fact]
    public void ArgMaxTakesTheFirstOfSeveralGreatest() => Labels.ArgMax(Matrices.Of([-2, -1, -1])).Should().Be(1);

    [Fact]
    public void BadLabelsAndRowsAreRefusedInWords()
    {
        FluentActions.Invoking(() => Labels.OneHot(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Labels.OneHot([0, -1])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*labels[1] is -1*");
        FluentActions.Invoking(() => Labels.OneHot([10], 10))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*from 0 to 9*labels[0] is 10*");
        FluentActions.Invoking(() => Labels.OneHot([0], 0))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*classes must be 1 or more, but is 0*");
        FluentActions.Invoking(() => Labels.ArgMax((Matrix<double>)null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Labels.ArgMax((IReadOnlyList<Matrix<double>>)null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Labels.ArgMax(Matrices.Of([1], [2])))
            .Should().Throw<ArgumentException>().WithMessage("*1 x classes*2 x 1*");
        FluentActions.Invoking(() => Labels.OneHot([int.MaxValue]))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*from 0 to 2147483646*labels[0] is 2147483647*");
        FluentActions.Invoking(() => Labels.ArgMax([Matrices.Of([1]), null!]))
            .Should().Throw<ArgumentException>().WithParameterName("rows").WithMessage("*1 x classes*null*rows[1]*");
        FluentActions.Invoking(() => Labels.ArgMax([Matrices.Of([1], [2])]))
            .Should().Throw<ArgumentException>().WithParameterName("rows").WithMessage("*1 x classes*2 x 1*rows[0]*");
        FluentActions.Invoking(() => Labels.ArgMax(Matrices.Of([1, double.NaN])))
            .Should().Throw<ArgumentException>().WithMessage("*NaN at [0, 1]*");
    }
}
