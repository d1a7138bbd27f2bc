namespace NeuralNet.Onnx;

/// <summary>What a value of the model is for one sample: a row [N, n], or an image [N, depth, height, width].</summary>
/// <param name="IsRow">Whether it is a row.</param>
/// <param name="Shape">The sample's shape in the library.</param>
internal readonly record struct Form(bool IsRow, Shape Shape)
{
    public Form((int Height, int Width, int Depth) image)
        : this(false, new Shape(image.Height, image.Width, image.Depth))
    {
    }

    public int Height => Shape.Height;

    public int Width => Shape.Width;

    public int Depth => Shape.Depth;

    public (int Height, int Width, int Depth) Image => (Height, Width, Depth);

    public long Columns => (long)Width * Depth;

    public long Size => Columns * Height;

    /// <summary>The dimensions after the batch.</summary>
    public long[] Dimensions => IsRow ? [Width] : [Depth, Height, Width];

    public static Form Row(int size) => new(true, Shape.Row(size));

    /// <exception cref="ArgumentOutOfRangeException">The size is less than 1.</exception>
    public static Form CheckedRow(int size) => size > 0
        ? Row(size)
        : throw new ArgumentOutOfRangeException(
            nameof(size), FormattableString.Invariant($"SetRow expects a size of 1 or more, but got {size}."));

    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, or there are more values than a matrix holds.</exception>
    public static Form CheckedImage(Shape shape) =>
        shape is { Height: > 0, Width: > 0, Depth: > 0 } && (Int128)shape.Height * shape.Width * shape.Depth <= Array.MaxLength
            ? new Form(false, shape)
            : throw new ArgumentOutOfRangeException(
                nameof(shape), $"SetImage expects sizes of 1 or more that fit into a matrix, but got {shape}.");

    /// <summary>Whether the library's matrix for the one is a matrix for the other too: height x (width * depth).</summary>
    public bool SameMatrix(Form other) => Height == other.Height && Columns == other.Columns;

    public override string ToString() =>
        FormattableString.Invariant(IsRow ? (FormattableString)$"[N, {Width}]" : $"[N, {Depth}, {Height}, {Width}]");
}
