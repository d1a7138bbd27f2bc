using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>A convolutional layer: every output plane is the sum over the input planes of a correlation with a kernel, plus a bias. Stride 1, no padding.</summary>
/// <remarks>
/// <para>Y_k = Σ_d X_d ⋆ K_kd + B_k</para>
/// <para>dE/dK_kd = X_d ⋆ dE/dY_k, dE/dB_k = Σ dE/dY_k, dE/dX_d = Σ_k dE/dY_k * K_kd (full)</para>
/// <para>
/// with ⋆ the valid cross-correlation and * the full convolution. An image of D planes is height x (width * D), the planes side by side:
/// X is height x (width * depth), Y is (height - kernelRows + 1) x ((width - kernelColumns + 1) * layerDepth).
/// </para>
/// <para>
/// This is the true convolutional layer with its true gradient. The article's adds the bias once per input plane and multiplies its gradient by <c>layer_depth</c>;
/// for one plane in and out the two are the same.
/// </para>
/// </remarks>
public sealed class ConvLayer : TrainableLayer, IBatchLayer
{
    private readonly ConvolutionShape _shape;
    private readonly Parameter _weights;
    private readonly Parameter _bias;

    /// <summary>Makes a layer with random kernels and bias.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="kernelShape">The kernels' rows and columns, each 1 or more and no more than the input's.</param>
    /// <param name="layerDepth">The number of kernels, which is the output's number of planes, 1 or more.</param>
    /// <param name="initializer">How kernels and bias start; uniform in [-0.5, 0.5) where none is given.</param>
    /// <param name="random">Where random numbers come from; <see cref="Random.Shared"/> where none is given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, the kernel is larger than the input, or a matrix would be too large.</exception>
    public ConvLayer(
        (int Height, int Width, int Depth) inputShape,
        (int Rows, int Columns) kernelShape,
        int layerDepth,
        Initializer? initializer = null,
        Random? random = null)
    {
        Check.Positive(inputShape.Height, "ConvLayer's input height", nameof(inputShape));
        Check.Positive(inputShape.Width, "ConvLayer's input width", nameof(inputShape));
        Check.Positive(inputShape.Depth, "ConvLayer's input depth", nameof(inputShape));
        Check.Positive(kernelShape.Rows, "ConvLayer's kernel rows", nameof(kernelShape));
        Check.Positive(kernelShape.Columns, "ConvLayer's kernel columns", nameof(kernelShape));
        Check.Positive(layerDepth, "ConvLayer's layerDepth", nameof(layerDepth));
        if (kernelShape.Rows > inputShape.Height || kernelShape.Columns > inputShape.Width)
        {
            throw new ArgumentOutOfRangeException(
                nameof(kernelShape),
                $"ConvLayer expects a kernel no larger than its input of {inputShape.Height} x {inputShape.Width}, but got {kernelShape.Rows} x {kernelShape.Columns}. Take a smaller kernel.");
        }

        _shape = new ConvolutionShape(inputShape.Height, inputShape.Width, inputShape.Depth, kernelShape.Rows, kernelShape.Columns, layerDepth);
        Check.SizeFits((Int128)inputShape.Height * inputShape.Width * inputShape.Depth, $"{Name}'s input", nameof(inputShape));
        Check.SizeFits((Int128)_shape.OutputHeight * _shape.OutputWidth * layerDepth, $"{Name}'s output", nameof(layerDepth));
        Check.SizeFits((Int128)kernelShape.Rows * kernelShape.Columns * inputShape.Depth * layerDepth, $"{Name}'s Weights", nameof(layerDepth));

        int fanIn = kernelShape.Rows * kernelShape.Columns * inputShape.Depth;
        int fanOut = (int)Math.Min((long)kernelShape.Rows * kernelShape.Columns * layerDepth, int.MaxValue);
        initializer ??= Initializer.Default;
        random ??= Random.Shared;
        _weights = initializer.Weights(fanIn, layerDepth, fanIn, fanOut, random);
        _bias = initializer.Bias(layerDepth, fanIn, fanOut, random);
        Parameters = [_weights, _bias];
    }

