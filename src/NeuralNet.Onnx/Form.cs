namespace NeuralNet.Onnx;

/// <summary>The shape of a tensor between two nodes, the batch left out: a row [N, n], or an image [N, depth, height, width].</summary>
internal readonly record struct Form(bool IsRow, int Height, int Width, int Depth)
{
    public Form((int Height, int Width, int Depth) image)
        : this(false, image.Height, image.Width, image.Depth)
    {
    }

    public long Size => (long)Height * Width * Depth;

    public (int Height, int Width, int Depth) Image => (Height, Width, Depth);

    public static Form Row(int size) => new(true, 1, size, 1);

    /// <summary>The dimensions after the batch.</summary>
    public long[] Dimensions => IsRow ? [Width] : [Depth, Height, Width];

    /// <summary>Whether the library's matrix for the one holds the planes of the other: height x (width * depth).</summary>
    public bool SameMatrix(Form other) => Height == other.Height && (long)Width * Depth == (long)other.Width * other.Depth;

    public override string ToString() => FormattableString.Invariant(IsRow ? (FormattableString)$"[N, {Width}]" : $"[N, {Depth}, {Height}, {Width}]");
}
