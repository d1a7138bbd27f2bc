using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Attention against its formulas.</summary>
public class AttentionTests
{
    [Fact]
    public void ValuesAndDerivativesAreTheFormulas() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 9], Gen.Int[1, 4], Gen.Bool, Gen.Int).Sample(
            (steps, headSize, heads, causal, seed) =>
            {
                var shape = new AttentionShape(steps, headSize * heads, heads, causal);
                var values = new KernelValues(seed);
                double[] projected = values.Row(3 * shape.Values);
                double[] error = values.Row(shape.Values);
                var (qkv, y) = (values.Border([.. projected]), values.Border(KernelValues.Unset(shape.Values)));
                var weights = values.Border(KernelValues.Unset(heads * shape.HeadWeights));
                var inputErrors = values.Border(KernelValues.Unset(projected.Length));

                Attention.Apply(shape, qkv.Values, weights.Values, y.Values);
                Attention.InputErrors(shape, qkv.Values, weights.Values, error, inputErrors.Values);

                Matrix<double> Table(double[] columns) => Matrix<double>.Build.Dense(steps, columns.Length / steps, columns);
                var naive = NaiveAttention.Apply(shape, Table(projected));
                var naiveErrors = NaiveAttention.InputErrors(shape, Table(projected), Table(error));
                Near(y, naive.Y, "y");
                Near(weights, naive.Weights.Aggregate((left, right) => left.Append(right)), "weights");
                Near(inputErrors, naiveErrors, "inputErrors");
            },
            iter: 2000);

    /// <summary>A power's relative error is the score's absolute one: 4 values times 9 by head, times a few.</summary>
    private static void Near(Bordered actual, Matrix<double> expected, string what)
    {
        double greatest = Math.Max(1, expected.Enumerate().Max(Math.Abs));
        actual.ShouldBe(expected.ToColumnMajorArray(), [.. Enumerable.Repeat(greatest, actual.Length)], 2000, what);
    }
}
