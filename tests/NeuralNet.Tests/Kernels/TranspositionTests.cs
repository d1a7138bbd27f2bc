using CsCheck;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

public class TranspositionTests
{
    [Fact]
    public void Planes() => Gen.Select(KernelValues.Length, KernelValues.Length, Gen.Int[0, 4], Gen.Int).Sample(
        (rows, columns, planes, seed) =>
        {
            var values = new KernelValues(seed);
            double[] source = values.Row(rows * columns * planes);
            var (sources, targets) = (values.Border(source), values.Border(KernelValues.Unset(source.Length)));

            Transposition.Planes(sources.Values, rows, columns, targets.Values);

            targets.ShouldBeExactly(NaiveTransposition.Planes(source, rows, columns), "target");
            sources.ShouldBeExactly(source, "source");

            // And back.
            Transposition.Planes(targets.Values, columns, rows, sources.Values);
            sources.ShouldBeExactly(source, "source");
        },
        iter: 10_000);
}
