using System.Buffers;
using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>
/// Convolution along the steps of sequences, for samples one after another. A sequence of T steps of n features is T x n, column-major.
/// Filter k is values [k*m, (k+1)*m) of the weights, m = kernelSize * n, place by place, each feature by feature.
/// </summary>
/// <remarks>
/// <para>
/// The values that each window sees, in the order of a filter, make a matrix; what is left are matrix products,
/// <see cref="PackedProduct"/>. Windows of several short sequences are put below one another, and of wide windows a part of the columns is
/// done at a time, so that the
/// matrix stays in the second-level cache.
/// </para>
/// <para>
/// Every value is a sum of multiply-adds, one after another: of an output, from the bias on in the order of the filter; of a gradient, in
/// the order of samples and steps. So its bits depend neither on how the work is cut nor on the samples it is together with.
/// </para>
/// </remarks>
internal static class StepConvolution
{
    /// <summary>Values of windows at a time: 384 KB.</summary>
    private const int CachedValues = 48 * 1024;

    /// <summary>Windows that are put together from short sequences.</summary>
    private const int Rows = 256;

    /// <summary>Columns of windows at a time, at least.</summary>
    private const int LeastColumns = 16;

    /// <summary>y[t, k] = b[k] + Σ x[t * stride + place * dilation - zerosBefore, feature] w[place, feature, k].</summary>
    public static void Correlate(
        StepWindows s, int count, ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        RequireLengths(s, count, x.Length, y.Length, w.Length, b.Length, s.Filters);
        int together = Together(s, count);
        int columns = Columns(s, together * s.Outputs);
        double[] rented = ArrayPool<double>.Shared.Rent(together * ((s.Outputs * columns) + (together > 1 ? s.OutputSize : 0)));
        for (int first = 0; first < count; first += together)
        {
            int samples = Math.Min(together, count - first);
            int rows = samples * s.Outputs;
            var windows = rented.AsSpan(0, rows * columns);
            var output = together > 1
                ? rented.AsSpan(together * s.Outputs * columns, rows * s.Filters)
                : y.Slice(first * s.OutputSize, s.OutputSize);
            for (int k = 0; k < s.Filters; k++)
            {
                output.Slice(k * rows, rows).Fill(b[k]);
            }

            for (int from = 0; from < s.WindowSize; from += columns)
            {
                int to = Math.Min(from + columns, s.WindowSize);
                for (int column = from; column < to; column++)
                {
                    for (int sample = 0; sample < samples; sample++)
                    {
                        CopyColumn(
                            s,
                            x.Slice((first + sample) * s.InputSize, s.InputSize),
                            column,
                            windows.Slice(((column - from) * rows) + (sample * s.Outputs), s.Outputs));
                    }
                }

                PackedProduct.Add(windows, rows, to - from, w[from..], 1, s.WindowSize, 0, s.Filters, output);
            }

            if (together > 1)
            {
                Unstack(output, samples, s.Outputs, s.Filters, y.Slice(first * s.OutputSize, samples * s.OutputSize));
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>x[u, feature] = Σ y[t, k] w[place, feature, k], over all t and places that meet at u.</summary>
    public static void InputErrors(StepWindows s, int count, ReadOnlySpan<double> y, ReadOnlySpan<double> w, Span<double> x)
    {
        RequireLengths(s, count, x.Length, y.Length, w.Length, s.Filters, s.Filters);
        int together = Together(s, count);
        int columns = Columns(s, together * s.Outputs);
        double[] rented = ArrayPool<double>.Shared.Rent(together * ((s.Outputs * columns) + (together > 1 ? s.OutputSize : 0)));
        x.Clear();
        for (int first = 0; first < count; first += together)
        {
            int samples = Math.Min(together, count - first);
            int rows = samples * s.Outputs;
            var errors = y.Slice(first * s.OutputSize, samples * s.OutputSize);
            if (together > 1)
            {
                var stacked = rented.AsSpan(together * s.Outputs * columns, errors.Length);
                Stack(errors, samples, s.Outputs, s.Filters, stacked);
                errors = stacked;
            }

            for (int from = 0; from < s.WindowSize; from += columns)
            {
                int to = Math.Min(from + columns, s.WindowSize);
                var windows = rented.AsSpan(0, rows * (to - from));
                windows.Clear();
                PackedProduct.Add(errors, rows, s.Filters, w[from..], s.WindowSize, 1, 0, to - from, windows);
                for (int column = from; column < to; column++)
                {
                    for (int sample = 0; sample < samples; sample++)
                    {
                        AddColumn(
                            s,
                            windows.Slice(((column - from) * rows) + (sample * s.Outputs), s.Outputs),
                            column,
                            x.Slice((first + sample) * s.InputSize, s.InputSize));
                    }
                }
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>
    /// w[place, feature, k] += Σ x[t * stride + place * dilation - zerosBefore, feature] y[t, k] and b[k] += Σ y[t, k], for k in
    /// [fromFilter, toFilter), sample after sample; w and b are those filters' only.
    /// </summary>
    public static void AddGradients(
        StepWindows s,
        int count,
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> y,
        int fromFilter,
        int toFilter,
        Span<double> w,
        Span<double> b)
    {
        int filters = toFilter - fromFilter;
        RequireLengths(s, count, x.Length, y.Length, w.Length, b.Length, filters);
        int capacity = (int)Math.Min(Math.Clamp(CachedValues / s.WindowSize, 1, Rows), (long)count * s.Outputs);
        double[] rented = ArrayPool<double>.Shared.Rent(checked((capacity * (s.WindowSize + filters)) + s.InputSize));
        var windows = rented.AsSpan(0, capacity * s.WindowSize);
        var errors = rented.AsSpan(windows.Length, capacity * filters);
        var steps = rented.AsSpan(windows.Length + errors.Length, s.InputSize);
        int rows = 0;
        for (int sample = 0; sample < count; sample++)
        {
            Transposition.ToRows(x.Slice(sample * s.InputSize, s.InputSize), s.Steps, s.Features, steps);
            var error = y.Slice(sample * s.OutputSize, s.OutputSize)[(fromFilter * s.Outputs)..(toFilter * s.Outputs)];
            for (int t = 0; t < s.Outputs;)
            {
                int more = Math.Min(s.Outputs - t, capacity - rows);
                for (int i = 0; i < more; i++)
                {
                    CopyWindow(s, steps, t + i, windows.Slice((rows + i) * s.WindowSize, s.WindowSize));
                }

                for (int k = 0; k < filters; k++)
                {
                    error.Slice((k * s.Outputs) + t, more).CopyTo(errors[((k * capacity) + rows)..]);
                }

                (t, rows) = (t + more, rows + more);
                if (rows == capacity)
                {
                    PackedProduct.Add(windows, s.WindowSize, rows, errors, 1, capacity, 0, filters, w);
                    rows = 0;
                }
            }

            for (int k = 0; k < filters; k++)
            {
                b[k] += Products.Sum(error.Slice(k * s.Outputs, s.Outputs));
            }
        }

        PackedProduct.Add(windows, s.WindowSize, rows, errors, 1, capacity, 0, filters, w);
        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>How many samples' windows are put together.</summary>
    private static int Together(StepWindows s, int count) => Math.Clamp(Rows / s.Outputs, 1, Math.Max(count, 1));

    /// <summary>How many columns of so many windows are done at a time.</summary>
    private static int Columns(StepWindows s, int rows) =>
        Math.Min(s.WindowSize, Math.Max(CachedValues / rows, Math.Min(LeastColumns, Array.MaxLength / rows)));

    /// <summary>What all windows of a sequence see at one place of one feature.</summary>
    private static void CopyColumn(StepWindows s, ReadOnlySpan<double> x, int column, Span<double> target)
    {
        var (place, feature) = Math.DivRem(column, s.Features);
        var (from, to, step) = s.WindowsAt(place);
        var source = x.Slice((feature * s.Steps) + step, s.Steps - step);
        target[..from].Clear();
        target[to..].Clear();
        target = target[from..to];
        if (s.Stride == 1)
        {
            source[..target.Length].CopyTo(target);
            return;
        }

        for (int i = 0; i < target.Length; i++)
        {
            target[i] = source[i * s.Stride];
        }
    }

    /// <summary>Adds to a sequence what came to all windows at one place of one feature.</summary>
    private static void AddColumn(StepWindows s, ReadOnlySpan<double> windows, int column, Span<double> x)
    {
        var (place, feature) = Math.DivRem(column, s.Features);
        var (from, to, step) = s.WindowsAt(place);
        var target = x.Slice((feature * s.Steps) + step, s.Steps - step);
        windows = windows[from..to];
        if (s.Stride == 1)
        {
            target = target[..windows.Length];
            TensorPrimitives.Add(target, windows, target);
            return;
        }

        for (int i = 0; i < windows.Length; i++)
        {
            target[i * s.Stride] += windows[i];
        }
    }

    /// <summary>What one window sees of a sequence that lies step by step.</summary>
    private static void CopyWindow(StepWindows s, ReadOnlySpan<double> steps, int window, Span<double> target)
    {
        long first = s.StepOf(window, 0);
        if (s.Dilation == 1 && first >= 0 && first + s.KernelSize <= s.Steps)
        {
            steps.Slice((int)first * s.Features, target.Length).CopyTo(target);
            return;
        }

        for (int place = 0; place < s.KernelSize; place++)
        {
            long step = s.StepOf(window, place);
            var values = target.Slice(place * s.Features, s.Features);
            if (step >= 0 && step < s.Steps)
            {
                steps.Slice((int)step * s.Features, s.Features).CopyTo(values);
            }
            else
            {
                values.Clear();
            }
        }
    }

    /// <summary>Matrices of height x width, one after another, become one, below one another.</summary>
    private static void Stack(ReadOnlySpan<double> matrices, int count, int height, int width, Span<double> stacked)
    {
        for (int column = 0; column < width; column++)
        {
            for (int i = 0; i < count; i++)
            {
                matrices.Slice(((i * width) + column) * height, height).CopyTo(stacked[(((column * count) + i) * height)..]);
            }
        }
    }

    /// <summary>The other way round.</summary>
    private static void Unstack(ReadOnlySpan<double> stacked, int count, int height, int width, Span<double> matrices)
    {
        for (int column = 0; column < width; column++)
        {
            for (int i = 0; i < count; i++)
            {
                stacked.Slice(((column * count) + i) * height, height).CopyTo(matrices[(((i * width) + column) * height)..]);
            }
        }
    }

    private static void RequireLengths(StepWindows s, int count, int x, int y, int w, int b, int filters)
    {
        if (x != (long)count * s.InputSize || y != (long)count * s.OutputSize || w != (long)filters * s.WindowSize || b != filters)
        {
            throw new ArgumentException(FormattableString.Invariant($"{s} got {x}, {y}, {w} and {b} values for {count} samples."));
        }
    }
}
