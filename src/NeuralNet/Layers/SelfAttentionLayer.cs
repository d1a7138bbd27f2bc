using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// Self-attention in several heads: each step of a sequence becomes a mean of all steps, weighted by how well they match.
/// </summary>
/// <remarks>
/// <para>[Q K V] = XW + B, and in each head, which has the next d = n / heads columns of Q, K and V, A = softmax(QKᵀ / √d) V, the softmax
/// over each row; Y = [A₁ A₂ ...] W' + B'. Where it is causal, step t sees the steps up to t only: row t of the softmax is over the first
/// t + 1 values.</para>
/// <para>With P for the softmax and G = dE/dA Vᵀ: dE/dV = Pᵀ dE/dA, dE/dS = P ∘ (G - Σ P ∘ G) with the sum over each row,
/// dE/dQ = dE/dS K / √d, dE/dK = (dE/dS)ᵀ Q / √d; before and behind are the derivatives of <see cref="FCLayer"/>.</para>
/// <para>X and Y are T x n, one step a row, for any T, which may differ from sample to sample; W is n x 3n, B is 1 x 3n, W' is n x n, B' is
/// 1 x n. For the way back T x T numbers a head and sample are kept.</para>
/// <para>
/// Ashish Vaswani and others, Attention is all you need, 2017, in the definition of PyTorch's MultiheadAttention with one X for queries,
/// keys and values. It starts as PyTorch's does: W uniform in ±√(6 / (n + 3n)) (Xavier Glorot and Yoshua Bengio, 2010), W' in ±1 / √n, and
/// the biases 0.
/// </para>
/// </remarks>
public sealed class SelfAttentionLayer : BatchLayer
{
    private readonly int _size;
    private readonly int _heads;
    private readonly InitialWeights _initial;
    private readonly Parameter _inputWeights;
    private readonly Parameter _inputBias;
    private readonly Parameter _outputWeights;
    private readonly Parameter _outputBias;

