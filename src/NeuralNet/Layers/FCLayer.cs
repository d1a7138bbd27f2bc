using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A fully connected layer.</summary>
/// <remarks>
/// <para>Y = XW + B</para>
/// <para>dE/dX = dE/dY Wᵀ, dE/dW = Xᵀ dE/dY, dE/dB = dE/dY</para>
/// <para>X is 1 x inputSize, Y is 1 x outputSize, W is inputSize x outputSize, B is 1 x outputSize.</para>
/// </remarks>
public sealed class FCLayer : BatchLayer
{
    private readonly int _inputSize;
    private readonly int _outputSize;
    private readonly InitialWeights _initial;
    private readonly Parameter _weights;
    private readonly Parameter _bias;

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
    {
        _inputSize = Check.Positive(inputSize, "FCLayer's inputSize", nameof(inputSize));
        _outputSize = Check.Positive(outputSize, "FCLayer's outputSize", nameof(outputSize));
        Check.SizeFits((long)inputSize * outputSize, $"{Name}'s Weights", nameof(outputSize));
        _initial = new InitialWeights(this, (inputSize, outputSize), (inputSize, outputSize), initializer, random);
        (_weights, _bias) = (_initial.Weights, _initial.Bias);
        Parameters = [_weights, _bias];
    }

    /// <summary>The number of inputs.</summary>
    public int InputSize => _inputSize;

    /// <summary>The number of outputs.</summary>
    public int OutputSize => _outputSize;

    /// <summary>W, inputSize x outputSize: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Weights
    {
        get => _weights.Value;
        set => _weights.CopyFrom(value, Name);
    }

    /// <summary>B, 1 x outputSize: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Bias
    {
        get => _bias.Value;
        set => _bias.CopyFrom(value, Name);
    }

    /// <summary>
    /// λ of the L2 regularisation of <see cref="Weights"/>, penalty λ Σ W², gradient 2λW: finite, 0 or more, and 0, which is none, by
    /// default. The losses that training reports are without the penalty.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double L2
    {
        get => _weights.L2;
        set => _weights.L2 = value;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected internal override string Name => $"FCLayer({_inputSize} -> {_outputSize})";

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

    internal override void DrawInitialWeights(Random? random) => _initial.DrawFrom(random);

    /// <inheritdoc/>
    protected internal override int GradientColumns => _outputSize;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Rows != 1 || input.Columns != _inputSize)
        {
            string remake = FormattableString.Invariant($"make this one new FCLayer({input.Size}, {_outputSize})");
            string wayOut = input.Size == _inputSize ? "Add a FlattenLayer before it."
                : input.Columns == _inputSize ? $"{Check.OneByOne(input)} Of one image, add a FlattenLayer before it, and {remake}."
                : input.Rows != 1 ? $"Add a FlattenLayer before it, and {remake}."
                : $"Make the layer before it give {_inputSize.ToString(CultureInfo.InvariantCulture)} values, or {remake}.";
            throw new ArgumentException($"{Name} expects a 1 x {_inputSize} input, but got {input}. {wayOut}", nameof(input));
        }

        return Shape.Row(_outputSize);
    }

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => (long)_inputSize * _outputSize;

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass) =>
        BatchProducts.RowsTimesMatrix(pass.Input, pass.Count, _weights.Values, _bias.Values, pass.Output);

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) =>
        BatchProducts.InputErrors(pass.OutputError, pass.Count, _weights.Values, pass.InputError);

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass)
    {
        BatchProducts.AddOuters(pass.Input, pass.OutputError, pass.Count, _inputSize, _outputSize, pass.From, pass.To, pass.Gradient(0));
        BatchProducts.AddColumnSums(pass.OutputError, pass.Count, _outputSize, pass.From, pass.To, pass.Gradient(1));
    }

    /// <inheritdoc/>
    protected internal override void BackwardAndUpdate(BackwardPass pass, double learningRate)
    {
        if (pass.WantsInputError)
        {
            Products.RowTimesTransposedThenAddOuter(-learningRate, pass.Input, pass.OutputError, _weights.Values, pass.InputError);
        }
        else
        {
            Products.AddOuter(-learningRate, pass.Input, pass.OutputError, _weights.Values);
        }

        Products.AddScaled(-learningRate, pass.OutputError, _bias.Values);
    }
}
