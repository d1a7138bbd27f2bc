using NeuralNet.Kernels;
using NeuralNet.Layers;
using NeuralNet.Models;

namespace NeuralNet;

/// <summary>
/// The zeros that a <see cref="ConvLayer"/> puts around its input: <see cref="Valid"/>, <see cref="Same"/>, or a number of rows
/// and columns.
/// </summary>
public readonly record struct Padding
{
    private readonly bool _same;

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

    private Padding(bool same) => _same = same;

    /// <summary>No zeros: the output is smaller than the input by the kernel's size less 1, before strides.</summary>
    public static Padding Valid => default;

    /// <summary>
    /// So many zeros that the output is input / stride in size, rounded up; where they are an odd number, the one more is below or on the
    /// right, as in TensorFlow and in ONNX' <c>SAME_UPPER</c>.
    /// </summary>
    public static Padding Same { get; } = new(same: true);

    /// <summary>Rows of zeros above, and as many below; 0 for <see cref="Same"/>, which depends on the layer.</summary>
    public int Rows { get; }

    /// <summary>Columns of zeros on the left, and as many on the right; 0 for <see cref="Same"/>, which depends on the layer.</summary>
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

    /// <summary><c>same</c>, <c>valid</c> or the numbers.</summary>
    public override string ToString() => _same ? "same" : this == Valid ? "valid" : FormattableString.Invariant($"{Rows} x {Columns}");

    /// <summary>The zeros before and after a row or column of an input.</summary>
    internal (int Before, int After) Of(bool rows, int input, int kernel, int stride)
    {
        if (!_same)
        {
            return rows ? (Rows, Rows) : (Columns, Columns);
        }

        int output = WindowShape.Count(input, window: 1, stride);
        int zeros = (int)Math.Max(((long)(output - 1) * stride) + kernel - input, 0);
        return (zeros / 2, zeros - (zeros / 2));
    }

    internal void WriteTo(LayerEntry entry) => _ = _same ? entry.With("padding", "same") : entry.With("padding", Rows, Columns);

    /// <exception cref="ArgumentException">The entry has no padding that is known.</exception>
    internal static Padding TakeFrom(LayerEntry entry)
    {
        if (entry.TakeText("padding") is { } text)
        {
            return text == "same" ? Same : throw new ArgumentException($"{entry.Kind} knows no padding '{text}'.");
        }

        var (rows, columns) = entry.TakePair("padding");
        return new Padding(rows, columns);
    }

    private WindowShape Over(Shape input, (int Rows, int Columns) window, (int Rows, int Columns) stride) => Images.Windows(
        nameof(Padding), ("window", "window", nameof(window)), (input.Height, input.Width, input.Depth), window, stride, this);
}
