using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Catalogue;

/// <summary>Y = X + S: its gradient is the sum of the samples' dE/dX of the layer behind it.</summary>
internal sealed class Shift(int rows, int columns) : BatchLayer
{
    public override IReadOnlyList<Parameter> Parameters { get; } = [new("Shift", Matrix<double>.Build.Dense(rows, columns))];

    public static LayerRegistry Registry => new LayerRegistry().Add(
        "shift",
        save: (Shift layer) => FormattableString.Invariant($"{layer.Parameters[0].Value.RowCount} {layer.Parameters[0].Value.ColumnCount}"),
        load: text => text.Split(' ') is [var rows, var columns]
            ? new Shift(int.Parse(rows, null), int.Parse(columns, null))
            : throw new FormatException(text));

    protected internal override Shape GetOutputShape(Shape input) => input;

    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var x = pass.InputOf(sample);
            var y = pass.OutputOf(sample);
            double[] shift = Parameters[0].Value.AsColumnMajorArray();
            for (int i = 0; i < x.Length; i++)
            {
                y[i] = x[i] + shift[i];
            }
        }
    }

    protected internal override void Backward(BackwardPass pass) => pass.OutputError.CopyTo(pass.InputError);

    protected internal override void AddGradients(GradientPass pass)
    {
        var gradient = pass.Gradient(0);
        for (int i = 0; i < pass.OutputError.Length; i++)
        {
            gradient[i % gradient.Length] += pass.OutputError[i];
        }
    }
}
