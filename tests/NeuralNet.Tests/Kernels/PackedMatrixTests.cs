using CsCheck;
using NeuralNet.Kernels;
using static NeuralNet.Tests.Kernels.KernelValues;

namespace NeuralNet.Tests.Kernels;

/// <summary>C += AB with A packed once, bit for bit against multiply-adds one by one, with strides that leave gaps.</summary>
public class PackedMatrixTests
{
    private static readonly Gen<int> s_size = Gen.Where(Length, length => length > 0);
    private static readonly Gen<int> s_depth = Gen.Frequency((9, s_size), (1, Gen.Int[255, 600]));

    [Fact]
    public void AddProduct() => Gen.Select(s_size, s_depth, Gen.OneOf(Gen.Const(1), Gen.Int[1, 30]), Gen.Bool, Gen.Bool, Gen.Int).Sample(
        (n, depth, columns, aByRows, bByRows, seed) =>
        {
            var values = new KernelValues(seed);
            int gap = seed & 3;
            var (aRow, aDepth) = aByRows ? (depth + gap, 1) : (1, n + gap);
            var (bDepth, bColumn) = bByRows ? (columns + gap, 1) : (1, depth + gap);
            int cStride = n + gap;
            double[] a = values.Dense((n + gap) * (depth + gap));
            double[] b = values.Dense((columns + gap) * (depth + gap));
            double[] c = values.Dense((columns * cStride) + gap);
            double[] expected = [.. c];
            for (int j = 0; j < columns; j++)
            {
                for (int i = 0; i < n; i++)
                {
                    for (int k = 0; k < depth; k++)
                    {
                        ref double sum = ref expected[(j * cStride) + i];
                        sum = Math.FusedMultiplyAdd(a[(i * aRow) + (k * aDepth)], b[(k * bDepth) + (j * bColumn)], sum);
                    }
                }
            }

            var cs = values.Border(c);
            var packed = new PackedMatrix(a, n, depth, aRow, aDepth, Unset(PackedMatrix.Size(n, depth)));
            packed.AddProduct(b, bDepth, bColumn, columns, cs.Values, cStride);

            cs.ShouldBeExactly(expected, "c");
        },
        iter: 3000);
}
