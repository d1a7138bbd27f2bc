using System.Buffers;
using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// Batch normalisation: gives each output of a fully connected layer, or each plane of an image, mean 0 and variance 1 over the mini-batch,
/// then a scale and a shift that are learnt.
/// </summary>
/// <remarks>
/// <para>
/// X̂ = (X - μ) / √(σ² + ε), Y = γ X̂ + β; μ and σ² are the mean and the variance over the m values of the plane in all samples of the
/// mini-batch (and all its positions).
/// </para>
/// <para>dE/dγ = Σ dE/dY X̂, dE/dβ = Σ dE/dY, dE/dX = γ / √(σ² + ε) (dE/dY - (dE/dβ + X̂ dE/dγ) / m)</para>
/// <para>
/// In Predict μ and σ² are the running ones: after each training batch running = (1 - momentum) running + momentum batch, with σ² m / (m -
/// 1) as the batch's variance. Where the layer is not <see cref="Layer.Trainable"/> they are the running ones in training, too, which then
/// stay as they are, and dE/dX = γ / √(σ² + ε) dE/dY.
/// </para>
/// <para>
/// Sergey Ioffe and Christian Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate shift, 2015,
/// in PyTorch's definitions. A batch in which m is 1, such as the article's one sample of a fully connected layer, has no variance, and is
/// refused in training.
/// </para>
/// </remarks>
public sealed class BatchNormLayer : NormLayer
{
    /// <summary>What is shared by a mini-batch of each plane, row by row.</summary>
    private const int Mean = 0, Rest = 1, Scale = 2, GammaError = 3, BetaError = 4;

    private const int PlanesOnStack = 256;

    private readonly Shape _shape;
    private readonly bool _isRow;
    private readonly Parameter _runningMean;
    private readonly Parameter _runningVariance;

    /// <summary>Makes a layer for the rows of a fully connected layer.</summary>
    /// <param name="size">The number of values of a row, each of which is normalised by itself; 1 or more.</param>
    /// <param name="momentum">The weight of a new batch in the running mean and variance: above 0, at most 1.</param>
    /// <param name="epsilon">ε: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public BatchNormLayer(int size, double momentum = 0.1, double epsilon = 1e-5)
        : this(new Shape(1, 1, Check.Positive(size, "BatchNormLayer's size", nameof(size))), true, momentum, epsilon)
    {
    }

    /// <summary>Makes a layer for images.</summary>
    /// <param name="inputShape">
    /// The image's height, width and number of planes, each 1 or more; a plane is normalised over all its positions.
    /// </param>
    /// <param name="momentum">The weight of a new batch in the running mean and variance: above 0, at most 1.</param>
    /// <param name="epsilon">ε: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public BatchNormLayer((int Height, int Width, int Depth) inputShape, double momentum = 0.1, double epsilon = 1e-5)
        : this(Images.Check(inputShape, "BatchNormLayer"), false, momentum, epsilon)
    {
    }

    private BatchNormLayer(Shape shape, bool isRow, double momentum, double epsilon)
        : base(shape.Depth, epsilon)
    {
        (_shape, _isRow) = (shape, isRow);
        Momentum =
            Check.Number(momentum, momentum > 0 && momentum <= 1, "BatchNormLayer's momentum", " above 0, at most 1", nameof(momentum));
        _runningMean = new Parameter("RunningMean", Matrix<double>.Build.Dense(1, shape.Depth));
        _runningVariance = new Parameter("RunningVariance", Matrix<double>.Build.Dense(1, shape.Depth, 1)) { Least = 0 };
        Buffers = [_runningMean, _runningVariance];
    }

    /// <summary>
    /// The mean that Predict takes, 1 x the number of values or planes, 0 at the start: the live matrix; setting it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> RunningMean
    {
        get => _runningMean.Value;
        set => _runningMean.CopyFrom(value, Name);
    }

    /// <summary>
    /// The variance that Predict takes, 1 x the number of values or planes, 1 at the start: the live matrix; setting it copies the
    /// values in.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The value set has another shape, or holds a number that is negative, NaN or infinite.
    /// </exception>
    public Matrix<double> RunningVariance
    {
        get => _runningVariance.Value;
        set => _runningVariance.CopyFrom(value, Name);
    }

