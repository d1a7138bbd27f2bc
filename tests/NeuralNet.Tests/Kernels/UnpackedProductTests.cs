using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>y += xW for one row, bit for bit against multiply-adds one by one, and so against a packed matrix.</summary>
public class UnpackedProductTests
{
    [Fact]
    public void AddRow() => Gen.Select(Length, Length, Gen.Int).Sample(
        (n, m, seed) =>
        {
            var values = new KernelValues(seed);
            double[] x = values.Row(n);
            double[] w = values.Dense(n * m);
            double[] y = values.Dense(m);
            double[] expected = [.. y];
            for (int j = 0; j < m; j++)
            {
                for (int i = 0; i < n; i++)
                {
                    expected[j] = Math.FusedMultiplyAdd(x[i], w[(j * n) + i], expected[j]);
                }
            }

            var (xs, ws, ys) = (values.Border(x), values.Border(w), values.Border(y));
            UnpackedProduct.AddRow(xs.Values, ws.Values, ys.Values);

            ys.ShouldBeExactly(expected, "y");
        },
        iter: 3000);

    [Fact]
    public void AMatrixThatIsTooSmallIsRefused() =>
        FluentActions.Invoking(() => UnpackedProduct.AddRow(new double[4], new double[63], new double[16]))
            .Should().Throw<ArgumentOutOfRangeException>();
}
