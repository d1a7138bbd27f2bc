using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Batches;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// Two layers over one sequence: one goes through its steps from the first to the last, the other from the last to the first.
/// </summary>
/// <remarks>
/// <para>
/// Y = [F(X) R(B(R(X)))], with R the rows in reverse order: the columns of the forward layer first, and each row of both is of the same
/// step. Of layers that give their last state only, Y is what the one says after the last step beside what the other says after the first.
/// </para>
/// <para>X is T x n; Y is T x (h + h') or 1 x (h + h') for layers of h and h' values.</para>
/// <para>Mike Schuster and Kuldip K. Paliwal, Bidirectional recurrent neural networks, 1997.</para>
/// </remarks>
public sealed class BidirectionalLayer : CompositeLayer
{
    /// <summary>Initializes a new instance of the <see cref="BidirectionalLayer"/> class.</summary>
    /// <param name="forward">F, such as an <see cref="LstmLayer"/>; any layer over the rows of a sequence will do.</param>
    /// <param name="backward">B, another one, for the way back through the steps.</param>
    /// <exception cref="ArgumentException">
    /// Both are the same layer, or one takes or gives another number of columns or rows than fits the other.
    /// </exception>
    public BidirectionalLayer(Layer forward, Layer backward)
        : base(
            ("forward", [forward ?? throw new ArgumentNullException(nameof(forward))]),
            ("backward", [backward ?? throw new ArgumentNullException(nameof(backward))]))
    {
        CheckBranches(nameof(backward));
        if (forward is RecurrentLayer one && backward is RecurrentLayer other
            && (one.InputSize != other.InputSize || one.ReturnSequences != other.ReturnSequences))
        {
            throw new ArgumentException(
                $"BidirectionalLayer expects two layers that read the same steps and both return sequences, or both the last state, but "
                + "got "
                    + $"{one.Name} and {other.Name}. Make both the same.",
                nameof(backward));
        }
    }

    /// <summary>Gets the layer that goes through the steps from the first to the last.</summary>
    public Layer ForwardLayer => Branches[0].Layers[0];

    /// <summary>Gets the layer that goes through the steps from the last to the first.</summary>
    public Layer BackwardLayer => Branches[1].Layers[0];

    /// <inheritdoc/>
    protected internal override string Name => ForwardLayer.Name == BackwardLayer.Name
        ? $"BidirectionalLayer({ForwardLayer.Name})"
        : $"BidirectionalLayer({ForwardLayer.Name}, {BackwardLayer.Name})";

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<BidirectionalLayer>(
        write: (layer, entry, format) =>
        {
            foreach (var (name, layers) in layer.Branches)
            {
                entry.With(name, format.WriteBranch(layers, name));
            }
        },
        read: (entry, format) =>
        {
            var (forward, backward) = (format.ReadBranch(entry, "forward"), format.ReadBranch(entry, "backward"));
            return forward.Length == 1 && backward.Length == 1
                ? new LayerPlan(() => new BidirectionalLayer(forward[0].MakeAsSaved(), backward[0].MakeAsSaved()))
                {
                    Within = [("forward", forward), ("backward", backward)],
                }
                : throw new ArgumentException("BidirectionalLayer needs one layer 'forward' and one layer 'backward'.");
        },
        copy: (layer, copy) => new BidirectionalLayer(copy(layer.ForwardLayer), copy(layer.BackwardLayer)));

    internal override int LayOut(StepList steps, int source)
    {
        int forward = steps.Add(this, branch: 0, source);
        int backward = steps.Add(this, branch: 1, steps.Add(new ReverseStep(this, source)));
        return steps.Add(new ConcatenateStep(this, [forward, steps.Add(new ReverseStep(this, backward))]));
    }

    internal override string NameOfBranch(int branch) => $"the {(branch == 0 ? "forward" : "backward")} layer of {Name}";

    internal override Shape Join(params ReadOnlySpan<Shape> input)
    {
        var (forward, backward) = (input[0], input[1]);
        return forward.Rows == backward.Rows
            ? new Shape(forward.Rows, checked(forward.Columns + backward.Columns))
            : throw new ArgumentException(
                $"{Name} puts its layers' outputs side by side, but the forward layer gives {forward} and the backward layer {backward}. "
                + "Make both give as many rows.",
                nameof(input));
    }

    private protected override Matrix<double> PredictBranch(int branch, Matrix<double> input) =>
        branch == 0 ? base.PredictBranch(branch, input) : Reversed(base.PredictBranch(branch, Reversed(input)));

    private protected override Matrix<double> JoinOutputs(IReadOnlyList<Matrix<double>> outputs) => outputs[0].Append(outputs[1]);

    private static Matrix<double> Reversed(Matrix<double> matrix) =>
        Matrix<double>.Build.Dense(matrix.RowCount, matrix.ColumnCount, (row, column) => matrix[matrix.RowCount - 1 - row, column]);
}
