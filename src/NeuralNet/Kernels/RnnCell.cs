using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>h = tanh(b + xW + hU).</summary>
internal sealed class RnnCell(int inputs, int hidden)
    : RecurrentCell(inputs, hidden, gates: hidden, products: hidden, row: hidden, (0, hidden, 0))
{
    protected override void Start(RecurrentParameters parameters, Span<double> products) => parameters.B.CopyTo(products);

    protected override void Forward(
        Span<double> row, ReadOnlySpan<double> previous, ReadOnlySpan<double> previousHidden, Span<double> hidden) =>
        VectorMap.Apply(default(Functions.TanhFunction), row, hidden);

    protected override void Backward(
        Span<double> row,
        ReadOnlySpan<double> previous,
        ReadOnlySpan<double> previousHidden,
        ReadOnlySpan<double> hidden,
        Span<double> hiddenError,
        Span<double> carried)
    {
        for (int i = 0; i < hidden.Length; i += Lanes4.Count)
        {
            var h = Lanes4.Load(hidden, i);
            Lanes4.Store(Lanes4.Load(hiddenError, i) * (Vector256<double>.One - (h * h)), row, i);
        }

        hiddenError.Clear();
    }
}
