using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Onnx.Operators;

/// <summary>A layer of a user's own, or an activation of one, whose nodes a function of the user's adds.</summary>
internal sealed class OwnLayer(Func<Layer, bool> writes, Action<Layer, OnnxGraph> write, bool keepsShape) : Operator
{
    private const int StepsToTry = 16;

    public override bool Writes(Layer layer) => writes(layer);

    public override bool KeepsShape(Layer layer, OperatorList operators) => keepsShape;

    public override void Write(Layer layer, OnnxGraph graph)
    {
        // Where any number of steps is taken, it is tried with a few.
        var input = graph.Form is { IsFree: true } free ? free with { Shape = free.Shape with { Height = StepsToTry } } : graph.Form;
        write(layer, graph);
        var (output, y) = (graph.Form, Shape.Of(layer.Predict(Matrix<double>.Build.Dense(input.Height, (int)input.Columns))));
        if ((output.Height != y.Rows && !output.IsFree) || output.Columns != y.Columns)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"{layer} gives {y.Rows} x {y.Columns} for {input.Height} x {input.Columns}, but its nodes are stated to give {output}, ") +
                FormattableString.Invariant($"which is {output.Height} x {output.Columns}. ") +
                "Call SetRow, SetImage or SetSequence behind the last node.");
        }
    }
}
