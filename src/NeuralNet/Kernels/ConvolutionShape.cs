namespace NeuralNet.Kernels;

/// <summary>The sizes of a convolution, and where its values lie in memory.</summary>
/// <remarks>
/// <para>
/// The kernels read a prepared image. With padding it holds the zeros around the input; with a stride its planes are split into phases, one
/// for each remainder of row and column by the stride, so that the values a weight meets in an output column are always neighbours. Without
/// either it is the input itself.
/// </para>
/// <para>
/// They work on blocks of four rows of an output column. Where the rows are no multiple of four, each column has a last block that overlaps
/// the one before it; where they are fewer than four, output planes are copied to ones of four rows.
/// </para>
/// </remarks>
internal sealed class ConvolutionShape(
    int height,
    int width,
    int depth,
    int kernelRows,
    int kernelColumns,
    int outputDepth,
    (int Rows, int Columns) stride,
    (int Top, int Bottom, int Left, int Right) padding)
    : WindowShape(height, width, depth, (kernelRows, kernelColumns), stride, padding)
{
    private const int Lanes = 4;

    private int[]? _taps;
    private int[]? _tapsByRow;
    private int[]? _inputBlocks;
    private int[]? _outputBlocks;

    /// <summary>Stride 1, no padding.</summary>
    public ConvolutionShape(int height, int width, int depth, int kernelRows, int kernelColumns, int outputDepth)
        : this(height, width, depth, kernelRows, kernelColumns, outputDepth, (1, 1), default)
    {
    }

    public int OutputDepth { get; } = outputDepth;

    public int OutputSize => OutputHeight * OutputWidth * OutputDepth;

    public int KernelSize { get; } = kernelRows * kernelColumns * depth;

    /// <summary>Whether the input is copied into a prepared image.</summary>
    public bool IsPrepared => Stride != (1, 1) || Padding != default || HasShortColumns;

    /// <summary>Whether an output column is shorter than a block.</summary>
    public bool HasShortColumns => OutputHeight < Lanes;

    /// <summary>The phases that a kernel meets: with a stride beyond the kernel, not all.</summary>
    public (int Rows, int Columns) Phases => (Math.Min(Stride.Rows, KernelRows), Math.Min(Stride.Columns, KernelColumns));

    /// <summary>The rows of a prepared plane.</summary>
    public int PreparedHeight => OutputHeight + ((KernelRows - 1) / Stride.Rows);

    /// <summary>The columns of a prepared plane.</summary>
    public int PreparedWidth => OutputWidth + ((KernelColumns - 1) / Stride.Columns);

    /// <summary>The values of a prepared image, with those behind its end that the last block of short columns reaches.</summary>
    public long PreparedSize =>
        ((long)PreparedHeight * PreparedWidth * Depth * Phases.Rows * Phases.Columns) + (HasShortColumns ? Lanes : 0);

    /// <summary>The values from one output plane to the next, where short columns are copied to columns of four.</summary>
    public int BlockedPlane => Math.Max(OutputHeight, Lanes) * OutputWidth;

    /// <summary>
    /// For each weight of a kernel, in its order, how far behind an output's own place in the prepared image the value is that it meets.
    /// </summary>
    public ReadOnlySpan<int> Taps => _taps ??=
    [
        .. from plane in Enumerable.Range(0, Depth)
           from row in Enumerable.Range(0, KernelRows)
           from column in Enumerable.Range(0, KernelColumns)
           let phase = (((plane * Phases.Columns) + (column % Stride.Columns)) * Phases.Rows) + (row % Stride.Rows)
           select (((phase * PreparedWidth) + (column / Stride.Columns)) * PreparedHeight) + (row / Stride.Rows),
    ];

    /// <summary>The weights of a kernel by its rows first, so that neighbours in this order seldom meet overlapping blocks.</summary>
    public ReadOnlySpan<int> TapsByRow => _tapsByRow ??=
    [
        .. from row in Enumerable.Range(0, KernelRows)
           from plane in Enumerable.Range(0, Depth)
           from column in Enumerable.Range(0, KernelColumns)
           select (((plane * KernelRows) + row) * KernelColumns) + column,
    ];

    /// <summary>How many blocks of a plane do not overlap; these come first.</summary>
    public int WholeBlocks => Math.Max(OutputHeight / Lanes, 1) * OutputWidth;

    /// <summary>How many rows of an overlapping block were in the block before it.</summary>
    public int Overlap => HasShortColumns ? 0 : (Lanes - (OutputHeight % Lanes)) % Lanes;

    /// <summary>Where each block of an output plane starts in a prepared plane.</summary>
    public ReadOnlySpan<int> InputBlocks => _inputBlocks ??= Blocks(PreparedHeight);

    /// <summary>Where each block of an output plane starts in it.</summary>
    public ReadOnlySpan<int> OutputBlocks => _outputBlocks ??= Blocks(Math.Max(OutputHeight, Lanes));

    public override string ToString() => FormattableString.Invariant($"{base.ToString()}, depth {OutputDepth}");

    private int[] Blocks(int rows) =>
    [
        .. from column in Enumerable.Range(0, OutputWidth)
           from block in Enumerable.Range(0, WholeBlocks / OutputWidth)
           select (column * rows) + (block * Lanes),
        .. from column in Enumerable.Range(0, Overlap > 0 ? OutputWidth : 0)
           select (column * rows) + OutputHeight - Lanes,
    ];
}
