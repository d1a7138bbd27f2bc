using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Batch normalisation: gives each output of a fully connected layer, or each plane of an image, mean 0 and variance 1 over the mini-batch, then a scale and a shift that are learnt.</summary>
/// <remarks>
/// <para>X̂ = (X - μ) / √(σ² + ε), Y = γ X̂ + β; μ and σ² are the mean and the variance over the m values of the plane in all samples of the mini-batch (and all its positions).</para>
/// <para>dE/dγ = Σ dE/dY X̂, dE/dβ = Σ dE/dY, dE/dX = γ / √(σ² + ε) (dE/dY - (dE/dβ + X̂ dE/dγ) / m)</para>
/// <para>
/// In Predict μ and σ² are the running ones: after each training batch running = (1 - momentum) running + momentum batch, with σ² m / (m - 1) as the batch's variance.
/// </para>
/// <para>
/// Sergey Ioffe and Christian Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate shift, 2015, in PyTorch's definitions. A batch in which m is 1, such as
/// the article's one sample of a fully connected layer, has no variance, and is refused in training.
/// </para>
/// </remarks>
public sealed class BatchNormLayer : TrainableLayer, IWholeBatchLayer
{
    /// <summary>What a pass keeps of each plane, by its place.</summary>
    private const int Mean = 0, Rest = 1, Scale = 2, GammaError = 3, BetaError = 4;

    private readonly Shape _shape;
    private readonly bool _isRow;
    private readonly Parameter _gamma;
    private readonly Parameter _beta;
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
    /// <param name="inputShape">The image's height, width and number of planes, each 1 or more; a plane is normalised over all its positions.</param>
    /// <param name="momentum">The weight of a new batch in the running mean and variance: above 0, at most 1.</param>
    /// <param name="epsilon">ε: finite, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public BatchNormLayer((int Height, int Width, int Depth) inputShape, double momentum = 0.1, double epsilon = 1e-5)
        : this(Images.Check(inputShape, "BatchNormLayer"), false, momentum, epsilon)
    {
    }

    private BatchNormLayer(Shape shape, bool isRow, double momentum, double epsilon)
    {
        (_shape, _isRow) = (shape, isRow);
        Momentum = Check.Number(momentum, momentum > 0 && momentum <= 1, "BatchNormLayer's momentum", " above 0, at most 1", nameof(momentum));
        Epsilon = Check.Number(epsilon, epsilon > 0, "BatchNormLayer's epsilon", " above 0", nameof(epsilon));
        _gamma = new Parameter("Gamma", Matrix<double>.Build.Dense(1, shape.Depth, 1)) { Owner = this };
        _beta = new Parameter("Beta", 1, shape.Depth) { Owner = this };
        _runningMean = new Parameter("RunningMean", Matrix<double>.Build.Dense(1, shape.Depth));
        _runningVariance = new Parameter("RunningVariance", Matrix<double>.Build.Dense(1, shape.Depth, 1));
        Parameters = [_gamma, _beta];
    }

    /// <summary>γ, 1 x the number of values or planes, 1 at the start: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Gamma
    {
        get => _gamma.Value;
        set => _gamma.CopyFrom(value, Name);
    }

    /// <summary>β, 1 x the number of values or planes, 0 at the start: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> Beta
    {
        get => _beta.Value;
        set => _beta.CopyFrom(value, Name);
    }

    /// <summary>The mean that Predict takes, 1 x the number of values or planes, 0 at the start: the live matrix; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> RunningMean
    {
        get => _runningMean.Value;
        set => _runningMean.CopyFrom(value, Name);
    }

    /// <summary>The variance that Predict takes, 1 x the number of values or planes, 1 at the start: the live matrix; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds a number that is negative, NaN or infinite.</exception>
    public Matrix<double> RunningVariance
    {
        get => _runningVariance.Value;
        set
        {
            if (value?.Exists(variance => variance < 0) == true)
            {
                throw new ArgumentException($"{Name} expects a RunningVariance of 0 or more, but got {value.Enumerate().Min().ToString(CultureInfo.InvariantCulture)}.", nameof(value));
            }

            _runningVariance.CopyFrom(value!, Name);
        }
    }

    /// <summary>The image's height, width and number of planes; null for a layer of rows.</summary>
    public (int Height, int Width, int Depth)? InputShape => _isRow ? null : (_shape.Height, _shape.Width, _shape.Depth);

    /// <summary>The weight of a new batch in the running mean and variance.</summary>
    public double Momentum { get; }

