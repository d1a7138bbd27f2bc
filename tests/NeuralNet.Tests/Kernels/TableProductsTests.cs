using CsCheck;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Products of a table's rows, column by column, against those of each row by itself.</summary>
public class TableProductsTests
{
    private const int Shapes = 2000;
    private static readonly Gen<int> s_size = Gen.Int[1, 40];

    [Fact]
    public void RowsTimesMatrix() => Gen.Select(s_size, s_size, s_size, Gen.Int).Sample(
        (height, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            double[][] x = [.. Enumerable.Range(0, height).Select(_ => values.Row(n))];
            var (w, b) = (values.Dense(n * m), values.Dense(m));
            var (table, y) = (values.Border(ByColumns(x)), values.Border(KernelValues.Unset(height * m)));

            TableProducts.RowsTimesMatrix(table.Values, height, w, b, y.Values);

            y.ShouldBe(
                ByColumns([.. x.Select(row => NaiveProducts.RowTimesMatrix(row, w, b))]),
                ByColumns([.. x.Select(row => NaiveProducts.RowTimesMatrix(
                    KernelValues.Absolute(row), KernelValues.Absolute(w), KernelValues.Absolute(b)))]),
                n + 1,
                "y");
            table.ShouldBeExactly(ByColumns(x), "x");
        },
        iter: Shapes);

    [Fact]
    public void InputErrors() => Gen.Select(s_size, s_size, s_size, Gen.Int).Sample(
        (height, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            double[][] y = [.. Enumerable.Range(0, height).Select(_ => values.Row(m))];
            double[] w = values.Dense(n * m);
            var (table, e) = (values.Border(ByColumns(y)), values.Border(KernelValues.Unset(height * n)));

            TableProducts.InputErrors(table.Values, height, w, e.Values);

            e.ShouldBe(
                ByColumns([.. y.Select(row => NaiveProducts.RowTimesTransposed(row, w, n))]),
                ByColumns([.. y.Select(row => NaiveProducts.RowTimesTransposed(KernelValues.Absolute(row), KernelValues.Absolute(w), n))]),
                m,
                "e");
        },
        iter: Shapes);

    [Fact]
    public void GradientsOfWeightsAndBias() => Gen.Select(s_size, s_size, s_size, Gen.Int).Sample(
        (height, n, m, seed) =>
        {
            var values = new KernelValues(seed);
            double[][] x = [.. Enumerable.Range(0, height).Select(_ => values.Row(n))];
            double[][] error = [.. Enumerable.Range(0, height).Select(_ => values.Row(m))];
            var (weights, bias) = (values.Dense(n * m), values.Dense(m));
            var (w, b) = (values.Border([.. weights]), values.Border([.. bias]));

            TableProducts.AddOuters([.. x.SelectMany(row => row)], height, ByColumns(error), w.Values);
            TableProducts.AddColumnSums(ByColumns(error), height, b.Values);

            double[] sums = KernelValues.Absolute(weights);
            double[] biasSums = KernelValues.Absolute(bias);
            for (int row = 0; row < height; row++)
            {
                weights = NaiveProducts.AddOuter(1, x[row], error[row], weights);
                sums = NaiveProducts.AddOuter(1, KernelValues.Absolute(x[row]), KernelValues.Absolute(error[row]), sums);
                bias = [.. bias.Zip(error[row], (one, other) => one + other)];
                biasSums = [.. biasSums.Zip(error[row], (one, other) => one + Math.Abs(other))];
            }

            w.ShouldBe(weights, sums, height + 1, "w");
            b.ShouldBe(bias, biasSums, height + 1, "b");
        },
        iter: Shapes);

    private static double[] ByColumns(double[][] rows) =>
        [.. Enumerable.Range(0, rows[0].Length).SelectMany(column => rows.Select(row => row[column]))];
}
