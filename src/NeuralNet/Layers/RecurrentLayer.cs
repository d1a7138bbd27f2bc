using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// A layer that goes through the steps of a sequence and carries a state from each to the next: <see cref="RnnLayer"/>,
/// <see cref="GruLayer"/>, <see cref="LstmLayer"/>.
/// </summary>
/// <remarks>
/// <para>
/// X is T x n, a step a row; T may differ from sample to sample. Y is h(T), the state after the last step, 1 x h; or h(1) to h(T), T x h.
/// h(0) is zero.
/// </para>
/// <para>The gradients are those of the whole sequence (back-propagation through time), however long it is.</para>
/// </remarks>
public abstract class RecurrentLayer : BatchLayer
{
    private readonly RecurrentCell _cell;
    private readonly InitialWeights _initial;
    private readonly Parameter _weights;
    private readonly Parameter _recurrentWeights;
    private readonly Parameter _bias;

    /// <param name="cell">The recurrence.</param>
    /// <param name="inputSize">n.</param>
    /// <param name="returnSequences">Whether Y is h of every step.</param>
    /// <param name="initializer">How W starts.</param>
    /// <param name="recurrentInitializer">How U starts.</param>
    /// <param name="random">Where random numbers come from.</param>
    /// <param name="hasRecurrentBias">Whether hU has a bias of its own.</param>
    private protected RecurrentLayer(
        RecurrentCell cell,
        int inputSize,
        bool returnSequences,
        Initializer? initializer,
        Initializer? recurrentInitializer,
        Random? random,
        bool hasRecurrentBias = false)
    {
        (_cell, InputSize, HiddenSize, ReturnSequences) = (cell, inputSize, cell.Hidden, returnSequences);
        _weights = new Parameter("Weights", inputSize, cell.Gates) { Owner = this };
        _recurrentWeights = new Parameter("RecurrentWeights", cell.Hidden, cell.Gates) { Owner = this };
        _bias = new Parameter("Bias", 1, cell.Gates) { Owner = this };
        RecurrentBiasParameter = hasRecurrentBias ? new Parameter("RecurrentBias", 1, cell.Gates) { Owner = this } : null;
        Parameter[] parameters =
            RecurrentBiasParameter is { } own ? [_weights, _recurrentWeights, _bias, own] : [_weights, _recurrentWeights, _bias];
        Parameters = parameters.AsReadOnly();
        _initial = new InitialWeights(
            parameters,
            generator =>
            {
                (initializer ?? Initializer.GlorotUniform).DrawWeights(_weights, (inputSize, cell.Gates), generator);
                (recurrentInitializer ?? Initializer.Orthogonal).DrawWeights(_recurrentWeights, (cell.Hidden, cell.Gates), generator);
                SetFirstBias(_bias.Value);
            },
            random);
    }

    /// <summary>Gets n, the number of values of a step.</summary>
    public int InputSize { get; }

    /// <summary>Gets h, the number of values of the state.</summary>
    public int HiddenSize { get; }

    /// <summary>Gets a value that indicates whether Y is the state after every step, T x h, instead of the last one, 1 x h.</summary>
    public bool ReturnSequences { get; }

    /// <summary>
    /// Gets or sets W, n x (h for each gate): the live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Weights
    {
        get => _weights.Value;
        set => _weights.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets U, h x (h for each gate): the live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> RecurrentWeights
    {
        get => _recurrentWeights.Value;
        set => _recurrentWeights.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets b, 1 x (h for each gate): the live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Bias
    {
        get => _bias.Value;
        set => _bias.CopyFrom(value, Name);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant($"{GetType().Name}({InputSize} -> {HiddenSize}")
        + (ReturnSequences ? ", return sequences)" : ")");

    /// <inheritdoc/>
    protected internal override int GradientColumns => _cell.Gates;

    /// <inheritdoc/>
    protected internal override bool LearnsOnTheWayBack => true;

    /// <summary>The bias of hU, where the layer has one of its own.</summary>
    private protected Parameter? RecurrentBiasParameter { get; }

    private RecurrentParameters Values => new(
        _weights.Values, _recurrentWeights.Values, _bias.Values, RecurrentBiasParameter is { } own ? own.Values : []);

    internal override void DrawInitialWeights(Random? random) => _initial.DrawFrom(random);

    internal override bool GivesSteps => true;

    /// <summary>The last state has a shape without an input's, too.</summary>
    internal override Shape? OutputShapeFor(Shape? input) =>
        input is null && !ReturnSequences ? Shape.Row(HiddenSize) : base.OutputShapeFor(input);

    /// <summary>More is kept of a sequence than goes in or comes out.</summary>
    internal override int LargestSize(Shape? input) => input is { } known ? KeptPerSample(known) : base.LargestSize(input);

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Columns != InputSize)
        {
            string wayOut = input.Rows == InputSize
                ? "A step is a row: transpose the matrix."
                : FormattableString.Invariant($"Make this one new {GetType().Name}({input.Columns}, {HiddenSize}).");
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} expects a sequence of {InputSize} columns, one step a row, in any number of rows, ")
                    + $"but got {input}. {wayOut}",
                nameof(input));
        }

