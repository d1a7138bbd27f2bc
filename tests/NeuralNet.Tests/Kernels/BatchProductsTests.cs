using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>
/// The products of a batch against their naive twins, and bit for bit against the products of single samples, on 10,000 random shapes each.
/// </summary>
public class BatchProductsTests
{
    private const int Shapes = 10_000;

    private static readonly Gen<(int Count, int N, int M, int Seed)> s_sizes =
        Gen.Select(Gen.Frequency((4, Gen.Int[0, 9]), (1, Gen.Int[10, 35])), Length, Length, Gen.Int);

    [Fact]
    public void RowsTimesMatrix() => s_sizes.Sample(
        (count, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, w, b) = (values.Row(count * n), values.Dense(n * m), values.Dense(m));
            var (xs, ws, bs, ys) = (values.Border(x), values.Border(w), values.Border(b), values.Border(Unset(count * m)));

            BatchProducts.RowsTimesMatrix(xs.Values, count, ws.Values, bs.Values, ys.Values);

            ys.ShouldBe(
                NaiveProducts.RowsTimesMatrix(x, count, w, b),
                NaiveProducts.RowsTimesMatrix(Absolute(x), count, Absolute(w), Absolute(b)),
                n + 1,
                "y");
            ys.ShouldBeExactly(SampleBySample(x, count, w, b), "y");
            xs.ShouldBeExactly(x, "x");
            ws.ShouldBeExactly(w, "w");
            bs.ShouldBeExactly(b, "b");
        },
        iter: Shapes);

    [Fact]
    public void InputErrors() => s_sizes.Sample(
        (count, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (y, w) = (values.Row(count * m), values.Dense(n * m));
            var (ys, ws, es) = (values.Border(y), values.Border(w), values.Border(Unset(count * n)));

            BatchProducts.InputErrors(ys.Values, count, ws.Values, es.Values);

            es.ShouldBe(NaiveProducts.InputErrors(y, count, w, n), NaiveProducts.InputErrors(Absolute(y), count, Absolute(w), n), m, "e");
            es.ShouldBeExactly(InputErrorsOfEachSample(y, count, w, n), "e");
            ys.ShouldBeExactly(y, "y");
            ws.ShouldBeExactly(w, "w");
        },
        iter: Shapes);

    [Fact]
    public void AddOuters() => s_sizes.Sample(
        (count, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            var (x, e, w) = (values.Row(count * n), values.Row(count * m), values.Dense(n * m));
            var (xs, es, ws) = (values.Border(x), values.Border(e), values.Border(w));

            BatchProducts.AddOuters(xs.Values, es.Values, count, n, m, 0, m, ws.Values);

            ws.ShouldBe(
                NaiveProducts.AddOuters(x, e, count, w),
                NaiveProducts.AddOuters(Absolute(x), Absolute(e), count, Absolute(w)),
                count + 1,
                "w");
            ws.ShouldBeExactly(AddOuterOfEachSample(x, e, count, w), "w");
            xs.ShouldBeExactly(x, "x");
            es.ShouldBeExactly(e, "e");
        },
        iter: Shapes);

    [Fact]
    public void AddColumnSums() => s_sizes.Sample(
        (count, from, m, seed) =>
        {
            var values = new KernelValues(seed);
            (from, int to) = (Math.Min(from, m), m - (Math.Abs(seed % 3) * Math.Max(0, m - from) / 4));
            var (e, b) = (values.Row(count * m), values.Dense(m));
            var (es, bs) = (values.Border(e), values.Border(b));

            BatchProducts.AddColumnSums(es.Values, count, m, from, to, bs.Values[from..to]);

            bs.ShouldBe(
                NaiveProducts.AddColumnSums(e, count, from, to, b),
                NaiveProducts.AddColumnSums(Absolute(e), count, from, to, Absolute(b)),
                count,
                "b");
            es.ShouldBeExactly(e, "e");
        },
        iter: Shapes);

    [Fact]
    public void SlicesOfSamplesAndColumnsHaveTheBitsOfTheWhole() => Gen.Select(s_sizes, Gen.Int[1, 20]).Sample(
        (sizes, step) =>
        {
            var (count, n, m, seed) = sizes;
            var values = new KernelValues(seed);
            var (x, y, w, b) = (values.Row(count * n), values.Row(count * m), values.Dense(n * m), values.Dense(m));
            var (outputs, errors, sums) = (values.Border(Unset(count * m)), values.Border(Unset(count * n)), values.Border(b));
            var updated = values.Border(w);

            for (int s = 0; s < count; s += step)
            {
                int samples = Math.Min(step, count - s);
                BatchProducts.RowsTimesMatrix(x.AsSpan(s * n, samples * n), samples, w, b, outputs.Values.Slice(s * m, samples * m));
                BatchProducts.InputErrors(y.AsSpan(s * m, samples * m), samples, w, errors.Values.Slice(s * n, samples * n));
            }

            for (int j = 0; j < m; j += step)
            {
                int to = Math.Min(j + step, m);
                BatchProducts.AddOuters(x, y, count, n, m, j, to, updated.Values[(j * n)..(to * n)]);
                BatchProducts.AddColumnSums(y, count, m, j, to, sums.Values[j..to]);
            }

            double[] allErrors = Unset(count * n);
            double[] allOutputs = Unset(count * m);
            BatchProducts.RowsTimesMatrix(x, count, w, b, allOutputs);
            BatchProducts.InputErrors(y, count, w, allErrors);
            BatchProducts.AddOuters(x, y, count, n, m, 0, m, w);
            BatchProducts.AddColumnSums(y, count, m, 0, m, b);
            outputs.ShouldBeExactly(allOutputs, "y");
            errors.ShouldBeExactly(allErrors, "e");
            updated.ShouldBeExactly(w, "w");
            sums.ShouldBeExactly(b, "b");
        },
        iter: Shapes);

    [Theory]
    [InlineData(5, 7001, 9)]
    [InlineData(130, 401, 13)]
    [InlineData(520, 20, 23)]
    [InlineData(7, 18, 530)]
    [InlineData(210, 11, 300)]
    [InlineData(1500, 9, 5)]
    public void WhatIsLargerThanOneBlockHasTheSameBits(int count, int n, int m)
    {
        var values = new KernelValues(count);
        var (x, y, w, b) = (values.Row(count * n), values.Row(count * m), values.Dense(n * m), values.Dense(m));
        var (outputs, errors, updated) = (values.Border(Unset(count * m)), values.Border(Unset(count * n)), values.Border(w));

        BatchProducts.RowsTimesMatrix(x, count, w, b, outputs.Values);
        BatchProducts.InputErrors(y, count, w, errors.Values);
        BatchProducts.AddOuters(x, y, count, n, m, 0, m, updated.Values);

        outputs.ShouldBeExactly(SampleBySample(x, count, w, b), "y");
        errors.ShouldBeExactly(InputErrorsOfEachSample(y, count, w, n), "e");
        updated.ShouldBeExactly(AddOuterOfEachSample(x, y, count, w), "w");
    }

    [Fact]
    public void ZerosThatAllSamplesShareMeetNoWeight()
    {
        var values = new KernelValues(3);
        var (x, y, w, b) = (values.Dense(6 * 40), values.Dense(6 * 7), values.Dense(40 * 7), values.Dense(7));
        double[] outputs = Unset(6 * 7);
        for (int s = 0; s < 6; s++)
        {
            Array.Clear(x, (s * 40) + 16, 8);
        }

        for (int j = 0; j < 7; j++)
        {
            Array.Fill(w, double.NaN, (j * 40) + 16, 8);
        }

        BatchProducts.RowsTimesMatrix(x, 6, w, b, outputs);
        outputs.Should().OnlyContain(value => double.IsFinite(value));

        Array.Fill(y, double.NaN);
        Array.Clear(w);
        BatchProducts.AddOuters(x, y, 6, 40, 7, 0, 7, w);
        Enumerable.Range(0, w.Length).Should().OnlyContain(at => double.IsNaN(w[at]) != (at % 40 >= 16 && at % 40 < 24));
    }

    [Fact]
    public void NothingIsAllocatedOnceTheScratchIsThere()
    {
        var values = new KernelValues(4);
        var (x, y, w, b) = (values.Row(32 * 784), values.Dense(32 * 100), values.Dense(784 * 100), values.Dense(100));
        double[] e = Unset(32 * 784);
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            BatchProducts.AddOuters(x, y, 32, 784, 100, 0, 100, w);
            BatchProducts.AddColumnSums(y, 32, 100, 0, 100, b);
            BatchProducts.InputErrors(y, 32, w, e);
            BatchProducts.RowsTimesMatrix(x, 32, w, b, y);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.Should().Be(0);
    }

    private static double[] SampleBySample(double[] x, int count, double[] w, double[] b)
    {
        double[] y = Unset(count * b.Length);
        for (int s = 0; s < count; s++)
        {
            int n = x.Length / count;
            Products.RowTimesMatrix(x.AsSpan(s * n, n), w, b, y.AsSpan(s * b.Length, b.Length));
        }

        return y;
    }

    private static double[] InputErrorsOfEachSample(double[] y, int count, double[] w, int n)
    {
        double[] e = Unset(count * n);
        for (int s = 0; s < count; s++)
        {
            int m = y.Length / count;
            Products.RowTimesTransposed(y.AsSpan(s * m, m), w, e.AsSpan(s * n, n));
        }

        return e;
    }

    private static double[] AddOuterOfEachSample(double[] x, double[] e, int count, double[] w)
    {
        double[] updated = [.. w];
        for (int s = 0; s < count; s++)
        {
            var (n, m) = (x.Length / count, e.Length / count);
            Products.AddOuter(1, x.AsSpan(s * n, n), e.AsSpan(s * m, m), updated);
        }

        return updated;
    }
}