    /// <summary>The image's height, width and number of planes; null for a layer of rows.</summary>
    public (int Height, int Width, int Depth)? InputShape => _isRow ? null : (_shape.Height, _shape.Width, _shape.Depth);

    /// <summary>The weight of a new batch in the running mean and variance.</summary>
    public double Momentum { get; }

    /// <inheritdoc/>
    protected internal override string Name => _isRow
        ? FormattableString.Invariant($"BatchNormLayer({_shape.Depth})")
        : FormattableString.Invariant($"BatchNormLayer({_shape.Height} x {_shape.Width} x {_shape.Depth})");

    /// <summary>Gets the running mean and variance, which are saved but not trained.</summary>
    public override IReadOnlyList<Parameter> Buffers { get; }

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<BatchNormLayer>(
        write: (layer, entry) => (layer.InputShape is { } image ? entry.With("inputShape", image) : entry.With("size", layer._shape.Depth))
            .With("momentum", layer.Momentum)
            .With("epsilon", layer.Epsilon),
        read: entry =>
        {
            var (momentum, epsilon) = (entry.TakeNumber("momentum"), entry.TakeNumber("epsilon"));
            if (entry.Has("inputShape"))
            {
                var image = entry.TakeImage("inputShape");
                return new LayerPlan(Tensors(image.Depth), () => new BatchNormLayer(image, momentum, epsilon));
            }

            int size = entry.TakeSize("size");
            return new LayerPlan(Tensors(size), () => new BatchNormLayer(size, momentum, epsilon));

            static (string, (long, long)?)[] Tensors(long count) =>
                [("Gamma", (1, count)), ("Beta", (1, count)), ("RunningMean", (1, count)), ("RunningVariance", (1, count))];
        })
        .WithTorch(TorchModule.Of<BatchNormLayer>(
            "BatchNorm",
            key: "running_mean",
            shape => shape is [var size] ? FormattableString.Invariant($"{size}") : null,
            layer =>
            [
                new("Gamma", "weight", layer._shape.Depth) { Default = 1 },
                new("Beta", "bias", layer._shape.Depth),
                new("RunningMean", "running_mean", layer._shape.Depth),
                new("RunningVariance", "running_var", layer._shape.Depth),
            ],
            needs: "running_var"));

    /// <inheritdoc/>
    protected internal override Shape? ExpectedInput => _isRow ? Shape.Row(_shape.Depth) : _shape;

    /// <inheritdoc/>
    protected internal override bool SeesWholeBatch => Trainable;

    private int PlaneSize => _shape.Height * _shape.Width;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        var expected = ExpectedInput!.Value;
        if (!input.SameMatrix(expected) || (input.Depth > 1 && input.Depth != expected.Depth))
        {
            string remake = input.Depth > 1 || input.Rows > 1
                ? FormattableString.Invariant($"new BatchNormLayer(({input.Height}, {input.Width}, {input.Depth}))")
                : FormattableString.Invariant($"new BatchNormLayer({input.Size})");
            string wayOut = _isRow && input.Columns == expected.Columns
                ? $"{Check.OneByOne(input)} Of one image, make this one {remake}."
                : $"Make this one {remake}.";
            throw new ArgumentException($"{Name} expects a {expected.Matrix} input, but got {input}. {wayOut}", nameof(input));
        }