    /// <summary>ε, which keeps the division finite.</summary>
    public double Epsilon { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    internal override string Name => _isRow ? FormattableString.Invariant($"BatchNormLayer({_shape.Depth})") : FormattableString.Invariant($"BatchNormLayer({_shape.Height} x {_shape.Width} x {_shape.Depth})");

    internal override IReadOnlyList<double[]> Statistics => [_runningMean.Memory, _runningVariance.Memory];

    /// <summary>Y for a mini-batch of one image, as in training: by its own mean and variance, which go into the running ones.</summary>
    /// <param name="input">X, height x (width * depth).</param>
    /// <returns>Y, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has another shape.</exception>
    /// <exception cref="InvalidOperationException">The planes have a single value each.</exception>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y by the running mean and variance, keeping nothing: any number of threads may call it at once.</summary>
    /// <param name="input">X, 1 x size or height x (width * depth).</param>
    /// <returns>Y, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has another shape.</exception>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>Adds dE/dγ and dE/dβ to the gradients.</summary>
    /// <param name="outputError">dE/dY, in the shape of Y.</param>
    /// <returns>dE/dX, in the shape of X, with μ and σ² taken as the functions of X that they are.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than Y.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> Backward(Matrix<double> outputError) => this.BackwardOne(outputError);

    int IBatchLayer.GradientColumns => 1;

    Shape? IBatchLayer.OutputShape(Shape? input)
    {
        var expected = _isRow ? Shape.Row(_shape.Depth) : _shape;
        if (input is { } x && (!x.SameMatrix(expected) || (x.Depth > 1 && x.Depth != expected.Depth)))
        {
            string remake = x.Depth > 1 || x.Rows > 1
                ? FormattableString.Invariant($"new BatchNormLayer(({x.Height}, {x.Width}, {x.Depth}))")
                : FormattableString.Invariant($"new BatchNormLayer({x.Size})");
            string wayOut = _isRow && x.Columns == expected.Columns
                ? $"{Check.OneByOne(x)} Of one image, make this one {remake}."
                : $"Make this one {remake}.";
            throw new ArgumentException($"{Name} expects a {expected.Matrix} input, but got {x}. {wayOut}", nameof(input));
        }

        return expected;
    }

    void IWholeBatchLayer.RequireBatch(int count)
    {
        if ((long)count * PlaneSize < 2)
        {
            throw new InvalidOperationException(
                $"{Name} normalises each value by its mean and variance over the mini-batch, which needs two samples or more, but a batch has one. Train by Fit with FitOptions and a BatchSize of 2 or more that leaves no last batch of one.");
        }
    }

    void IWholeBatchLayer.BeforeForward(LayerPass pass)
    {
        int planes = _shape.Depth;
        if (pass.Kept.Length == 0)
        {
            pass.Kept = [new double[planes], new double[planes], new double[planes], new double[planes], new double[planes]];
        }

        var (mean, rest, variance) = (pass.Kept[Mean], pass.Kept[Rest], pass.Kept[Scale]);
        BatchNormalization.Statistics(pass.Input.Range(0, pass.Count), pass.Count, PlaneSize, mean, rest, variance);
        double m = (double)pass.Count * PlaneSize;
        Follow(_runningMean.Values, mean, 1);
        Follow(_runningVariance.Values, variance, m / (m - 1));
        ToScale(variance, variance);
    }

    void IBatchLayer.Forward(LayerPass pass, int from, int to)
    {
        if (pass.Training)
        {
            var kept = pass.Kept;
            BatchNormalization.Normalise(
                pass.Input.Range(from, to), PlaneSize, kept[Mean], kept[Rest], kept[Scale], _gamma.Values, _beta.Values, pass.Output.Range(from, to));
            return;
        }

        int planes = _shape.Depth;
        Span<double> scale = planes <= 256 ? stackalloc double[planes] : new double[planes];
        Span<double> rest = planes <= 256 ? stackalloc double[planes] : new double[planes];
        ToScale(_runningVariance.Values, scale);
        rest.Clear();
        BatchNormalization.Normalise(
            pass.Input.Range(from, to), PlaneSize, _runningMean.Values, rest, scale, _gamma.Values, _beta.Values, pass.Output.Range(from, to));
    }

    void IWholeBatchLayer.BeforeInputErrors(LayerPass pass) => BatchNormalization.Gradients(
        pass.Input.Range(0, pass.Count),
        pass.OutputError.Range(0, pass.Count),
        pass.Count,
        PlaneSize,
        pass.Kept[Mean],
        pass.Kept[Rest],
        pass.Kept[Scale],
        pass.Kept[GammaError],
        pass.Kept[BetaError]);

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to) => BatchNormalization.InputErrors(
        pass.Input.Range(from, to),
        pass.OutputError.Range(from, to),
        PlaneSize,
        (double)pass.Count * PlaneSize,
        pass.Kept[Mean],
        pass.Kept[Rest],
        pass.Kept[Scale],
        pass.Kept[GammaError],
        pass.Kept[BetaError],
        _gamma.Values,
        pass.InputError.Range(from, to));

    void IBatchLayer.AddGradients(LayerPass pass, int from, int to)
    {
        TensorPrimitives.Add(_gamma.Gradients, pass.Kept[GammaError], _gamma.Gradients);
        TensorPrimitives.Add(_beta.Gradients, pass.Kept[BetaError], _beta.Gradients);
    }

    private int PlaneSize => _shape.Height * _shape.Width;

    private void Follow(Span<double> running, ReadOnlySpan<double> batch, double correction)
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
