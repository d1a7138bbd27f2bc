using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// r, z = σ(...), m = b' + hU of the third gate, n = tanh(b + xW + r m), h = (1 - z) n + z h(t-1). A row is r, z, m and n.
/// </summary>
internal sealed class GruCell(int inputs, int hidden)
    : RecurrentCell(
        inputs, hidden, gates: 3 * hidden, products: 4 * hidden, row: 4 * hidden, (0, 2 * hidden, 0), (2 * hidden, 3 * hidden, 3 * hidden))
{
    protected override void Start(RecurrentParameters parameters, Span<double> products)
    {
        int two = 2 * Hidden;
        TensorPrimitives.Add(parameters.B[..two], parameters.RecurrentB[..two], products);
        parameters.RecurrentB[two..].CopyTo(Part(products, 2));
        parameters.B[two..].CopyTo(Part(products, 3));
    }

    protected override void Forward(
        Span<double> row, ReadOnlySpan<double> previous, ReadOnlySpan<double> previousHidden, Span<double> hidden)
    {
        var resetGate = Part(row, 0);
        var updateGate = Part(row, 1);
        var product = Part(row, 2);
        var candidate = Part(row, 3);
        for (int k = 0; k < hidden.Length; k += Lanes4.Count)
        {
            var r = Sigmoid(Lanes4.Load(resetGate, k));
            var z = Sigmoid(Lanes4.Load(updateGate, k));
            var n = Elementary.Tanh(Vector256.FusedMultiplyAdd(r, Lanes4.Load(product, k), Lanes4.Load(candidate, k)));
            Lanes4.Store(r, resetGate, k);
            Lanes4.Store(z, updateGate, k);
            Lanes4.Store(n, candidate, k);
            var h = Vector256.FusedMultiplyAdd(z, Lanes4.Load(previousHidden, k), (Vector256<double>.One - z) * n);
            Lanes4.Store(h, hidden, k);
        }
    }

    protected override void Backward(
        Span<double> row,
        ReadOnlySpan<double> previous,
        ReadOnlySpan<double> previousHidden,
        ReadOnlySpan<double> hidden,
        Span<double> hiddenError,
        Span<double> carried)
    {
        var resetGate = Part(row, 0);
        var updateGate = Part(row, 1);
        var product = Part(row, 2);
        var candidate = Part(row, 3);
        var one = Vector256<double>.One;
        for (int k = 0; k < hidden.Length; k += Lanes4.Count)
        {
            var (r, z) = (Lanes4.Load(resetGate, k), Lanes4.Load(updateGate, k));
            var (m, n) = (Lanes4.Load(product, k), Lanes4.Load(candidate, k));
            var dh = Lanes4.Load(hiddenError, k);
            var dn = dh * (one - z) * (one - (n * n));
            Lanes4.Store(dn * m * (r * (one - r)), resetGate, k);
            Lanes4.Store(dh * (Lanes4.Load(previousHidden, k) - n) * (z * (one - z)), updateGate, k);
            Lanes4.Store(dn * r, product, k);
            Lanes4.Store(dn, candidate, k);
            Lanes4.Store(dh * z, hiddenError, k);
        }
    }

    private Span<double> Part(Span<double> row, int part) => row.Slice(part * Hidden, Hidden);
}