    /// <summary>Initializes a new instance of the <see cref="SelfAttentionLayer"/> class with random weights.</summary>
    /// <param name="size">n, the number of values of a step: a multiple of <paramref name="heads"/>.</param>
    /// <param name="heads">The number of heads, 1 or more.</param>
    /// <param name="causal">Whether a step sees itself and the steps before it only.</param>
    /// <param name="initializer">How weights and biases start; as in PyTorch where none is given.</param>
    /// <param name="random">
    /// Where random numbers come from. Where none is given, <see cref="Random.Shared"/>, and <see cref="Network.InitialSeed"/> when the
    /// layer is added to a network that has one.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is less than 1, or n * 3n values do not fit into a matrix.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="size"/> is no multiple of <paramref name="heads"/>.</exception>
    public SelfAttentionLayer(int size, int heads, bool causal = false, Initializer? initializer = null, Random? random = null)
    {
        _size = Check.Positive(size, "SelfAttentionLayer's size", nameof(size));
        _heads = Check.Positive(heads, "SelfAttentionLayer's heads", nameof(heads));
        if (size % heads != 0)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"SelfAttentionLayer expects a size that is a multiple of its heads, ") +
                string.Create(CultureInfo.InvariantCulture, $"but got a size of {size} with {heads} heads. Take another number of heads."),
                nameof(heads));
        }

        Causal = causal;
        Check.SizeFits((Int128)size * size * 3, $"{Name}'s InputWeights", nameof(size));
        _inputWeights = new Parameter("InputWeights", size, 3 * size) { Owner = this };
        _inputBias = new Parameter("InputBias", 1, 3 * size) { Owner = this };
        _outputWeights = new Parameter("OutputWeights", size, size) { Owner = this };
        _outputBias = new Parameter("OutputBias", 1, size) { Owner = this };
        Parameters = [_inputWeights, _inputBias, _outputWeights, _outputBias];
        _initial = new InitialWeights(
            [_inputWeights, _inputBias, _outputWeights, _outputBias],
            generator =>
            {
                (initializer ?? Initializer.GlorotUniform).Draw(_inputWeights, _inputBias, (size, 3 * size), generator);
                (initializer ?? Initializer.TorchUniform).Draw(_outputWeights, _outputBias, (size, size), generator);
            },
            random);
    }

    /// <summary>Gets n, the number of values of a step.</summary>
    public int Size => _size;

    /// <summary>Gets the number of heads.</summary>
    public int Heads => _heads;

    /// <summary>Gets a value that indicates whether a step sees itself and the steps before it only.</summary>
    public bool Causal { get; }

    /// <summary>
    /// Gets or sets W, n x 3n, the columns of the queries, then of the keys, then of the values: the live matrix to read and write; setting
    /// it copies the values in.
    /// </summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> InputWeights
    {
        get => _inputWeights.Value;
        set => _inputWeights.CopyFrom(value, Name);
    }

    /// <summary>Gets or sets B, 1 x 3n: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> InputBias
    {
        get => _inputBias.Value;
        set => _inputBias.CopyFrom(value, Name);
    }

    /// <summary>Gets or sets W', n x n: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> OutputWeights
    {
        get => _outputWeights.Value;
        set => _outputWeights.CopyFrom(value, Name);
    }

    /// <summary>Gets or sets B', 1 x n: the live matrix to read and write; setting it copies the values in.</summary>
    /// <exception cref="ArgumentException">The value set has another shape, or holds NaN or infinity.</exception>
    public Matrix<double> OutputBias
    {
        get => _outputBias.Value;
        set => _outputBias.CopyFrom(value, Name);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected internal override string Name => FormattableString.Invariant(
        $"SelfAttentionLayer({_size}, {_heads} {(_heads == 1 ? "head" : "heads")}{(Causal ? ", causal" : "")})");

    internal override bool GivesSteps => true;

    /// <summary>What files say of the layer, and how it is made of that again.</summary>
    internal static LayerKind Kind { get; } = LayerKind.Of<SelfAttentionLayer>(
        write: (layer, entry) => entry.With("size", layer._size).With("heads", layer._heads).With("causal", layer.Causal ? 1 : 0),
        read: entry =>
        {
            int size = entry.TakeSize("size");
            int heads = entry.TakeSize("heads");
            bool causal = entry.TakeNumber("causal") switch
            {
                0 => false,
                1 => true,
                _ => throw new ArgumentException($"{nameof(SelfAttentionLayer)} needs a 'causal' of 0 or 1."),
            };
            return new LayerPlan(
                [
                    ("InputWeights", (size, 3L * size)),
                    ("InputBias", (1, 3L * size)),
                    ("OutputWeights", (size, size)),
                    ("OutputBias", (1, size)),
                ],
                () => new SelfAttentionLayer(size, heads, causal, Initializer.Zeros));
        })
        .WithTorch(TorchModule.Of<SelfAttentionLayer>(
            "MultiheadAttention",
            key: "in_proj_weight",
            shape => shape is [var rows, var size] && rows == 3 * size ? FormattableString.Invariant($"{size}") : null,
            layer =>
            [
                new("InputWeights", "in_proj_weight", 3 * layer._size, layer._size) { HasOutputsFirst = true },
                new("InputBias", "in_proj_bias", 3 * layer._size),
                new("OutputWeights", "out_proj.weight", layer._size, layer._size) { HasOutputsFirst = true },
                new("OutputBias", "out_proj.bias", layer._size),
            ],
            within: "out_proj."));

    internal override void DrawInitialWeights(Random? random) => _initial.DrawFrom(random);

    /// <inheritdoc/>
    protected internal override int GradientColumns => _size;

    /// <inheritdoc/>
    protected internal override bool LearnsOnTheWayBack => true;

    /// <inheritdoc/>
    protected internal override Shape GetOutputShape(Shape input)
    {
        if (input.Columns != _size)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} expects an input of {_size} columns, one step a row, in any number of rows, ") +
                FormattableString.Invariant($"but got {input}. Make its size {input.Columns}, or add an FCLayer before it."),
                nameof(input));
        }

        var kept = new Kept(ShapeOf(input));
        return kept.Count <= Array.MaxLength ? new Shape(input.Rows, _size) : throw new ArgumentException(
            FormattableString.Invariant($"{Name} keeps a number for each head and pair of steps, which of {input.Rows} steps are ") +
            FormattableString.Invariant($"{kept.Count:N0} in all; {Array.MaxLength:N0} can be had. Cut the sequence into shorter ones."),
            nameof(input));
    }

    /// <inheritdoc/>
    protected internal override int KeptPerSample(Shape input) => (int)new Kept(ShapeOf(input)).Count;

    /// <inheritdoc/>
    protected internal override long MultiplyAdds(Shape input) =>
        (4L * input.Rows * _size * _size) + (2L * input.Rows * input.Rows * _size);

    /// <inheritdoc/>
    protected internal override StreamState NewStreamState() => Causal ? new Past(this) : throw new InvalidOperationException(
        $"{Name} looks ahead: each step becomes a mean of all steps. Make it causal: true, or call Predict with the whole sequence.");

    /// <inheritdoc/>
    protected internal override void Forward(ForwardPass pass)
    {
        var shape = ShapeOf(pass.InputShape);
        var at = new Kept(shape);
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var kept = pass.KeptOf(sample);
            TableProducts.RowsTimesMatrix(
                pass.InputOf(sample), shape.Steps, _inputWeights.Values, _inputBias.Values, kept[at.Projected]);
            Attention.Apply(shape, kept[at.Projected], kept[at.Weights], kept[at.Attended]);
            TableProducts.RowsTimesMatrix(
                kept[at.Attended], shape.Steps, _outputWeights.Values, _outputBias.Values, pass.OutputOf(sample));
        }
    }

    /// <inheritdoc/>
    protected internal override void Backward(BackwardPass pass)
    {
        var shape = ShapeOf(pass.InputShape);
        var at = new Kept(shape);
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var kept = pass.KeptOf(sample);
            TableProducts.InputErrors(pass.OutputErrorOf(sample), shape.Steps, _outputWeights.Values, kept[at.AttendedError]);
            Attention.InputErrors(
                shape, kept[at.Projected], kept[at.Weights], kept[at.AttendedError], kept[at.ProjectedError]);
            if (pass.WantsInputError)
            {
                TableProducts.InputErrors(kept[at.ProjectedError], shape.Steps, _inputWeights.Values, pass.InputErrorOf(sample));
            }

            Transposition.ToRows(pass.InputOf(sample), shape.Steps, _size, kept[at.InputRows]);
            Transposition.ToRows(kept[at.Attended], shape.Steps, _size, kept[at.AttendedRows]);
        }
    }

    /// <inheritdoc/>
    protected internal override void AddGradients(GradientPass pass)
    {
        var shape = ShapeOf(pass.InputShape);
        var at = new Kept(shape);
        var input = (3 * pass.From * shape.Steps)..(3 * pass.To * shape.Steps);
        var output = (pass.From * shape.Steps)..(pass.To * shape.Steps);
        for (int sample = 0; sample < pass.Count; sample++)
        {
            var kept = pass.Kept.Slice(sample * (int)at.Count, (int)at.Count);
            var projectedError = kept[at.ProjectedError][input];
            var outputError = pass.OutputError.Slice(sample * shape.Values, shape.Values)[output];
            TableProducts.AddOuters(kept[at.InputRows], shape.Steps, projectedError, pass.Gradient(0));
            TableProducts.AddColumnSums(projectedError, shape.Steps, pass.Gradient(1));
            TableProducts.AddOuters(kept[at.AttendedRows], shape.Steps, outputError, pass.Gradient(2));
            TableProducts.AddColumnSums(outputError, shape.Steps, pass.Gradient(3));
        }
    }

    private AttentionShape ShapeOf(Shape input) => new(input.Rows, _size, _heads, Causal);

    /// <summary>Where things are in what is kept of a sample: on the way forward, and then on the way back for the gradients.</summary>
    private readonly struct Kept(AttentionShape shape)
    {
        private readonly long _values = (long)shape.Steps * shape.Size;
        private readonly long _weights = (long)shape.Steps * shape.Steps * shape.Heads;

        /// <summary>The number of values of all; where it is no int, the ranges are not to be asked for.</summary>
        public Int128 Count => (10 * (Int128)_values) + _weights;

        /// <summary>Q, K and V, T x 3n.</summary>
        public Range Projected => Of(0, 3);

        /// <summary>[A₁ A₂ ...], T x n.</summary>
        public Range Attended => Of(3, 1);

        /// <summary>dE/dA, T x n.</summary>
        public Range AttendedError => Of(4, 1);

        /// <summary>dE/dQ, dE/dK and dE/dV, T x 3n.</summary>
        public Range ProjectedError => Of(5, 3);

        /// <summary>X, row by row.</summary>
        public Range InputRows => Of(8, 1);

        /// <summary>[A₁ A₂ ...], row by row.</summary>
        public Range AttendedRows => Of(9, 1);

        /// <summary>The softmax of each head, T x T.</summary>
        public Range Weights => (int)(10 * _values)..(int)Count;

        private Range Of(int place, int count) => (int)(place * _values)..(int)((place + count) * _values);
    }

    /// <summary>Keys and values of all steps so far, of each head row by row: room for twice as many where it is full.</summary>
    private sealed class Past : StreamState
    {
        private const int LeastRoom = 64;

        private readonly SelfAttentionLayer _layer;
        private readonly int _headSize;
        private readonly double[] _projected;
        private readonly double[] _attended;
        private readonly double[][] _keys;
        private readonly double[][] _values;
        private double[] _weights = [];
        private int _steps;

        public Past(SelfAttentionLayer layer)
        {
            _layer = layer;
            _headSize = layer._size / layer._heads;
            _projected = new double[3 * layer._size];
            _attended = new double[layer._size];
            _keys = [.. Enumerable.Repeat<double[]>([], layer._heads)];
            _values = [.. Enumerable.Repeat<double[]>([], layer._heads)];
        }

        protected internal override void TakeStep(ReadOnlySpan<double> input, Span<double> output)
        {
            if (_steps == _weights.Length)
            {
                MakeRoom();
            }

            _layer._inputBias.Values.CopyTo(_projected);
            UnpackedProduct.AddRow(input, _layer._inputWeights.Values, _projected);
            int last = _steps * _headSize;
            _steps++;
            for (int head = 0; head < _layer._heads; head++)
            {
                var (keys, values) = (_keys[head], _values[head]);
                Part(1, head).CopyTo(keys.AsSpan(last));
                Part(2, head).CopyTo(values.AsSpan(last));
                Attention.ApplyToOne(
                    Part(0, head),
                    keys.AsSpan(0, last + _headSize),
                    values.AsSpan(0, last + _headSize),
                    _weights.AsSpan(0, _steps),
                    _attended.AsSpan(head * _headSize, _headSize));
            }

            _layer._outputBias.Values.CopyTo(output);
            UnpackedProduct.AddRow(_attended, _layer._outputWeights.Values, output);
        }

        protected internal override void Reset() => _steps = 0;

        /// <summary>A head's part of the step's query (0), key (1) or value (2).</summary>
        private Span<double> Part(int part, int head) => _projected.AsSpan((part * _layer._size) + (head * _headSize), _headSize);

        private void MakeRoom()
        {
            int room = (int)Math.Min(Math.Max(LeastRoom, 2L * _steps), Array.MaxLength / _headSize);
            if (room == _steps)
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"{_layer.Name} keeps all steps of a stream, and {_steps} are as many as arrays hold. Call Reset."));
            }

            for (int head = 0; head < _keys.Length; head++)
            {
                Array.Resize(ref _keys[head], room * _headSize);
                Array.Resize(ref _values[head], room * _headSize);
            }

            Array.Resize(ref _weights, room);
        }
    }
}
