using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Catalogue;

/// <summary>
/// Y = tanh(S ∘ X), a user's layer whose gradient comes out of its way back, from what it keeps of each sample: it works as the first
/// layer, too.
/// </summary>
internal sealed class TracingLayer : BatchLayer
{
    private readonly Parameter _scale;

    public TracingLayer(int columns, Random random)
    {
        _scale = new Parameter("Scale", Draw.Matrix(1, columns, random));
        Parameters = [_scale];
    }

    public static LayerRegistry Registry => new LayerRegistry().Add(
        "tracing",
        save: (TracingLayer layer) => FormattableString.Invariant($"{layer._scale.Value.ColumnCount}"),
        load: text => new TracingLayer(int.Parse(text, null), Draw.Seeded(0)));

    public override IReadOnlyList<Parameter> Parameters { get; }

    protected internal override Shape? ExpectedInput => Shape.Row(_scale.Value.ColumnCount);

    protected internal override bool LearnsOnTheWayBack => true;

    protected internal override Shape GetOutputShape(Shape input) => input == ExpectedInput
        ? input
        : throw new ArgumentException($"{Name} expects a {ExpectedInput} input, but got {input}.");

    protected internal override int KeptPerSample(Shape input) => input.Size;

    protected internal override void Forward(ForwardPass pass)
    {
        double[] scale = _scale.Value.AsColumnMajorArray();
        for (int i = 0; i < pass.Input.Length; i++)
        {
            pass.Output[i] = Math.Tanh(scale[i % scale.Length] * pass.Input[i]);
        }
    }

    protected internal override void Backward(BackwardPass pass)
    {
        double[] scale = _scale.Value.AsColumnMajorArray();
        for (int i = 0; i < pass.Kept.Length; i++)
        {
            pass.Kept[i] = pass.OutputError[i] * (1 - (pass.Output[i] * pass.Output[i]));
            if (pass.WantsInputError)
            {
                pass.InputError[i] = pass.Kept[i] * scale[i % scale.Length];
            }
        }
    }

    protected internal override void AddGradients(GradientPass pass)
    {
        var gradient = pass.Gradient(0);
        for (int i = 0; i < pass.Kept.Length; i++)
        {
            gradient[i % gradient.Length] += pass.Kept[i] * pass.Input[i];
        }
    }
}
