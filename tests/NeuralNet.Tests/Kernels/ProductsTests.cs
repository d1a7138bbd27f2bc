using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>10,000 random shapes for each product, against the naive loops: with 0, 1, primes and tails, at every alignment, with blocks of zeros as in a digit.</summary>
public class ProductsTests
{
    private const int Shapes = 10_000;
    private static readonly int[] s_sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 16, 17, 23, 31, 37];

    [Fact]
    public void RowTimesMatrix() => EveryShape((n, m, draw) =>
    {
        var (x, w, b, y) = (draw.Row(n), draw.Values(n * m), draw.Values(m), draw.Guard(new double[m]));
        Products.RowTimesMatrix(draw.Guard(x).Span, draw.Guard(w).Span, draw.Guard(b).Span, y.Span);
        y.ShouldBeWithin(Naive.RowTimesMatrix(x, w, b), n + 1, $"y of {n} x {m}");
    });

    [Fact]
    public void RowTimesTransposed() => EveryShape((n, m, draw) =>
    {
        var (y, w, e) = (draw.Row(m), draw.Values(n * m), draw.Guard(draw.Values(n)));
        Products.RowTimesTransposed(draw.Guard(y).Span, draw.Guard(w).Span, e.Span);
        e.ShouldBeWithin(Naive.RowTimesTransposed(y, w, n), m, $"e of {n} x {m}");
    });

    [Fact]
    public void AddOuter() => EveryShape((n, m, draw) =>
    {
        var (x, y, w) = (draw.Row(n), draw.Row(m), draw.Values(n * m));
        var updated = draw.Guard(w);
        Products.AddOuter(-0.1, draw.Guard(x).Span, draw.Guard(y).Span, updated.Span);
        updated.ShouldBeWithin(Naive.AddOuter(-0.1, x, y, w), 2, $"W of {n} x {m}");
    });

    [Fact]
    public void RowTimesTransposedThenAddOuter() => EveryShape((n, m, draw) =>
    {
        var (x, y, w) = (draw.Row(n), draw.Row(m), draw.Values(n * m));
        var (updated, e) = (draw.Guard(w), draw.Guard(draw.Values(n)));
        Products.RowTimesTransposedThenAddOuter(-0.1, draw.Guard(x).Span, draw.Guard(y).Span, updated.Span, e.Span);
        e.ShouldBeWithin(Naive.RowTimesTransposed(y, w, n), m, $"e of {n} x {m}");
        updated.ShouldBeWithin(Naive.AddOuter(-0.1, x, y, w), 2, $"W of {n} x {m}");
    });

    [Fact]
    public void AddScaled() => EveryShape((n, m, draw) =>
    {
        var (x, y) = (draw.Row(n + m), draw.Values(n + m));
        var sum = draw.Guard(y);
        Products.AddScaled(0.3, draw.Guard(x).Span, sum.Span);
        sum.ShouldBeWithin(Naive.AddScaled(0.3, x, y), 2, $"y of {n + m}");
    });

    [Fact]
    public void TheWayBackInOneWalkHasTheBitsOfTheTwoWalks() => EveryShape((n, m, draw) =>
    {
        var (x, y, w) = (draw.Row(n), draw.Row(m), draw.Values(n * m));
        var (one, two, oneError, twoError) = (draw.Guard(w), draw.Guard(w), draw.Guard(new double[n]), draw.Guard(new double[n]));
        Products.RowTimesTransposedThenAddOuter(-0.1, x, y, one.Span, oneError.Span);
        Products.RowTimesTransposed(y, w, twoError.Span);
        Products.AddOuter(-0.1, x, y, two.Span);
        one.Values.Should().Equal(two.Values);
        oneError.Values.Should().Equal(twoError.Values);
    });

    [Fact]
    public void RowsTooLongForTheStackAreDoneInTheSameWay()
    {
        var draw = new KernelDraw(1);
        var (x, w, b, y) = (draw.Row(9001), draw.Values(9001 * 9), draw.Values(9), draw.Guard(new double[9]));
        Products.RowTimesMatrix(x, w, b, y.Span);
        y.ShouldBeWithin(Naive.RowTimesMatrix(x, w, b), 9002, "y of 9001 x 9");
        var updated = draw.Guard(w);
        Products.AddOuter(0.5, x, b, updated.Span);
        updated.ShouldBeWithin(Naive.AddOuter(0.5, x, b, w), 2, "W of 9001 x 9");
    }

    [Fact]
    public void ZeroBlocksAreLeftOutWithoutATrace()
    {
        var draw = new KernelDraw(2);
        var (x, w, b) = (draw.Values(64), draw.Values(64 * 11), draw.Values(11));
        Array.Clear(x, 8, 24);
        var (y, updated) = (new double[11], (double[])w.Clone());
        Products.RowTimesMatrix(x, w, b, y);
        Products.AddOuter(-0.1, x, b, updated);
        y.Should().Equal(Enumerable.Range(0, 11).Select(j => LaneByLane(x, w, b, j)), "a sum has four lanes, added (0 + 2) + (1 + 3), on every machine");
        updated.Where((value, at) => at % 64 is >= 8 and < 32 && value != w[at]).Should().BeEmpty();
    }

    private static double LaneByLane(double[] x, double[] w, double[] b, int j)
    {
        var lanes = new double[4];
        for (int i = 0; i < x.Length; i++)
        {
            lanes[i % 4] = Math.FusedMultiplyAdd(x[i], w[(j * x.Length) + i], lanes[i % 4]);
        }

        return b[j] + (lanes[0] + lanes[2] + (lanes[1] + lanes[3]));
    }

    private static void EveryShape(Action<int, int, KernelDraw> check)
    {
        var draw = new KernelDraw(7);
        for (int shape = 0; shape < Shapes; shape++)
        {
            check(draw.One(s_sizes), draw.One(s_sizes), draw);
        }
    }
}