        return expected;
    }

    /// <inheritdoc/>
    protected internal override void CheckBatch(int samples)
    {
        if (Trainable && (long)samples * PlaneSize < 2)
        {
            throw new InvalidOperationException(
                $"{Name} normalises each value by its mean and variance over the mini-batch, which needs two samples or more, but a " +
                "batch has one. " +
                "Train by Fit with FitOptions and a BatchSize of 2 or more that leaves no last batch of one.");
        }
    }

    /// <inheritdoc/>
    protected internal override int SharedPerBatch(Shape input) => 5 * _shape.Depth;

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) => 0;

    /// <inheritdoc/>
    protected internal override void BeforeForward(ForwardPass all, Span<double> gathered)
    {
        var mean = Row(gathered, Mean);
        var variance = Row(gathered, Scale);
        BatchNormalization.Statistics(all.Input, all.Count, PlaneSize, mean, Row(gathered, Rest), variance);
        double m = (double)all.Count * PlaneSize;
        UpdateRunning(_runningMean.Values, mean, 1);
        UpdateRunning(_runningVariance.Values, variance, m / (m - 1));
        ToScale(variance, variance);
    }

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => throw new InvalidOperationException(
        $"{Name} takes samples of {ExpectedInput!.Value.Matrix}, and no sequences of any length. "
        + "Take a LayerNormLayer, which normalises each step by itself, or put it behind a layer that gives one row of all steps.");

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        if (pass.Training && Trainable)
        {
            BatchNormalization.Normalise(
                pass.Input,
                PlaneSize,
                Row(pass.Shared, Mean),
                Row(pass.Shared, Rest),
                Row(pass.Shared, Scale),
                GammaValues,
                BetaValues,
                pass.Output);
            return;
        }

        int planes = _shape.Depth;
        double[]? rented = planes <= PlanesOnStack ? null : ArrayPool<double>.Shared.Rent(2 * planes);
        Span<double> space = rented ?? stackalloc double[2 * PlanesOnStack];
        var scale = space[..planes];
        var rest = space.Slice(planes, planes);
        ToScale(_runningVariance.Values, scale);
        rest.Clear();
        BatchNormalization.Normalise(pass.Input, PlaneSize, _runningMean.Values, rest, scale, GammaValues, BetaValues, pass.Output);
        if (rented is not null)
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    protected internal override void BeforeBackward(BackwardPass all, Span<double> gathered) => BatchNormalization.Gradients(
        all.Input,
        all.OutputError,
        all.Count,
        PlaneSize,
        Row(gathered, Mean),
        Row(gathered, Rest),
        Row(gathered, Scale),
        Row(gathered, GammaError),
        Row(gathered, BetaError));

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        if (Trainable)
        {
            BatchNormalization.InputErrors(
                pass.Input,
                pass.OutputError,
                PlaneSize,
                (double)pass.SharedCount * PlaneSize,
                Row(pass.Shared, Mean),
                Row(pass.Shared, Rest),
                Row(pass.Shared, Scale),
                Row(pass.Shared, GammaError),
                Row(pass.Shared, BetaError),
                GammaValues,
                pass.InputError);
            return;
        }

        int planes = _shape.Depth;
        Span<double> scale = planes <= 256 ? stackalloc double[planes] : new double[planes];
        ToScale(_runningVariance.Values, scale);
        BatchNormalization.InputErrors(pass.OutputError, PlaneSize, scale, GammaValues, pass.InputError);
    }

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass)
    {
        TensorPrimitives.Add(pass.Gradient(0), Row(pass.Shared, GammaError), pass.Gradient(0));
        TensorPrimitives.Add(pass.Gradient(1), Row(pass.Shared, BetaError), pass.Gradient(1));
    }

    /// <summary>One of the rows of what is shared, one number for each plane.</summary>
    private Span<double> Row(Span<double> gathered, int row) => gathered.Slice(row * _shape.Depth, _shape.Depth);

    private ReadOnlySpan<double> Row(ReadOnlySpan<double> gathered, int row) => gathered.Slice(row * _shape.Depth, _shape.Depth);

    private void UpdateRunning(Span<double> running, ReadOnlySpan<double> batch, double correction)
    {
        for (int i = 0; i < running.Length; i++)
        {
            running[i] = ((1 - Momentum) * running[i]) + (Momentum * batch[i] * correction);
        }

        UpdateRules.DropTiny(running);
    }

    private void ToScale(ReadOnlySpan<double> variance, Span<double> scale)
    {
        for (int i = 0; i < scale.Length; i++)
        {
            scale[i] = 1 / Math.Sqrt(variance[i] + Epsilon);
        }
    }
}
