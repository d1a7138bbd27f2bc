using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>A convolution along the steps of a sequence: every filter sees some steps of all features at a time.</summary>
/// <remarks>
/// <para>Y_t = Σ_p X_(t * stride + p * dilation - before) W_p + B, over the kernelSize places p of a filter</para>
/// <para>dE/dW_p = Σ_t Xᵀ_(t * stride + p * dilation - before) dE/dY_t, dE/dB = Σ_t dE/dY_t, dE/dX_u = Σ dE/dY_t W_pᵀ</para>
/// <para>
/// X is T x inputSize, one step a row, and Y is T' x filters; W_p is inputSize x filters. A filter reaches over
/// (kernelSize - 1) * dilation + 1 steps; T' = ⌊(T + the zeros before and behind - that reach) / stride⌋ + 1. T may differ from sample to
/// sample.
/// </para>
/// <para>
/// <see cref="Padding.Valid"/> adds no zeros. <see cref="Padding.Same"/> adds so many that T' is T / stride, rounded up, the one more of an
/// odd number behind. <see cref="Padding.Causal"/> adds as many, or a stride's less, before the first step only, so that Y_t depends on no
/// step later than t * stride. A number is that of the zeros before and behind. With dilation a filter sees every dilation-th step only
/// (Aaron van den Oord and others, WaveNet: a generative model for raw audio, 2016).
/// </para>
/// </remarks>
public sealed class Conv1DLayer : BatchLayer
{
    private readonly int _inputSize;
    private readonly int _filters;
    private readonly InitialWeights _initial;
    private readonly Parameter _weights;
    private readonly Parameter _bias;

    /// <summary>Initializes a new instance of the <see cref="Conv1DLayer"/> class.</summary>
    /// <param name="inputSize">The number of features, the values of a step of X, 1 or more.</param>
    /// <param name="filters">The number of filters, the values of a step of Y, 1 or more.</param>
    /// <param name="kernelSize">The number of steps that a filter sees, 1 or more.</param>
    /// <param name="stride">From one place of a filter to the next, in steps, 1 or more.</param>
    /// <param name="padding">
    /// The zeros before and behind the steps: <see cref="Padding.Valid"/> for none, <see cref="Padding.Same"/>,
    /// <see cref="Padding.Causal"/>, or a number.
    /// </param>
    /// <param name="dilation">From one step that a filter sees to the next, 1 or more.</param>
    /// <param name="initializer">How weights and bias start; <see cref="Initializer.GlorotUniform"/> where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="padding"/> has other numbers for columns than for rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or a matrix would be too large.</exception>
    public Conv1DLayer(
        int inputSize,
        int filters,
        int kernelSize,
        int stride = 1,
        Padding padding = default,
        int dilation = 1,
        Initializer? initializer = null,
        Random? random = null)
    {
        const string Layer = nameof(Conv1DLayer);
        _inputSize = Check.Positive(inputSize, $"{Layer}'s inputSize", nameof(inputSize));
        _filters = Check.Positive(filters, $"{Layer}'s filters", nameof(filters));
        KernelSize = Check.Positive(kernelSize, $"{Layer}'s kernelSize", nameof(kernelSize));
        Stride = Check.Positive(stride, $"{Layer}'s stride", nameof(stride));
        Dilation = Check.Positive(dilation, $"{Layer}'s dilation", nameof(dilation));
        Padding = padding.Columns == 0 || padding.Columns == padding.Rows
            ? padding
            : throw new ArgumentException(
                $"{Layer} expects a number of steps as its padding, before and behind, but got {padding} rows and columns. Take "
                + FormattableString.Invariant($"new Padding({padding.Rows})."),
                nameof(padding));
        Check.SizeFits(Reach, $"{Name}'s reach, (kernelSize - 1) * dilation + 1 steps,", nameof(dilation));
        Check.SizeFits((Int128)kernelSize * inputSize * filters, $"{Name}'s Weights", nameof(filters));
        int fanOut = (int)Math.Min((long)kernelSize * filters, int.MaxValue);
        _initial = new InitialWeights(
            this,
            (kernelSize * inputSize, filters),
            (kernelSize * inputSize, fanOut),
            initializer ?? Initializer.GlorotUniform,
            random);
        (_weights, _bias) = (_initial.Weights, _initial.Bias);
        Parameters = [_weights, _bias];
    }

