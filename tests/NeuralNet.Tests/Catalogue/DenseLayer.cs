using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Catalogue;

/// <summary>
/// A fully connected layer as a user writes it, from nothing but the public contract: Y = XW, in plain loops, with gradients by columns.
/// </summary>
internal sealed class DenseLayer : BatchLayer
{
    private readonly Parameter _weights;
    private readonly double[] _w;

    public DenseLayer(int inputs, int outputs, Random random)
    {
        _weights = new Parameter("Weights", Draw.Matrix(inputs, outputs, random));
        _w = _weights.Value.AsColumnMajorArray();
        Parameters = [_weights];
    }

    public static LayerRegistry Registry => new LayerRegistry().Add(
        "dense",
        save: (DenseLayer layer) => FormattableString.Invariant($"{layer._weights.Value.RowCount} {layer._weights.Value.ColumnCount}"),
        load: text => text.Split(' ') is [var inputs, var outputs]
            ? new DenseLayer(int.Parse(inputs, null), int.Parse(outputs, null), Draw.Seeded(0))
            : throw new FormatException(text));

    public override IReadOnlyList<Parameter> Parameters { get; }

    protected internal override string Name => FormattableString.Invariant($"DenseLayer({Inputs} -> {Outputs})");

    protected internal override Shape? ExpectedInput => Shape.Row(Inputs);

    protected internal override int GradientColumns => Outputs;

    private int Inputs => _weights.Value.RowCount;

    private int Outputs => _weights.Value.ColumnCount;

    protected internal override Shape GetOutputShape(Shape input) => input == Shape.Row(Inputs)
        ? Shape.Row(Outputs)
        : throw new ArgumentException($"{Name} expects a 1 x {Inputs} input, but got {input}.");

    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    protected internal override void Forward(ForwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var x = pass.InputOf(sample);
            var y = pass.OutputOf(sample);
            for (int j = 0; j < y.Length; j++)
            {
                double sum = 0;
                for (int i = 0; i < x.Length; i++)
                {
                    sum += x[i] * _w[(j * x.Length) + i];
                }

                y[j] = sum;
            }
        }
    }

    protected internal override void Backward(BackwardPass pass)
    {
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var error = pass.OutputErrorOf(sample);
            var inputError = pass.InputErrorOf(sample);
            for (int i = 0; i < inputError.Length; i++)
            {
                inputError[i] = 0;
                for (int j = 0; j < error.Length; j++)
                {
                    inputError[i] += error[j] * _w[(j * inputError.Length) + i];
                }
            }
        }
    }

    protected internal override void AddGradients(GradientPass pass)
    {
        var x = pass.Input;
        var error = pass.OutputError;
        var gradient = pass.Gradient(0);
        for (int sample = 0; sample < pass.Count; sample++)
        {
            for (int j = pass.From; j < pass.To; j++)
            {
                for (int i = 0; i < Inputs; i++)
                {
                    gradient[((j - pass.From) * Inputs) + i] += x[(sample * Inputs) + i] * error[(sample * Outputs) + j];
                }
            }
        }
    }
}
