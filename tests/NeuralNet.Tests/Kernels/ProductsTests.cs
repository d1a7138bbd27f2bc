using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>The products against their naive twins, on 10,000 random shapes each.</summary>
public class ProductsTests
{
    private const int Shapes = 10_000;

    private static readonly Gen<(int N, int M, int Seed)> s_sizes = Gen.Select(Length, Length, Gen.Int);

    [Fact]
    public void RowTimesMatrix() => s_sizes.Sample(
        (n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, w, b) = (values.Row(n), values.Dense(n * m), values.Dense(m));
            var (xs, ws, bs, ys) = (values.Border(x), values.Border(w), values.Border(b), values.Border(Unset(m)));

            Products.RowTimesMatrix(xs.Values, ws.Values, bs.Values, ys.Values);

            ys.ShouldBe(
                NaiveProducts.RowTimesMatrix(x, w, b), NaiveProducts.RowTimesMatrix(Absolute(x), Absolute(w), Absolute(b)), n + 1, "y");
            xs.ShouldBeExactly(x, "x");
            ws.ShouldBeExactly(w, "w");
            bs.ShouldBeExactly(b, "b");
        },
        iter: Shapes);

    [Fact]
    public void RowTimesTransposed() => s_sizes.Sample(
        (n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (y, w) = (values.Row(m), values.Dense(n * m));
            var (ys, ws, xs) = (values.Border(y), values.Border(w), values.Border(Unset(n)));

            Products.RowTimesTransposed(ys.Values, ws.Values, xs.Values);

            xs.ShouldBe(NaiveProducts.RowTimesTransposed(y, w, n), NaiveProducts.RowTimesTransposed(Absolute(y), Absolute(w), n), m, "x");
            ys.ShouldBeExactly(y, "y");
            ws.ShouldBeExactly(w, "w");
        },
        iter: Shapes);

    [Fact]
    public void AddOuter() => s_sizes.Sample(
        (n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, y, w, scale) = (values.Row(n), values.Row(m), values.Dense(n * m), values.Scale());
            var (xs, ys, ws) = (values.Border(x), values.Border(y), values.Border(w));

            Products.AddOuter(scale, xs.Values, ys.Values, ws.Values);

            ws.ShouldBe(
                NaiveProducts.AddOuter(scale, x, y, w),
                NaiveProducts.AddOuter(Math.Abs(scale), Absolute(x), Absolute(y), Absolute(w)),
                2,
                "w");
            xs.ShouldBeExactly(x, "x");
            ys.ShouldBeExactly(y, "y");
        },
        iter: Shapes);

    [Fact]
    public void AddScaled() => Gen.Select(Length, Gen.Int).Sample(
        (n, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, y, scale) = (values.Row(n), values.Dense(n), values.Scale());
            var (xs, ys) = (values.Border(x), values.Border(y));

            Products.AddScaled(scale, xs.Values, ys.Values);

            ys.ShouldBe(NaiveProducts.AddScaled(scale, x, y), NaiveProducts.AddScaled(Math.Abs(scale), Absolute(x), Absolute(y)), 2, "y");
            xs.ShouldBeExactly(x, "x");
        },
        iter: Shapes);

    [Fact]
    public void ARowOfMnistsSizeWithMostlyZeros() => Gen.Int.Sample(
        seed =>
        {
            var values = new KernelValues(seed);
            var (x, w, b) = (values.Row(784), values.Dense(784 * 101), values.Dense(101));
            var (xs, ws, bs, ys) = (values.Border(x), values.Border(w), values.Border(b), values.Border(Unset(101)));

            Products.RowTimesMatrix(xs.Values, ws.Values, bs.Values, ys.Values);
            ys.ShouldBe(
                NaiveProducts.RowTimesMatrix(x, w, b), NaiveProducts.RowTimesMatrix(Absolute(x), Absolute(w), Absolute(b)), 785, "y");

            Products.AddOuter(-0.1, xs.Values, bs.Values, ws.Values);
            ws.ShouldBe(NaiveProducts.AddOuter(-0.1, x, b, w), NaiveProducts.AddOuter(0.1, Absolute(x), Absolute(b), Absolute(w)), 2, "w");
        },
        iter: 50);

    [Fact]
    public void RowTimesTransposedThenAddOuter() => s_sizes.Sample(
        (n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, y, w, scale) = (values.Row(n), values.Row(m), values.Dense(n * m), values.Scale());
            var (xs, ys, ws, es) = (values.Border(x), values.Border(y), values.Border(w), values.Border(Unset(n)));

            Products.RowTimesTransposedThenAddOuter(scale, xs.Values, ys.Values, ws.Values, es.Values);

            es.ShouldBe(NaiveProducts.RowTimesTransposed(y, w, n), NaiveProducts.RowTimesTransposed(Absolute(y), Absolute(w), n), m, "e");
            ws.ShouldBe(
                NaiveProducts.AddOuter(scale, x, y, w),
                NaiveProducts.AddOuter(Math.Abs(scale), Absolute(x), Absolute(y), Absolute(w)),
                2,
                "w");
            xs.ShouldBeExactly(x, "x");
            ys.ShouldBeExactly(y, "y");
        },
        iter: Shapes);

    [Fact]
    public void TheWayBackInOneWalkHasTheBitsOfTheTwoWalks() => s_sizes.Sample(
        (n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, y, w) = (values.Row(n), values.Row(m), values.Dense(n * m));
            var (ws, es) = (values.Border(w), values.Border(Unset(n)));
            double[] e = Unset(n);

            Products.RowTimesTransposedThenAddOuter(-0.1, x, y, ws.Values, es.Values);
            Products.RowTimesTransposed(y, w, e);
            Products.AddOuter(-0.1, x, y, w);

            ws.ShouldBeExactly(w, "w");
            es.ShouldBeExactly(e, "e");
        },
        iter: Shapes);

    [Fact]
    public void RowsTooLongForTheStackAreDoneInTheSameWay()
    {
        var values = new KernelValues(1);
        var (x, w, b) = (values.Row(9001), values.Dense(9001 * 9), values.Dense(9));
        var (ws, ys) = (values.Border(w), values.Border(Unset(9)));

        Products.RowTimesMatrix(x, w, b, ys.Values);
        Products.AddOuter(0.5, x, b, ws.Values);

        ys.ShouldBe(NaiveProducts.RowTimesMatrix(x, w, b), NaiveProducts.RowTimesMatrix(Absolute(x), Absolute(w), Absolute(b)), 9002, "y");
        ws.ShouldBe(NaiveProducts.AddOuter(0.5, x, b, w), NaiveProducts.AddOuter(0.5, Absolute(x), Absolute(b), Absolute(w)), 2, "w");
    }

    [Fact]
    public void ASumHasFourLanesOnEveryMachineAndZerosLeaveNoTrace()
    {
        var values = new KernelValues(2);
        var (x, w, b) = (values.Dense(64), values.Dense(64 * 11), values.Dense(11));
        Array.Clear(x, 8, 24);
        double[] y = Unset(11);
        double[] updated = [.. w];

        Products.RowTimesMatrix(x, w, b, y);
        Products.AddOuter(-0.1, x, b, updated);

        y.Should().Equal(Enumerable.Range(0, 11).Select(j => LaneByLane(x, w, b, j)));
        Enumerable.Range(0, w.Length).Where(at => at % 64 is >= 8 and < 32 && updated[at] != w[at]).Should().BeEmpty();
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
}
