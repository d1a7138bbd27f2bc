using CsCheck;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Products of samples of several rows, against the naive ones of their rows.</summary>
public class RowwiseProductsTests
{
    private const int Shapes = 5_000;

    private static readonly Gen<(int Count, int Rows, int N, int M, int Seed)> s_sizes = Gen.Select(
        Gen.Int[1, 5], Gen.Int[2, 13], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int);

    [Fact]
    public void RowsTimesMatrix() => s_sizes.Sample(
        (count, rows, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, w, b) = (values.Row(count * rows * n), values.Dense(n * m), values.Dense(m));
            var (xs, ws, bs) = (values.Border(x), values.Border(w), values.Border(b));
            var (kept, ys) = (values.Border(KernelValues.Unset(x.Length)), values.Border(KernelValues.Unset(count * rows * m)));

            RowwiseProducts.RowsTimesMatrix(xs.Values, rows, ws.Values, bs.Values, kept.Values, ys.Values);

            double[] byRows = NaiveTransposition.ToRows(x, rows, n);
            kept.ShouldBeExactly(byRows, "x by rows");
            ys.ShouldBe(
                ToColumns(NaiveProducts.RowsTimesMatrix(byRows, count * rows, w, b), rows, m),
                ToColumns(Bound(byRows, count * rows, w, b), rows, m),
                n + 1,
                "y");
            xs.ShouldBeExactly(x, "x");
        },
        iter: Shapes);

    [Fact]
    public void InputErrors() => s_sizes.Sample(
        (count, rows, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (e, w) = (values.Row(count * rows * m), values.Dense(n * m));
            var (es, ws, inputErrors) = (values.Border(e), values.Border(w), values.Border(KernelValues.Unset(count * rows * n)));

            RowwiseProducts.InputErrors(es.Values, rows, ws.Values, m, inputErrors.Values);

            double[] byRows = NaiveTransposition.ToRows(e, rows, m);
            inputErrors.ShouldBe(
                ToColumns(NaiveProducts.InputErrors(byRows, count * rows, w, n), rows, n),
                ToColumns(NaiveProducts.InputErrors(KernelValues.Absolute(byRows), count * rows, KernelValues.Absolute(w), n), rows, n),
                m,
                "inputError");
            es.ShouldBeExactly(e, "e");
        },
        iter: Shapes);

    [Fact]
    public void GradientsOfColumnsHaveTheBitsOfTheWhole() => Gen.Select(s_sizes, Gen.Int[0, 40]).Sample(
        (sizes, cut) =>
        {
            var (count, rows, n, m, seed) = sizes;
            var values = new KernelValues(seed);
            var (x, e, w, b) = (values.Row(count * rows * n), values.Row(count * rows * m), values.Dense(n * m), values.Dense(m));
            var (ws, bs) = (values.Border(w), values.Border(b));
            double[] byRows = NaiveTransposition.ToRows(x, rows, n);
            int all = count * rows;

            foreach (var (from, to) in new[] { (0, Math.Min(cut, m)), (Math.Min(cut, m), m) })
            {
                RowwiseProducts.AddGradients(byRows, e, rows, n, m, from, to, ws.Values[(from * n)..(to * n)], bs.Values[from..to]);
            }

            double[] errors = NaiveTransposition.ToRows(e, rows, m);
            double[] weights = [.. w];
            double[] bias = [.. b];
            BatchProducts.AddOuters(byRows, errors, all, n, m, 0, m, weights);
            BatchProducts.AddColumnSums(errors, all, m, 0, m, bias);
            ws.ShouldBeExactly(weights, "w");
            bs.ShouldBeExactly(bias, "b");
            ws.ShouldBe(
                NaiveProducts.AddOuters(byRows, errors, all, w),
                NaiveProducts.AddOuters(KernelValues.Absolute(byRows), KernelValues.Absolute(errors), all, KernelValues.Absolute(w)),
                all + 1,
                "w");
        },
        iter: Shapes);

    [Fact]
    public void NothingIsAllocatedOnceTheScratchIsThere()
    {
        var values = new KernelValues(4);
        var (x, w, b) = (values.Dense(8 * 16 * 24), values.Dense(24 * 20), values.Dense(20));
        var (y, kept) = (new double[8 * 16 * 20], new double[8 * 16 * 24]);
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RowwiseProducts.RowsTimesMatrix(x, 16, w, b, kept, y);
            RowwiseProducts.AddGradients(kept, y, 16, 24, 20, 0, 20, w, b);
            RowwiseProducts.InputErrors(y, 16, w, 20, x);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.Should().Be(0);
    }

    private static double[] Bound(double[] x, int count, double[] w, double[] b) =>
        NaiveProducts.RowsTimesMatrix(KernelValues.Absolute(x), count, KernelValues.Absolute(w), KernelValues.Absolute(b));

    private static double[] ToColumns(double[] byRows, int rows, int columns) => NaiveTransposition.ToRows(byRows, columns, rows);
}