        if (_cell.KeptPerSample(input.Rows) is var kept && kept > Array.MaxLength)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} keeps {kept} values of a sequence of {input.Rows} steps; at most {Array.MaxLength} ")
                    + "fit into an array. Cut the sequence into shorter ones.",
                nameof(input));
        }

        return new Shape(ReturnSequences ? input.Rows : 1, HiddenSize);
    }

    /// <inheritdoc/>
    protected internal override int KeptPerSample(Shape input) => checked((int)_cell.KeptPerSample(input.Rows));

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => _cell.MultiplyAdds(input.Rows);

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => new State(this);

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass) =>
        _cell.Forward(pass.Input, pass.InputShape.Rows, Values, pass.Kept, pass.Output);

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) =>
        _cell.Backward(pass.OutputError, pass.InputShape.Rows, Values, pass.Kept, pass.Count, pass.InputError);

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass) => _cell.AddGradients(
        pass.Kept,
        pass.InputShape.Rows,
        pass.Count,
        pass.From,
        pass.To,
        new(pass.Gradient(0), pass.Gradient(1), pass.Gradient(2), RecurrentBiasParameter is null ? [] : pass.Gradient(3)));

    /// <summary>The biases' first values, where they are not 0.</summary>
    private protected virtual void SetFirstBias(Matrix<double> bias)
    {
    }

    /// <summary>What files say of a layer.</summary>
    /// <param name="gates">The number of gates.</param>
    /// <param name="hasRecurrentBias">Whether it has a bias of hU.</param>
    /// <param name="torch">What PyTorch calls it.</param>
    /// <param name="make">Makes a layer of zeros.</param>
    private protected static LayerKind KindOf<TLayer>(int gates, bool hasRecurrentBias, string torch, Func<int, int, bool, TLayer> make)
        where TLayer : RecurrentLayer => LayerKind.Of<TLayer>(
        write: (layer, entry) => entry
            .With("inputSize", layer.InputSize)
            .With("hiddenSize", layer.HiddenSize)
            .With("returnSequences", layer.ReturnSequences ? 1 : 0),
        read: entry =>
        {
            int inputs = entry.TakeSize("inputSize");
            int hidden = entry.TakeSize("hiddenSize");
            double sequences = entry.TakeNumber("returnSequences");
            long columns = (long)gates * hidden;
            (string, (long, long)?)[] tensors =
                [("Weights", (inputs, columns)), ("RecurrentWeights", (hidden, columns)), ("Bias", (1, columns))];
            return sequences is 0 or 1
                ? new LayerPlan(
                    hasRecurrentBias ? [.. tensors, ("RecurrentBias", (1, columns))] : tensors, () => make(inputs, hidden, sequences == 1))
                : throw new ArgumentException(FormattableString.Invariant(
                    $"{typeof(TLayer).Name} needs 0 or 1 for 'returnSequences', but has {sequences}."));
        })
        .WithTorch(TorchModule.Recurrent<TLayer>(
            torch,
            gates,
            layer =>
            {
                long columns = (long)gates * layer.HiddenSize;
                TorchTensor[] tensors =
                [
                    new("Weights", "weight_ih", columns, layer.InputSize) { HasOutputsFirst = true },
                    new("RecurrentWeights", "weight_hh", columns, layer.HiddenSize) { HasOutputsFirst = true },
                    new("Bias", "bias_ih", columns) { Plus = hasRecurrentBias ? null : "bias_hh" },
                ];
                return hasRecurrentBias ? [.. tensors, new("RecurrentBias", "bias_hh", columns)] : tensors;
            }));

    /// <summary>Checks the sizes, and makes the cell.</summary>
    private protected static RecurrentCell MakeCell(
        string layer, int inputSize, int hiddenSize, int gates, Func<int, int, RecurrentCell> make)
    {
        Check.Positive(inputSize, $"{layer}'s inputSize", nameof(inputSize));
        Check.Positive(hiddenSize, $"{layer}'s hiddenSize", nameof(hiddenSize));
        Check.SizeFits((Int128)inputSize * hiddenSize * gates, $"{layer}'s Weights", nameof(hiddenSize));
        Check.SizeFits((Int128)hiddenSize * hiddenSize * gates, $"{layer}'s RecurrentWeights", nameof(hiddenSize));
        return make(inputSize, hiddenSize);
    }

    /// <summary>h and what else the cell has of the last step.</summary>
    private sealed class State(RecurrentLayer layer) : StreamState
    {
        private readonly double[] _row = new double[layer._cell.RowSize];
        private readonly double[] _hidden = new double[layer.HiddenSize];
        private bool _hasBegun;

        protected internal override bool GivesOneRow => !layer.ReturnSequences;

        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
        {
            layer._cell.Next(input, layer.Values, isFirst: !_hasBegun, _row, _hidden);
            _hasBegun = true;
            _hidden.CopyTo(output);
        }

        protected internal override void Reset()
        {
            Array.Clear(_row);
            Array.Clear(_hidden);
            _hasBegun = false;
        }
    }
}
