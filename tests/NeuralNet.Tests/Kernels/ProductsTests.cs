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

            ys.ShouldBe(NaiveProducts.RowTimesMatrix(x, w, b), NaiveProducts.RowTimesMatrix(Absolute(x), Absolute(w), Absolute(b)), n + 1, "y");
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

            ws.ShouldBe(NaiveProducts.AddOuter(scale, x, y, w), NaiveProducts.AddOuter(Math.Abs(scale), Absolute(x), Absolute(y), Absolute(w)), 2, "w");
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
            ys.ShouldBe(NaiveProducts.RowTimesMatrix(x, w, b), NaiveProducts.RowTimesMatrix(Absolute(x), Absolute(w), Absolute(b)), 785, "y");

            Products.AddOuter(-0.1, xs.Values, bs.Values, ws.Values);
            ws.ShouldBe(NaiveProducts.AddOuter(-0.1, x, b, w), NaiveProducts.AddOuter(0.1, Absolute(x), Absolute(b), Absolute(w)), 2, "w");
        },
        iter: 50);
}
