using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// A convolutional layer: every output plane is the sum over the input planes of a correlation with a kernel, plus a bias.
/// </summary>
/// <remarks>
/// <para>Y_k = Σ_d X_d ⋆ K_kd + B_k</para>
/// <para>dE/dK_kd = X_d ⋆ dE/dY_k, dE/dB_k = Σ dE/dY_k, dE/dX_d = Σ_k dE/dY_k * K_kd (full)</para>
/// <para>
/// with ⋆ the valid cross-correlation and * the full convolution, here for stride 1 and no padding. With a stride every so-many-th row and
/// column of Y is kept; with padding X stands for X with zeros around it. An image of D planes is height x (width * D), the planes side by
/// side: X is height x (width * depth), Y is outputHeight x (outputWidth * layerDepth), outputHeight = ⌊(height + the zeros above and below
/// - kernelRows) / strideRows⌋ + 1, and the same for the width.
/// </para>
/// <para>
/// The weights are (kernelRows * kernelColumns * depth) x layerDepth: column k is kernel k, plane by plane, each row by row. The bias is
/// 1 x
/// layerDepth: one number for each output plane.
/// </para>
/// <para>
/// This is the true convolutional layer with its true gradient. The article's adds the bias once per input plane and multiplies its
/// gradient by <c>layer_depth</c>; for one plane in and out the two are the same.
/// </para>
/// </remarks>
public sealed class ConvLayer : WeightedLayer
{
    private readonly ConvolutionShape _shape;
    private readonly Padding _padding;

    /// <summary>Makes the article's layer, stride 1 and no padding, with random kernels and bias.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="kernelShape">The kernels' rows and columns, each 1 or more and no more than the input's.</param>
    /// <param name="layerDepth">The number of kernels, which is the output's number of planes, 1 or more.</param>
    /// <param name="initializer">How kernels and bias start; uniform in [-0.5, 0.5) where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the kernel is larger than the input, or a matrix would be too large.
    /// </exception>
    public ConvLayer(
        (int Height, int Width, int Depth) inputShape,
        (int Rows, int Columns) kernelShape,
        int layerDepth,
        Initializer? initializer = null,
        Random? random = null)
        : this(inputShape, kernelShape, layerDepth, (1, 1), Padding.Valid, initializer, random)
    {
    }

    /// <summary>Makes a layer with a stride and padding, and random kernels and bias.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="kernelShape">The kernels' rows and columns, each 1 or more and no more than the input's with its padding.</param>
    /// <param name="layerDepth">The number of kernels, which is the output's number of planes, 1 or more.</param>
    /// <param name="stride">From one place of a kernel to the next, in rows and columns, each 1 or more.</param>
    /// <param name="padding">
    /// The zeros around the input: <see cref="Padding.Valid"/> for none, <see cref="Padding.Same"/>, or a number.
    /// </param>
    /// <param name="initializer">How kernels and bias start; uniform in [-0.5, 0.5) where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the kernel is larger than the input with its padding, or a matrix would be too large.
    /// </exception>
    public ConvLayer(
        (int Height, int Width, int Depth) inputShape,
        (int Rows, int Columns) kernelShape,
        int layerDepth,
        (int Rows, int Columns) stride,
        Padding padding = default,
        Initializer? initializer = null,
        Random? random = null)
        : this(Images.Convolution(inputShape, kernelShape, layerDepth, stride, padding), padding, initializer, random)
    {
    }

    private ConvLayer(ConvolutionShape shape, Padding padding, Initializer? initializer, Random? random)
        : base(
            (shape.KernelSize, shape.OutputDepth),
            (shape.KernelSize, (int)Math.Min((long)shape.KernelRows * shape.KernelColumns * shape.OutputDepth, int.MaxValue)),
            initializer,
            random) => (_shape, _padding) = (shape, padding);

    /// <summary>The input's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) InputShape => (_shape.Height, _shape.Width, _shape.Depth);

    /// <summary>The kernels' rows and columns.</summary>
    public (int Rows, int Columns) KernelShape => (_shape.KernelRows, _shape.KernelColumns);

    /// <summary>From one place of a kernel to the next, in rows and columns.</summary>
    public (int Rows, int Columns) Stride => _shape.Stride;

    /// <summary>The zeros around the input.</summary>
    public Padding Padding => _padding;

    /// <summary>The output's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) OutputShape => (_shape.OutputHeight, _shape.OutputWidth, _shape.OutputDepth);

    /// <inheritdoc/>
    protected internal override string Name => Images.Name(_shape, _padding);

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<ConvLayer>(
        write: (layer, entry) => layer._padding.WriteTo(entry
            .With("inputShape", layer.InputShape)
            .With("kernelShape", layer.KernelShape)
            .With("layerDepth", layer._shape.OutputDepth)
            .With("stride", layer.Stride)),
        read: entry =>
        {
            var input = entry.TakeImage("inputShape");
            var kernel = entry.TakePair("kernelShape");
            int depth = entry.TakeSize("layerDepth");
            var stride = entry.TakePair("stride");
            var padding = Padding.TakeFrom(entry);
            long weights = long.CreateSaturating((Int128)kernel.Rows * kernel.Columns * input.Depth);
            return new LayerPlan(
                [("Weights", (weights, depth)), ("Bias", (1, depth))],
                () => new ConvLayer(input, kernel, depth, stride, padding, Initializer.Zeros));
        })
        .WithTorch(TorchModule.Of<ConvLayer>(
            "Conv2d",
            key: "weight",
            shape => shape is [var outputs, var inputs, var rows, var columns]
                ? FormattableString.Invariant($"{inputs} -> {outputs}, kernel {rows} x {columns}")
                : null,
            layer =>
            [
                new("Weights", "weight", layer._shape.OutputDepth, layer._shape.Depth, layer._shape.KernelRows, layer._shape.KernelColumns)
                {
                    HasOutputsFirst = true,
                },
                new("Bias", "bias", layer._shape.OutputDepth),
            ]));

    /// <inheritdoc/>
    protected internal override Shape? ExpectedInput => new Shape(_shape.Height, _shape.Width, _shape.Depth);

    /// <inheritdoc/>
    protected internal override int GradientColumns => _shape.OutputDepth;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        Images.Require(this, input);
        return new Shape(_shape.OutputHeight, _shape.OutputWidth, _shape.OutputDepth);
    }

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => (long)WeightValues.Length * _shape.OutputHeight * _shape.OutputWidth;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() =>
        throw Images.HasNoSteps(this, $"a {nameof(Conv1DLayer)} with {nameof(Padding)}.{nameof(Padding.Causal)}");

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass) =>
        Convolution.Correlate(_shape, pass.Count, pass.Input, WeightValues, BiasValues, pass.Output);

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) =>
        Convolution.InputErrors(_shape, pass.Count, pass.OutputError, WeightValues, pass.InputError);

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass) =>
        Convolution.AddGradients(
            _shape, pass.Count, 1, pass.Input, pass.OutputError, pass.From, pass.To, pass.Gradient(0), pass.Gradient(1));

    /// <inheritdoc/>
    protected internal override void BackwardAndUpdate(BackwardPass pass, double learningRate)
    {
        if (pass.WantsInputError)
        {
            Backward(pass);
        }

        Convolution.AddGradients(
            _shape, 1, -learningRate, pass.Input, pass.OutputError, 0, _shape.OutputDepth, WeightValues, BiasValues);
    }
}
