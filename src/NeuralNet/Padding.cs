using NeuralNet.Kernels;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// The zeros that a <see cref="ConvLayer"/> or a <see cref="Conv1DLayer"/> puts around its input: <see cref="Valid"/>,
/// <see cref="Same"/>, <see cref="Causal"/>, or a number of rows and columns.
/// </summary>
public readonly record struct Padding
{
    private readonly Kind _kind;

    /// <summary>
    /// The same number of zeros on all four sides, as PyTorch's <c>padding</c>; an <see cref="int"/> will do in its place.
    /// </summary>
    /// <param name="size">The number, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public Padding(int size)
        : this(Check.ZeroOrMore(size, "The padding", nameof(size)), size)
    {
    }

    /// <summary>Rows of zeros above and below, and columns of zeros on the left and on the right.</summary>
    /// <param name="rows">Above, and as many below: 0 or more.</param>
    /// <param name="columns">On the left, and as many on the right: 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public Padding(int rows, int columns)
    {
        Rows = Check.ZeroOrMore(rows, "The padding's rows", nameof(rows));
        Columns = Check.ZeroOrMore(columns, "The padding's columns", nameof(columns));
    }

    private Padding(Kind kind) => _kind = kind;

    private enum Kind
    {
        Number,
        Same,
        Causal,
    }

    /// <summary>No zeros: the output is smaller than the input by the kernel's size less 1, before strides.</summary>
    public static Padding Valid => default;

    /// <summary>
    /// So many zeros that the output is input / stride in size, rounded up; where they are an odd number, the one more is below or on the
    /// right, as in TensorFlow and in ONNX' <c>SAME_UPPER</c>.
    /// </summary>
    public static Padding Same { get; } = new(Kind.Same);

    /// <summary>
    /// Zeros before the first step only, so many that no step of the output sees a later one of the input: for a
    /// <see cref="Conv1DLayer"/>. The output has steps / stride steps, rounded up.
    /// </summary>
    public static Padding Causal { get; } = new(Kind.Causal);

    /// <summary>
    /// Rows of zeros above, and as many below; 0 for <see cref="Same"/> and <see cref="Causal"/>, which depend on the layer.
    /// </summary>
    public int Rows { get; }

    /// <summary>
    /// Columns of zeros on the left, and as many on the right; 0 for <see cref="Same"/> and <see cref="Causal"/>, which depend on the
    /// layer.
    /// </summary>
    public int Columns { get; }

    /// <summary>The same number of zeros on all four sides.</summary>
    /// <param name="size">The number, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static implicit operator Padding(int size) => new(size);

    /// <summary><c>same</c>, <c>causal</c>, <c>valid</c> or the numbers.</summary>
    public override string ToString() => _kind switch
    {
        Kind.Same => "same",
        Kind.Causal => "causal",
        _ => this == Valid ? "valid" : FormattableString.Invariant($"{Rows} x {Columns}"),
    };

    /// <summary>The zeros before and after a row or column of an input.</summary>
    /// <param name="rows">Whether rows are meant.</param>
    /// <param name="input">How many the input has.</param>
    /// <param name="kernel">How many a kernel reaches over.</param>
    /// <param name="stride">From one place of a kernel to the next.</param>
    internal (int Before, int After) Of(bool rows, int input, int kernel, int stride)
    {
        switch (_kind)
        {
            case Kind.Same:
                int output = Windows.Count(input, window: 1, stride);
                int zeros = (int)Math.Max(((long)(output - 1) * stride) + kernel - input, 0);
                return (zeros / 2, zeros - (zeros / 2));
            case Kind.Causal:
                return (kernel - 1, 0);
            default:
                return rows ? (Rows, Rows) : (Columns, Columns);
        }
    }

    internal void WriteTo(LayerEntry entry) =>
        _ = _kind == Kind.Number ? entry.With("padding", Rows, Columns) : entry.With("padding", ToString());

    /// <exception cref="ArgumentException">The entry has no padding that is known.</exception>
    internal static Padding TakeFrom(LayerEntry entry)
    {
        if (entry.TakeText("padding") is { } text)
        {
            return text switch
            {
                "same" => Same,
                "causal" => Causal,
                _ => throw new ArgumentException($"{entry.Kind} knows no padding '{text}'."),
            };
        }

        var (rows, columns) = entry.TakePair("padding");
        return new Padding(rows, columns);
    }
}
