using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

public class LookupTests
{
    [Fact]
    public void RowsAreFoundByTheirNumbersAndErrorsAddedToThem() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 6], Gen.Int[1, 20], Gen.Int).Sample(
            (rows, columns, steps, seed) =>
            {
                var values = new KernelValues(seed);
                double[] numbers = [.. values.Dense(steps).Select(value => Math.Floor((value + 2) / 4 * rows))];
                double[] w = values.Dense(rows * columns);
                double[] e = values.Row(steps * columns);
                int from = (seed & 0xFFFF) % columns;
                var (ys, ws) = (values.Border(Unset(steps * columns)), values.Border(w[(from * rows)..]));

                Lookup.Rows(numbers, w, rows, ys.Values);
                Lookup.AddRows(numbers, e, rows, from, columns, ws.Values);

                ys.ShouldBeExactly([.. Enumerable.Range(0, e.Length).Select(i => w[(i / steps * rows) + (int)numbers[i % steps]])], "y");
                double[] sums = [.. w];
                for (int i = 0; i < e.Length; i++)
                {
                    sums[(i / steps * rows) + (int)numbers[i % steps]] += e[i];
                }

                ws.ShouldBeExactly(sums[(from * rows)..], "w");
                Lookup.FirstOutside(numbers, rows).Should().Be(-1);
            },
            iter: 2000);

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    [InlineData(1.5)]
    [InlineData(-1e-300)]
    [InlineData(1e300)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void WhatIsNoRowIsFound(double value) => Lookup.FirstOutside([0, 2, -0.0, value, value], 3).Should().Be(3);
}
