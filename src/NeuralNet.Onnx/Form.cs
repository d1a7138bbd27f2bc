namespace NeuralNet.Onnx;

/// <summary>What a value of the model is for one sample.</summary>
/// <param name="Kind">Its dimensions.</param>
/// <param name="Shape">The sample's shape in the library; 0 rows for a sequence of any number of steps.</param>
internal readonly record struct Form(FormKind Kind, Shape Shape)
{
    public Form((int Height, int Width, int Depth) image)
        : this(FormKind.Image, new Shape(image.Height, image.Width, image.Depth))
    {
    }

    public bool IsRow => Kind == FormKind.Row;

    public bool IsImage => Kind == FormKind.Image;

    public bool IsSequence => Kind == FormKind.Sequence;

    /// <summary>Whether it is a sequence of any number of steps, which the model does not say.</summary>
    public bool IsFree => Height == 0;

    public int Height => Shape.Height;

    public int Width => Shape.Width;

    public int Depth => Shape.Depth;

    public (int Height, int Width, int Depth) Image => (Height, Width, Depth);

    public long Columns => (long)Width * Depth;

    public long Size => Columns * Height;

    /// <summary>The dimensions after the batch; 0 for a number of steps that is not known.</summary>
    public long[] Dimensions => Kind switch
    {
        FormKind.Row => [Width],
        FormKind.Sequence or FormKind.StepsFirst => [Height, Width],
        FormKind.Channels => [Width, Height],
        FormKind.Numbers => [Height],
        _ => [Depth, Height, Width],
    };

    public static Form Row(int size) => new(FormKind.Row, Shape.Row(size));

    /// <param name="size">The values of a step.</param>
    /// <param name="steps">The number of steps; 0 for any.</param>
    public static Form Sequence(int size, int steps = 0) => new(FormKind.Sequence, new Shape(steps, size));

    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public static Form CheckedRow(int size) => size > 0
        ? Row(size)
        : throw new ArgumentOutOfRangeException(
            nameof(size), FormattableString.Invariant($"SetRow expects a size of 1 or more, but got {size}."));

    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public static Form CheckedSequence(int size, int steps) => size > 0
        ? Sequence(size, steps)
        : throw new ArgumentOutOfRangeException(
            nameof(size), FormattableString.Invariant($"SetSequence expects a size of 1 or more, but got {size}."));

    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or there are more values than a matrix holds.</exception>
    public static Form CheckedImage(Shape shape) =>
        shape is { Height: > 0, Width: > 0, Depth: > 0 } && (Int128)shape.Height * shape.Width * shape.Depth <= Array.MaxLength
            ? new Form(FormKind.Image, shape)
            : throw new ArgumentOutOfRangeException(
                nameof(shape), $"SetImage expects sizes of 1 or more that fit into a matrix, but got {shape}.");

    /// <summary>The same sequence with its dimensions in another order.</summary>
    public Form As(FormKind kind) => this with { Kind = kind };

    /// <summary>Whether the library's matrix for the one is a matrix for the other too: height x (width * depth).</summary>
    public bool SameMatrix(Form other) => Height == other.Height && Columns == other.Columns;

    public override string ToString()
    {
        var dimensions = Dimensions.Select(size => size == 0 ? "T" : FormattableString.Invariant($"{size}"));
        return Kind == FormKind.StepsFirst
            ? $"[{dimensions.First()}, N, {dimensions.Last()}]"
            : $"[{string.Join(", ", dimensions.Prepend("N"))}]";
    }
}