    /// <summary>
    /// Gets or sets W, (kernelSize * inputSize) x filters: column k is filter k, step by step, each feature by feature. The live matrix to
    /// read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Weights
    {
        get => _weights.Value;
        set => _weights.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets B, 1 x filters, added to each step. The live matrix to read and write; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Bias
    {
        get => _bias.Value;
        set => _bias.CopyFrom(value, Name);
    }

    /// <summary>
    /// Gets or sets λ of the L2 regularisation of <see cref="Weights"/>, penalty λ Σ W², gradient 2λW: finite, 0 or more, and 0, which is
    /// none, by default. The losses that training reports are without the penalty.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double L2
    {
        get => _weights.L2;
        set => _weights.L2 = value;
    }

    /// <summary>Gets the number of features, the values of a step of X.</summary>
    public int InputSize => _inputSize;

    /// <summary>Gets the number of filters, the values of a step of Y.</summary>
    public int Filters => _filters;

    /// <summary>Gets the number of steps that a filter sees.</summary>
    public int KernelSize { get; }

    /// <summary>Gets the number of steps from one place of a filter to the next.</summary>
    public int Stride { get; }

    /// <summary>Gets the zeros before and behind the steps.</summary>
    public Padding Padding { get; }

    /// <summary>Gets the number of steps from one that a filter sees to the next.</summary>
    public int Dilation { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected internal override string Name
    {
        get
        {
            string stride = Stride == 1 ? "" : FormattableString.Invariant($", stride {Stride}");
            string zeros = Padding == Padding.Valid ? ""
                : Padding.Rows > 0 ? FormattableString.Invariant($", padding {Padding.Rows}")
                : $", padding {Padding}";
            string dilation = Dilation == 1 ? "" : FormattableString.Invariant($", dilation {Dilation}");
            return FormattableString.Invariant($"{nameof(Conv1DLayer)}({_inputSize} -> {_filters}, kernel {KernelSize}")
                + $"{stride}{zeros}{dilation})";
        }
    }

    internal override bool GivesSteps => true;

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<Conv1DLayer>(
        write: (layer, entry) => layer.Padding.WriteTo(entry
            .With("inputSize", layer._inputSize)
            .With("filters", layer._filters)
            .With("kernelSize", layer.KernelSize)
            .With("stride", layer.Stride)
            .With("dilation", layer.Dilation)),
        read: entry =>
        {
            int inputs = entry.TakeSize("inputSize");
            int filters = entry.TakeSize("filters");
            int kernel = entry.TakeSize("kernelSize");
            int stride = entry.TakeSize("stride");
            int dilation = entry.TakeSize("dilation");
            var padding = Padding.TakeFrom(entry);
            return new LayerPlan(
                [("Weights", ((long)kernel * inputs, filters)), ("Bias", (1, filters))],
                () => new Conv1DLayer(inputs, filters, kernel, stride, padding, dilation, Initializer.Zeros));
        })
        .WithTorch(TorchModule.Of<Conv1DLayer>(
            "Conv1d",
            key: "weight",
            shape => shape is [var outputs, var inputs, var kernel]
                ? FormattableString.Invariant($"{inputs} -> {outputs}, kernel {kernel}")
                : null,
            layer =>
            [
                new("Weights", "weight", layer._filters, layer._inputSize, layer.KernelSize)
                {
                    HasOutputsFirst = true,
                    Reorder = layer.FromFeatureByFeature,
                },
                new("Bias", "bias", layer._filters),
            ]));

    internal override void DrawInitialWeights(Random? random) => _initial.DrawFrom(random);

    /// <inheritdoc/>
    protected internal override int GradientColumns => _filters;

    /// <summary>The steps that a filter reaches over.</summary>
    private long Reach => ((long)(KernelSize - 1) * Dilation) + 1;

    /// <summary>Weights with the steps of each feature side by side, as PyTorch and ONNX have them, in the layer's order.</summary>
    internal double[] FromFeatureByFeature(double[] weights)
    {
        double[] ours = new double[weights.Length];
        Transposition.ToRows(weights, KernelSize, _inputSize, ours);
        return ours;
    }

    /// <summary>The layer's weights, with the steps of each feature side by side.</summary>
    internal double[] ToFeatureByFeature()
    {
        double[] theirs = new double[_weights.Values.Length];
        Transposition.ToColumns(_weights.Values, KernelSize, _inputSize, theirs);
        return theirs;
    }

    /// <summary>The zeros before and behind so many steps, and the steps of Y; fewer than 1 where there is no place for a filter.</summary>
    internal (int Before, int After, long Outputs) ZerosOf(int steps)
    {
        var (before, after) = Padding.Of(rows: true, steps, (int)Reach, Stride);
        long left = (long)steps + before + after - Reach;
        return (before, after, left < 0 ? 0 : (left / Stride) + 1);
    }

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Columns != _inputSize)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} expects an input of {_inputSize} columns, one step a row, but got {input}. ") +
                FormattableString.Invariant($"Make this one new Conv1DLayer({input.Columns}, {_filters}, {KernelSize})."),
                nameof(input));
        }

        var (before, after, outputs) = ZerosOf(input.Rows);
        if (outputs < 1)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} expects {Reach - before - after} steps or more, but got {input}. ") +
                "Take padding: Padding.Same or Padding.Causal, a smaller kernel, or longer sequences.",
                nameof(input));
        }

        Check.SizeFits((Int128)outputs * _filters, $"{Name}'s output of {input}", nameof(input));
        return new Shape((int)outputs, _filters);
    }

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => _weights.Values.Length * ZerosOf(input.Rows).Outputs;

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState()
    {
        if (Stride > 1)
        {
            throw new InvalidOperationException(
                $"{Name} gives no row for some of the steps, so that there is nothing to stream. "
                + "Take stride: 1, or call Predict with the whole sequence.");
        }

        if (Padding != Padding.Causal && (Reach > 1 || Padding.Rows > 0))
        {
            throw new InvalidOperationException(
                $"{Name} looks ahead, or gives no row for the first steps: a row of Y is made of later rows of X. "
                + "Take padding: Padding.Causal, or call Predict with the whole sequence.");
        }

        return Reach * _inputSize <= Array.MaxLength ? new Past(this) : throw new InvalidOperationException(
            FormattableString.Invariant($"{Name} keeps the last {Reach} steps in a stream, which are {Reach * _inputSize} values; ")
            + FormattableString.Invariant($"at most {Array.MaxLength} fit into an array. Take a smaller dilation."));
    }

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass) => StepConvolution.Correlate(
        WindowsOf(pass.InputShape, pass.OutputShape), pass.Count, pass.Input, _weights.Values, _bias.Values, pass.Output);

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass) => StepConvolution.InputErrors(
        WindowsOf(pass.InputShape, pass.OutputShape), pass.Count, pass.OutputError, _weights.Values, pass.InputError);

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass) => StepConvolution.AddGradients(
        WindowsOf(pass.InputShape, pass.OutputShape),
        pass.Count,
        pass.Input,
        pass.OutputError,
        pass.From,
        pass.To,
        pass.Gradient(0),
        pass.Gradient(1));

    private StepWindows WindowsOf(Shape input, Shape output) => new(
        input.Rows, _inputSize, KernelSize, _filters, Stride, Dilation, ZerosOf(input.Rows).Before, output.Rows);

    /// <summary>The steps that filters still see, in a ring.</summary>
    private sealed class Past(Conv1DLayer layer) : StreamState
    {
        private readonly int _reach = (int)layer.Reach;
        private readonly double[] _steps = new double[layer.Reach * layer._inputSize];
        private readonly double[] _window = new double[layer.KernelSize * layer._inputSize];
        private int _last = -1;

        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
        {
            _last = (_last + 1) % _reach;
            input.CopyTo(Step(_last));
            for (int place = 0; place < layer.KernelSize; place++)
            {
                long step = _last + 1 + ((long)place * layer.Dilation);
                Step((int)(step % _reach)).CopyTo(_window.AsSpan(place * layer._inputSize));
            }

            layer._bias.Values.CopyTo(output);
            UnpackedProduct.AddRow(_window, layer._weights.Values, output);
        }

        protected internal override void Reset() => Array.Clear(_steps);

        private Span<double> Step(int place) => _steps.AsSpan(place * layer._inputSize, layer._inputSize);
    }
}
