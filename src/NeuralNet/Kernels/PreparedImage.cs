namespace NeuralNet.Kernels;

/// <summary>Copies between an image and the prepared image that <see cref="ConvolutionShape"/> tells of.</summary>
internal static class PreparedImage
{
    /// <summary>Lays out the input x.</summary>
    public static void From(ConvolutionShape s, ReadOnlySpan<double> x, Span<double> image)
    {
        image.Clear();
        var rows = new Runs(s.PreparedHeight, s.Height, s.Stride.Rows, s.Padding.Top);
        int stride = s.Stride.Rows;
        int at = 0;
        for (int plane = 0; plane < s.Depth; plane++)
        {
            for (int phaseColumn = 0; phaseColumn < s.Phases.Columns; phaseColumn++)
            {
                for (int phaseRow = 0; phaseRow < s.Phases.Rows; phaseRow++)
                {
                    for (int column = 0; column < s.PreparedWidth; column++, at += s.PreparedHeight)
                    {
                        if (Column(s, plane, phaseColumn, column) is int start)
                        {
                            var (first, end, source) = rows[phaseRow];
                            var target = image[(at + first)..(at + end)];
                            if (s.Stride.Rows == 1)
                            {
                                x.Slice(start + source, target.Length).CopyTo(target);
                                continue;
                            }

                            var input = x[(start + source)..];
                            for (int i = 0, row = 0; i < target.Length; i++, row += stride)
                            {
                                target[i] = input[row];
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>Takes dE/dX back out: zeros where no weight met the input.</summary>
    public static void To(ConvolutionShape s, ReadOnlySpan<double> image, Span<double> x)
    {
        x.Clear();
        var rows = new Runs(s.PreparedHeight, s.Height, s.Stride.Rows, s.Padding.Top);
        int stride = s.Stride.Rows;
        int at = 0;
        for (int plane = 0; plane < s.Depth; plane++)
        {
            for (int phaseColumn = 0; phaseColumn < s.Phases.Columns; phaseColumn++)
            {
                for (int phaseRow = 0; phaseRow < s.Phases.Rows; phaseRow++)
                {
                    for (int column = 0; column < s.PreparedWidth; column++, at += s.PreparedHeight)
                    {
                        if (Column(s, plane, phaseColumn, column) is int start)
                        {
                            var (first, end, target) = rows[phaseRow];
                            var source = image[(at + first)..(at + end)];
                            var input = x[(start + target)..];
                            for (int i = 0, row = 0; i < source.Length; i++, row += stride)
                            {
                                input[row] = source[i];
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>Where the input's column starts that a column of a phase shows; null where it lies in the padding or beyond.</summary>
    private static int? Column(ConvolutionShape s, int plane, int phase, int column)
    {
        int source = (column * s.Stride.Columns) + phase - s.Padding.Left;
        return source >= 0 && source < s.Width ? ((plane * s.Width) + source) * s.Height : null;
    }

    /// <summary>
    /// For each phase, the prepared rows [First, End) that show the input, and the input's row that the first of them shows.
    /// </summary>
    private readonly record struct Runs(int Prepared, int Height, int Stride, int Padding)
    {
        public (int First, int End, int Row) this[int phase]
        {
            get
            {
                int first = Math.Min(Prepared, Math.Max(0, Padding - phase + Stride - 1) / Stride);
                int end = Math.Clamp((Height + Padding - phase + Stride - 1) / Stride, first, Prepared);
                return (first, end, first == end ? 0 : (first * Stride) + phase - Padding);
            }
        }
    }
}