    /// <summary>
    /// The kernels, (kernelRows * kernelColumns * inputDepth) x layerDepth: column k is kernel k, plane by plane, each row by row.
    /// The live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Weights
    {
        get => _weights.Value;
        set => _weights.CopyFrom(value, Name);
    }

    /// <summary>B, 1 x layerDepth: one number for each output plane. The live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Bias
    {
        get => _bias.Value;
        set => _bias.CopyFrom(value, Name);
    }

    /// <summary>The output's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) OutputShape => (_shape.OutputHeight, _shape.OutputWidth, _shape.OutputDepth);

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    internal override string Name =>
        $"ConvLayer({_shape.Height} x {_shape.Width} x {_shape.Depth} -> {_shape.OutputHeight} x {_shape.OutputWidth} x {_shape.OutputDepth}, kernel {_shape.KernelRows} x {_shape.KernelColumns})";

    /// <summary>Y_k = Σ_d X_d ⋆ K_kd + B_k, and keeps X for the way back.</summary>
    /// <param name="input">X, height x (width * depth).</param>
    /// <returns>Y, (height - kernelRows + 1) x ((width - kernelColumns + 1) * layerDepth).</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has another shape.</exception>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = Predict(input);
        Input = input;
        return Output;
    }

    /// <summary>Y_k = Σ_d X_d ⋆ K_kd + B_k, keeping nothing: any number of threads may call it at once.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>Adds X_d ⋆ dE/dY_k to the kernels' gradient and Σ dE/dY_k to the bias' gradient.</summary>
    /// <param name="outputError">dE/dY, in the shape of Y.</param>
    /// <returns>dE/dX_d = Σ_k dE/dY_k * K_kd, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than Y.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> Backward(Matrix<double> outputError) => this.BackwardOne(outputError);

    /// <inheritdoc/>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    Shape? IBatchLayer.OutputShape(Shape? input)
    {
        var expected = new Shape(_shape.Height, _shape.Width, _shape.Depth);
        if (input is { } x && (!x.SameMatrix(expected) || (x.Depth > 1 && x.Depth != expected.Depth)))
        {
            string wayOut = x.Rows == 1 && x.Size == expected.Size
                ? "Give it the image, not its flattened row."
                : "An image of D planes is height x (width * D), the planes side by side.";
            throw new ArgumentException($"{Name} expects a {expected.Rows} x {expected.Columns} input, but got {x}. {wayOut}", nameof(input));
        }

        return new Shape(_shape.OutputHeight, _shape.OutputWidth, _shape.OutputDepth);
    }

    void IBatchLayer.Forward(LayerPass pass) =>
        Convolution.Correlate(_shape, pass.Input.Count, pass.Input.Values, _weights.Values, _bias.Values, pass.Output.Values);

    void IBatchLayer.Backward(LayerPass pass)
    {
        InputErrors(pass);
        AddGradients(pass, 1, _weights.Gradients, _bias.Gradients);
    }

    void IBatchLayer.BackwardAndUpdate(LayerPass pass, double learningRate)
    {
        _weights.ClearGradient();
        _bias.ClearGradient();
        InputErrors(pass);
        AddGradients(pass, -learningRate, _weights.Values, _bias.Values);
    }

    private void InputErrors(LayerPass pass)
    {
        if (!pass.InputError.IsEmpty)
        {
            Convolution.InputErrors(_shape, pass.Input.Count, pass.OutputError.Values, _weights.Values, pass.InputError.Values);
        }
    }

    private void AddGradients(LayerPass pass, double scale, Span<double> weights, Span<double> bias) =>
        Convolution.AddGradients(_shape, pass.Input.Count, scale, pass.Input.Values, pass.OutputError.Values, 0, _shape.OutputDepth, weights, bias);
}
