using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>i, f, o = σ(...), g = tanh(...), c = f c(t-1) + i g, h = o tanh(c). A row is i, f, g, o, c and tanh(c).</summary>
internal sealed class LstmCell(int inputs, int hidden)
    : RecurrentCell(inputs, hidden, gates: 4 * hidden, products: 4 * hidden, row: 6 * hidden, (0, 4 * hidden, 0))
{
    protected override void Start(RecurrentParameters parameters, Span<double> products) => parameters.B.CopyTo(products);

    protected override void Forward(
        Span<double> row, ReadOnlySpan<double> previous, ReadOnlySpan<double> previousHidden, Span<double> hidden)
    {
        var inputGate = Part(row, 0);
        var forgetGate = Part(row, 1);
        var candidate = Part(row, 2);
        var outputGate = Part(row, 3);
        var cell = Part(row, 4);
        var cellTanh = Part(row, 5);
        var previousCell = Part(previous, 4);
        for (int k = 0; k < hidden.Length; k += Lanes4.Count)
        {
            var i = Sigmoid(Lanes4.Load(inputGate, k));
            var f = Sigmoid(Lanes4.Load(forgetGate, k));
            var g = Elementary.Tanh(Lanes4.Load(candidate, k));
            var o = Sigmoid(Lanes4.Load(outputGate, k));
            var c = Vector256.FusedMultiplyAdd(f, Lanes4.Load(previousCell, k), i * g);
            var tanh = Elementary.Tanh(c);
            Lanes4.Store(i, inputGate, k);
            Lanes4.Store(f, forgetGate, k);
            Lanes4.Store(g, candidate, k);
            Lanes4.Store(o, outputGate, k);
            Lanes4.Store(c, cell, k);
            Lanes4.Store(tanh, cellTanh, k);
            Lanes4.Store(o * tanh, hidden, k);
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
        var inputGate = Part(row, 0);
        var forgetGate = Part(row, 1);
        var candidate = Part(row, 2);
        var outputGate = Part(row, 3);
        var cellTanh = Part(row, 5);
        var previousCell = Part(previous, 4);
        var one = Vector256<double>.One;
        for (int k = 0; k < hidden.Length; k += Lanes4.Count)
        {
            var (i, f) = (Lanes4.Load(inputGate, k), Lanes4.Load(forgetGate, k));
            var (g, o) = (Lanes4.Load(candidate, k), Lanes4.Load(outputGate, k));
            var tanh = Lanes4.Load(cellTanh, k);
            var dh = Lanes4.Load(hiddenError, k);
            var dc = Lanes4.Load(carried, k) + (dh * o * (one - (tanh * tanh)));
            Lanes4.Store(dc * f, carried, k);
            Lanes4.Store(dc * g * (i * (one - i)), inputGate, k);
            Lanes4.Store(dc * Lanes4.Load(previousCell, k) * (f * (one - f)), forgetGate, k);
            Lanes4.Store(dc * i * (one - (g * g)), candidate, k);
            Lanes4.Store(dh * tanh * (o * (one - o)), outputGate, k);
        }

        hiddenError.Clear();
    }

    private Span<double> Part(Span<double> row, int part) => row.Slice(part * Hidden, Hidden);

    private ReadOnlySpan<double> Part(ReadOnlySpan<double> row, int part) => row.Slice(part * Hidden, Hidden);
}
