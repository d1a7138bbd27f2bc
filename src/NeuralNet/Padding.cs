using NeuralNet.Kernels;
using NeuralNet.Layers;
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

    /// <summary>Returns the number of zeros on each side of an image, as a layer of your own needs it.</summary>
    /// <param name="inputShape">The image's shape, each size 1 or more.</param>
    /// <param name="window">The rows and columns of a window or kernel, each 1 or more and no more than the image's with its zeros.</param>
    /// <param name="stride">The rows and columns from one window to the next, each 1 or more.</param>
    /// <returns>The rows of zeros above and below, and the columns on the left and on the right.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the window is larger than the image with its zeros, or these together do not fit into a matrix.
    /// </exception>
    public (int Top, int Bottom, int Left, int Right) GetZeros(
        Shape inputShape, (int Rows, int Columns) window, (int Rows, int Columns) stride) => Over(inputShape, window, stride).Padding;

    /// <summary>Returns the shape of what windows over an image give: one value for each window, in as many planes.</summary>
    /// <param name="inputShape">The image's shape, each size 1 or more.</param>
    /// <param name="window">The rows and columns of a window or kernel, each 1 or more and no more than the image's with its zeros.</param>
    /// <param name="stride">The rows and columns from one window to the next, each 1 or more.</param>
    /// <returns>
    /// ⌊(height + the zeros above and below - the window's rows) / the stride's rows⌋ + 1 rows, the same for the columns, and the image's
    /// planes; <c>with { Depth = kernels }</c> makes it a convolution's.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is less than 1, the window is larger than the image with its zeros, or these together do not fit into a matrix.
    /// </exception>
    public Shape GetOutputShape(Shape inputShape, (int Rows, int Columns) window, (int Rows, int Columns) stride)
    {
        var windows = Over(inputShape, window, stride);
        return new Shape(windows.OutputHeight, windows.OutputWidth, windows.Depth);
    }

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
                int output = WindowShape.Count(input, window: 1, stride);
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

    private WindowShape Over(Shape input, (int Rows, int Columns) window, (int Rows, int Columns) stride) => Images.Windows(
        nameof(Padding), ("window", "window", nameof(window)), (input.Height, input.Width, input.Depth), window, stride, this);
}
