using CsCheck;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

public class TranspositionTests
{
    [Fact]
    public void ToRowsAndBackToColumns() => Gen.Select(KernelValues.Length, KernelValues.Length, Gen.Int[0, 4], Gen.Int).Sample(
        (rows, columns, matrices, seed) =>
        {
            var values = new KernelValues(seed);
            double[] source = values.Row(rows * columns * matrices);
            var (sources, targets) = (values.Border(source), values.Border(KernelValues.Unset(source.Length)));

            Transposition.ToRows(sources.Values, rows, columns, targets.Values);

            targets.ShouldBeExactly(NaiveTransposition.ToRows(source, rows, columns), "target");
            sources.ShouldBeExactly(source, "source");

            var back = values.Border(KernelValues.Unset(source.Length));
            Transposition.ToColumns(targets.Values, rows, columns, back.Values);
            back.ShouldBeExactly(source, "back");
        },
        iter: 10_000);
}
