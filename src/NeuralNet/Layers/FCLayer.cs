using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>A fully connected layer.</summary>
/// <remarks>
/// <para>Y = XW + B</para>
/// <para>dE/dX = dE/dY Wᵀ, dE/dW = Xᵀ dE/dY, dE/dB = dE/dY</para>
/// <para>X is 1 x inputSize, Y is 1 x outputSize, W is inputSize x outputSize, B is 1 x outputSize.</para>
/// </remarks>
public sealed class FCLayer : TrainableLayer, IBatchLayer
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
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or inputSize * outputSize values do not fit into a matrix.</exception>
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

    /// <summary>λ of the L2 regularisation of <see cref="Weights"/>, penalty λ Σ W², gradient 2λW: finite, 0 or more, and 0, which is none, by default. The losses that training reports are without the penalty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double L2
    {
        get => _weights.L2;
        set => _weights.L2 = value;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    internal override string Name => $"FCLayer({_inputSize} -> {_outputSize})";

    /// <summary>Y = XW + B, and keeps X for the way back.</summary>
    /// <param name="input">X, 1 x inputSize.</param>
    /// <returns>Y, 1 x outputSize.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> is not 1 x inputSize.</exception>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y = XW + B, keeping nothing: any number of threads may call it at once.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>Adds Xᵀ dE/dY to the weights' gradient and dE/dY to the bias' gradient.</summary>
    /// <param name="outputError">dE/dY, 1 x outputSize.</param>
    /// <returns>dE/dX = dE/dY Wᵀ, 1 x inputSize.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> is not 1 x outputSize.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> Backward(Matrix<double> outputError) => this.BackwardOne(outputError);

    /// <inheritdoc/>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    internal override void Settle(Random? random) => _initial.Settle(random);

    int IBatchLayer.GradientColumns => _outputSize;

    long IBatchLayer.Work => (long)_inputSize * _outputSize;

    Shape? IBatchLayer.OutputShape(Shape? input)
    {
        if (input is { } x && (x.Rows != 1 || x.Columns != _inputSize))
        {
            string remake = FormattableString.Invariant($"make this one new FCLayer({x.Size}, {_outputSize})");
            string wayOut = x.Size == _inputSize ? "Add a FlattenLayer before it."
                : x.Columns == _inputSize ? $"{Check.OneByOne(x)} Of one image, add a FlattenLayer before it, and {remake}."
                : x.Rows != 1 ? $"Add a FlattenLayer before it, and {remake}."
                : $"Make the layer before it give {_inputSize.ToString(CultureInfo.InvariantCulture)} values, or {remake}.";
            throw new ArgumentException($"{Name} expects a 1 x {_inputSize} input, but got {x}. {wayOut}", nameof(input));
        }

        return Shape.Row(_outputSize);
    }

    void IBatchLayer.Forward(LayerPass pass, int from, int to) =>
        BatchProducts.RowsTimesMatrix(pass.Input.Range(from, to), to - from, _weights.Values, _bias.Values, pass.Output.Range(from, to));

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to) =>
        BatchProducts.InputErrors(pass.OutputError.Range(from, to), to - from, _weights.Values, pass.InputError.Range(from, to));

    void IBatchLayer.AddGradients(LayerPass pass, int from, int to)
    {
        var errors = pass.OutputError.Range(0, pass.Count);
        BatchProducts.AddOuters(pass.Input.Range(0, pass.Count), errors, pass.Count, _inputSize, _outputSize, from, to, _weights.Gradients);
        BatchProducts.AddColumnSums(errors, pass.Count, _outputSize, from, to, _bias.Gradients);
    }

    void IBatchLayer.BackwardAndUpdate(LayerPass pass, double learningRate)
    {
        if (pass.InputError.IsEmpty)
        {
            Products.AddOuter(-learningRate, pass.Input[0], pass.OutputError[0], _weights.Values);
        }
        else
        {
            Products.RowTimesTransposedThenAddOuter(-learningRate, pass.Input[0], pass.OutputError[0], _weights.Values, pass.InputError[0]);
        }

        Products.AddScaled(-learningRate, pass.OutputError[0], _bias.Values);
    }
}
