using System.Globalization;
using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A fully connected layer.</summary>
/// <remarks>
/// <para>Y = XW + B, B added to every row</para>
/// <para>dE/dX = dE/dY Wᵀ, dE/dW = Xᵀ dE/dY, dE/dB = Σ dE/dY, the sum over the rows</para>
/// <para>X is T x inputSize, Y is T x outputSize, W is inputSize x outputSize, B is 1 x outputSize. The article's X is a row, T = 1; a
/// sequence has T steps, and T may differ from sample to sample. What a row becomes depends on that row alone.</para>
/// <para>So a table of N rows can be predicted in one call. In Fit it is one sample of N rows, with one loss and one update:
/// <see cref="Data.Samples.FromRows(MathNet.Numerics.LinearAlgebra.Matrix{double})"/> makes N samples of it.</para>
/// </remarks>
public sealed class FCLayer : WeightedLayer
{
    private readonly int _inputSize;
    private readonly int _outputSize;

    /// <summary>Makes a layer with random weights and bias.</summary>
    /// <param name="inputSize">The number of inputs, 1 or more.</param>
    /// <param name="outputSize">The number of outputs, 1 or more.</param>
    /// <param name="initializer">How weights and bias start; uniform in [-0.5, 0.5) where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, or inputSize * outputSize values do not fit into a matrix.
    /// </exception>
    public FCLayer(int inputSize, int outputSize, Initializer? initializer = null, Random? random = null)
        : base(Checked(inputSize, outputSize), (inputSize, outputSize), initializer, random) =>
        (_inputSize, _outputSize) = (inputSize, outputSize);

    /// <summary>The number of inputs.</summary>
    public int InputSize => _inputSize;

    /// <summary>The number of outputs.</summary>
    public int OutputSize => _outputSize;

    /// <inheritdoc/>
    protected internal override string Name => NameOf(_inputSize, _outputSize);

    internal override bool GivesSteps => true;

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<FCLayer>(
        write: (layer, entry) => entry.With("inputSize", layer._inputSize).With("outputSize", layer._outputSize),
        read: entry =>
        {
            int inputs = entry.TakeSize("inputSize");
            int outputs = entry.TakeSize("outputSize");
            return new LayerPlan(
                [("Weights", (inputs, outputs)), ("Bias", (1, outputs))], () => new FCLayer(inputs, outputs, Initializer.Zeros));
        })
        .WithTorch(TorchModule.Of<FCLayer>(
            "Linear",
            key: "weight",
            shape => shape is [var outputs, var inputs] ? FormattableString.Invariant($"{inputs} -> {outputs}") : null,
            layer =>
            [
                new("Weights", "weight", layer._outputSize, layer._inputSize) { HasOutputsFirst = true },
                new("Bias", "bias", layer._outputSize),
            ]));

    /// <inheritdoc/>
    protected internal override Shape? ExpectedInput => Shape.Row(_inputSize);

    /// <inheritdoc/>
    protected internal override int GradientColumns => _outputSize;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Columns != _inputSize || (input.Rows != 1 && input.Depth != 1))
        {
            string remake = FormattableString.Invariant($"make this one new FCLayer({input.Size}, {_outputSize})");
            string wayOut = input.Size == _inputSize ? "Add a FlattenLayer before it."
                : input.Rows != 1 ? $"Add a FlattenLayer before it, and {remake}{OfRows(input)}."
                : $"Make the layer before it give {_inputSize.ToString(CultureInfo.InvariantCulture)} values, or {remake}.";
            throw new ArgumentException($"{Name} expects a 1 x {_inputSize} input, but got {input}. {wayOut}", nameof(input));
        }

        return new Shape(input.Rows, _outputSize);
    }

    /// <summary>The other way out, where the rows may be steps, or rows of a table, and not those of an image.</summary>
    private string OfRows(Shape input) => input.Depth > 1 ? ""
        : FormattableString.Invariant($"; for rows that are steps of a sequence, or of a table, make it new FCLayer({input.Columns}, ")
            + FormattableString.Invariant($"{_outputSize})");

    // X of several rows is kept row by row.
    /// <inheritdoc/>
    protected internal override int KeptPerSample(Shape input) => input.Rows == 1 ? 0 : input.Size;

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => (long)input.Rows * _inputSize * _outputSize;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => StreamState.RowByRow;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        if (pass.InputShape.Rows == 1)
        {
            BatchProducts.RowsTimesMatrix(pass.Input, pass.Count, WeightValues, BiasValues, pass.Output);
        }
        else
        {
            RowwiseProducts.RowsTimesMatrix(pass.Input, pass.InputShape.Rows, WeightValues, BiasValues, pass.Kept, pass.Output);
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        if (pass.InputShape.Rows == 1)
        {
            BatchProducts.InputErrors(pass.OutputError, pass.Count, WeightValues, pass.InputError);
        }
        else
        {
            RowwiseProducts.InputErrors(pass.OutputError, pass.InputShape.Rows, WeightValues, _outputSize, pass.InputError);
        }
    }

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass)
    {
        var w = pass.Gradient(0);
        var b = pass.Gradient(1);
        if (pass.InputShape.Rows == 1)
        {
            BatchProducts.AddOuters(pass.Input, pass.OutputError, pass.Count, _inputSize, _outputSize, pass.From, pass.To, w);
            BatchProducts.AddColumnSums(pass.OutputError, pass.Count, _outputSize, pass.From, pass.To, b);
        }
        else
        {
            RowwiseProducts.AddGradients(
                pass.Kept, pass.OutputError, pass.InputShape.Rows, _inputSize, _outputSize, pass.From, pass.To, w, b);
        }
    }

    /// <inheritdoc/>
    protected internal override void BackwardAndUpdate(BackwardPass pass, double learningRate)
    {
        if (pass.InputShape.Rows != 1)
        {
            base.BackwardAndUpdate(pass, learningRate);
            return;
        }

        if (pass.WantsInputError)
        {
            Products.RowTimesTransposedThenAddOuter(-learningRate, pass.Input, pass.OutputError, WeightValues, pass.InputError);
        }
        else
        {
            Products.AddOuter(-learningRate, pass.Input, pass.OutputError, WeightValues);
        }

        Products.AddScaled(-learningRate, pass.OutputError, BiasValues);
    }

    private static string NameOf(int inputSize, int outputSize) => FormattableString.Invariant($"FCLayer({inputSize} -> {outputSize})");

    /// <summary>The shape of W.</summary>
    private static (int Rows, int Columns) Checked(int inputSize, int outputSize)
    {
        Check.Positive(inputSize, "FCLayer's inputSize", nameof(inputSize));
        Check.Positive(outputSize, "FCLayer's outputSize", nameof(outputSize));
        Check.SizeFits((long)inputSize * outputSize, $"{NameOf(inputSize, outputSize)}'s Weights", nameof(outputSize));
        return (inputSize, outputSize);
    }
}
