using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NeuralNet.Kernels;

/// <summary>
/// A recurrence over the steps of sequences: h(t) from x(t), h(t-1) and what else the cell has. Each kind of cell gives the formulas of
/// one step.
/// </summary>
/// <remarks>
/// <para>
/// Of a sample of T x n is kept, one after another: X row by row, T x n; h row by row, T x hidden; and T rows of the cell's own. A row
/// starts with the products: on the way forward b + xW + hU, which the cell turns into its gates, and on the way back dE/d(b + xW + hU).
/// The products hU are its first values, one for each column of U; where the columns of xW go, <see cref="_inputParts"/> says.
/// </para>
/// <para>
/// All steps' xW are one product, and so are all samples' hU of a step. A value depends on its own sample only, and its sum has one order:
/// bias, x in the order of its columns, h likewise. Sums over steps and samples run through the samples, of each through its steps.
/// </para>
/// </remarks>
internal abstract class RecurrentCell
{
    private readonly int _inputs;
    private readonly int _products;
    private readonly int _row;
    private readonly (int From, int To, int At)[] _inputParts;
    private readonly double[] _zeros;

    /// <param name="inputs">The number of columns of X.</param>
    /// <param name="hidden">The number of values of h.</param>
    /// <param name="gates">The number of columns of W and of U.</param>
    /// <param name="products">How many values of a row are products.</param>
    /// <param name="row">The number of values of a row.</param>
    /// <param name="inputParts">Columns [From, To) of xW go to the values of a row from At on.</param>
    protected RecurrentCell(int inputs, int hidden, int gates, int products, int row, params (int From, int To, int At)[] inputParts)
    {
        (_inputs, Hidden, Gates, _products, _row, _inputParts) = (inputs, hidden, gates, products, row, inputParts);
        _zeros = new double[Math.Max(row, hidden)];
    }

    public int Hidden { get; }

    public int Gates { get; }

    /// <summary>The number of values of a row.</summary>
    public int RowSize => _row;

    /// <summary>How many values are kept of a sample.</summary>
    public long KeptPerSample(int steps) => (long)steps * (_inputs + Hidden + _row);

    /// <summary>Multiply-adds of a sample on the way forward.</summary>
    public long MultiplyAdds(int steps) => (long)steps * (_inputs + Hidden) * Gates;

    /// <summary>h of all steps, or of the last one.</summary>
    /// <param name="x">Samples of steps x inputs, column by column.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="parameters">The weights.</param>
    /// <param name="kept">Room for what is kept of each sample.</param>
    /// <param name="y">Where h goes, of each sample steps x hidden column by column, or the last step's.</param>
    public void Forward(ReadOnlySpan<double> x, int steps, RecurrentParameters parameters, Span<double> kept, Span<double> y)
    {
        int count = x.Length / (steps * _inputs);
        int stride = kept.Length / count;
        AddInputs(x, steps, parameters, kept, count);

        double[] rented = ArrayPool<double>.Shared.Rent(Lanes4.Count + PackedMatrix.Size(Gates, Hidden));
        var u = new PackedMatrix(parameters.U, Gates, Hidden, Hidden, 1, Lanes4.Aligned(rented));
        for (int step = 0; step < steps; step++)
        {
            if (step > 0)
            {
                u.AddProduct(kept[HiddenAt(steps, step - 1)..], 1, stride, count, kept[RowAt(steps, step)..], stride);
            }

            for (int sample = 0; sample < count; sample++)
            {
                var one = kept.Slice(sample * stride, stride);
                Forward(Row(one, steps, step), Row(one, steps, step - 1), HiddenOf(one, steps, step - 1), HiddenOf(one, steps, step));
            }
        }

        ArrayPool<double>.Shared.Return(rented);
        int size = y.Length / count;
        for (int sample = 0; sample < count; sample++)
        {
            var hidden = kept.Slice((sample * stride) + HiddenAt(steps, 0), steps * Hidden);
            Transposition.ToColumns(hidden[^size..], size / Hidden, Hidden, y.Slice(sample * size, size));
        }
    }

    /// <summary>h of the next step, in place of the last one's; with the same bits as in a whole sequence.</summary>
    /// <param name="x">The step, <c>inputs</c> values.</param>
    /// <param name="parameters">The weights.</param>
    /// <param name="isFirst">Whether no step was before, so that h and the row are 0.</param>
    /// <param name="row">The row of the last step, <see cref="RowSize"/> values; then of this one.</param>
    /// <param name="hidden">h of the last step; then of this one.</param>
    public void Next(ReadOnlySpan<double> x, RecurrentParameters parameters, bool isFirst, Span<double> row, Span<double> hidden)
    {
        Start(parameters, row[.._products]);
        foreach (var (from, to, at) in _inputParts)
        {
            UnpackedProduct.AddRow(x, parameters.W[(from * _inputs)..(to * _inputs)], row.Slice(at, to - from));
        }

        if (!isFirst)
        {
            UnpackedProduct.AddRow(hidden, parameters.U, row[..Gates]);
        }

        Forward(row, row, hidden, hidden);
    }

    /// <summary>dE/d(b + xW + hU) of all steps, in the rows kept; and dE/dX.</summary>
    /// <param name="outputError">dE/dY of each sample, in the shape of Y.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="parameters">The weights.</param>
    /// <param name="kept">What the way forward kept of each sample.</param>
    /// <param name="count">The number of samples.</param>
    /// <param name="inputError">Where dE/dX goes; empty where nobody reads it.</param>
    public void Backward(
        ReadOnlySpan<double> outputError,
        int steps,
        RecurrentParameters parameters,
        Span<double> kept,
        int count,
        Span<double> inputError)
    {
        int stride = kept.Length / count;
        int errorSteps = outputError.Length / (count * Hidden);
        int packed = PackedMatrix.Size(Hidden, Gates);
        int states = count * Hidden;
        double[] rented = ArrayPool<double>.Shared.Rent(Lanes4.Count + packed + (2 * states) + outputError.Length);
        var space = Lanes4.Aligned(rented);
        var u = new PackedMatrix(parameters.U, Hidden, Gates, 1, Hidden, space);
        var hiddenErrors = space.Slice(packed, states);
        var carried = space.Slice(packed + states, states);
        var errors = space.Slice(packed + (2 * states), outputError.Length);
        Transposition.ToRows(outputError, errorSteps, Hidden, errors);
        hiddenErrors.Clear();
        carried.Clear();
        for (int step = steps - 1; step >= 0; step--)
        {
            int errorStep = step - (steps - errorSteps);
            for (int sample = 0; sample < count; sample++)
            {
                var one = kept.Slice(sample * stride, stride);
                var hiddenError = hiddenErrors.Slice(sample * Hidden, Hidden);
                if (errorStep >= 0)
                {
                    Products.AddScaled(1, errors.Slice(((sample * errorSteps) + errorStep) * Hidden, Hidden), hiddenError);
                }

                Backward(
                    Row(one, steps, step),
                    Row(one, steps, step - 1),
                    HiddenOf(one, steps, step - 1),
                    HiddenOf(one, steps, step),
                    hiddenError,
                    carried.Slice(sample * Hidden, Hidden));
            }

            if (step > 0)
            {
                u.AddProduct(kept[RowAt(steps, step)..], 1, stride, count, hiddenErrors, Hidden);
            }
        }

        ArrayPool<double>.Shared.Return(rented);
        if (!inputError.IsEmpty)
        {
            InputErrors(steps, parameters, kept, count, inputError);
        }
    }

    /// <summary>Adds dE/dW, dE/dU and dE/db to columns [from, to) of the gradients, over all samples.</summary>
    public void AddGradients(ReadOnlySpan<double> kept, int steps, int count, int from, int to, RecurrentGradients gradients)
    {
        int stride = kept.Length / count;
        for (int sample = 0; sample < count; sample++)
        {
            var one = kept.Slice(sample * stride, stride);
            var x = one[..(steps * _inputs)];
            var rows = one.Slice(RowAt(steps, 0), steps * _row);
            foreach (var (partFrom, partTo, at) in _inputParts)
            {
                int first = Math.Max(from, partFrom);
                int width = Math.Min(to, partTo) - first;
                if (width > 0)
                {
                    var part = rows[(at + first - partFrom)..];
                    PackedProduct.Add(
                        x, _inputs, steps, part, _row, 1, 0, width, gradients.W.Slice((first - from) * _inputs, width * _inputs));
                    AddRows(part, gradients.B.Slice(first - from, width));
                }
            }

            if (!gradients.RecurrentB.IsEmpty)
            {
                AddRows(rows[from..], gradients.RecurrentB);
            }

            if (steps > 1)
            {
                var hidden = one.Slice(HiddenAt(steps, 0), (steps - 1) * Hidden);
                PackedProduct.Add(hidden, Hidden, steps - 1, rows[(_row + from)..], _row, 1, 0, to - from, gradients.U);
            }
        }
    }

    /// <summary>Puts the biases where a row's products go.</summary>
    protected abstract void Start(RecurrentParameters parameters, Span<double> products);

    /// <summary>Makes gates of a row's products, and h(t) of them.</summary>
    /// <param name="row">The row.</param>
    /// <param name="previous">The row of the step before; it may lie where this one is, whose products then stand in its place.</param>
    /// <param name="previousHidden">h(t-1).</param>
    /// <param name="hidden">Where h(t) goes, which may be where h(t-1) is.</param>
    protected abstract void Forward(
        Span<double> row, ReadOnlySpan<double> previous, ReadOnlySpan<double> previousHidden, Span<double> hidden);

    /// <summary>Makes dE/dproducts of a row's gates.</summary>
    /// <param name="row">The row.</param>
    /// <param name="previous">The row of the step before.</param>
    /// <param name="previousHidden">h(t-1).</param>
    /// <param name="hidden">h(t).</param>
    /// <param name="hiddenError">dE/dh(t); then what of it reaches h(t-1) otherwise than by U.</param>
    /// <param name="carried">What step t+1 left for t, 0 for the last one; then what t leaves for t-1.</param>
    protected abstract void Backward(
        Span<double> row,
        ReadOnlySpan<double> previous,
        ReadOnlySpan<double> previousHidden,
        ReadOnlySpan<double> hidden,
        Span<double> hiddenError,
        Span<double> carried);

    /// <summary>σ(x) = (1 + tanh(x / 2)) / 2 of four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static Vector256<double> Sigmoid(Vector256<double> x)
    {
        var half = Vector256.Create(0.5);
        return Vector256.FusedMultiplyAdd(Elementary.Tanh(x * half), half, half);
    }

    /// <summary>Products b + xW of all steps of all samples.</summary>
    private void AddInputs(ReadOnlySpan<double> x, int steps, RecurrentParameters parameters, Span<double> kept, int count)
    {
        int stride = kept.Length / count;
        int size = steps * _inputs;
        int largest = 0;
        foreach (var (from, to, _) in _inputParts)
        {
            largest = Math.Max(largest, PackedMatrix.Size(to - from, _inputs));
        }

        double[] rented = ArrayPool<double>.Shared.Rent(Lanes4.Count + largest + _products);
        var space = Lanes4.Aligned(rented);
        var start = space.Slice(largest, _products);
        Start(parameters, start);
        for (int sample = 0; sample < count; sample++)
        {
            var one = kept.Slice(sample * stride, stride);
            Transposition.ToRows(x.Slice(sample * size, size), steps, _inputs, one[..size]);
            for (int step = 0; step < steps; step++)
            {
                start.CopyTo(one[RowAt(steps, step)..]);
            }
        }

        foreach (var (from, to, at) in _inputParts)
        {
            var w = new PackedMatrix(parameters.W[(from * _inputs)..], to - from, _inputs, _inputs, 1, space);
            for (int sample = 0; sample < count; sample++)
            {
                var one = kept.Slice(sample * stride, stride);
                w.AddProduct(one[..size], 1, _inputs, steps, one[(RowAt(steps, 0) + at)..], _row);
            }
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    private void InputErrors(int steps, RecurrentParameters parameters, ReadOnlySpan<double> kept, int count, Span<double> inputError)
    {
        int stride = kept.Length / count;
        int size = steps * _inputs;
        int packed = PackedMatrix.Size(_inputs, Gates);
        double[] rented = ArrayPool<double>.Shared.Rent(Lanes4.Count + packed + inputError.Length);
        var space = Lanes4.Aligned(rented);
        var errors = space.Slice(packed, inputError.Length);
        errors.Clear();
        foreach (var (from, to, at) in _inputParts)
        {
            var w = new PackedMatrix(parameters.W[(from * _inputs)..], _inputs, to - from, 1, _inputs, space);
            for (int sample = 0; sample < count; sample++)
            {
                var rows = kept.Slice((sample * stride) + RowAt(steps, 0), steps * _row);
                w.AddProduct(rows[at..], 1, _row, steps, errors.Slice(sample * size, size), _inputs);
            }
        }

        Transposition.ToColumns(errors, steps, _inputs, inputError);
        ArrayPool<double>.Shared.Return(rented);
    }

    private void AddRows(ReadOnlySpan<double> rows, Span<double> sums)
    {
        for (int at = 0; at < rows.Length; at += _row)
        {
            Products.AddScaled(1, rows.Slice(at, sums.Length), sums);
        }
    }

    private int HiddenAt(int steps, int step) => (steps * _inputs) + (step * Hidden);

    private int RowAt(int steps, int step) => (steps * (_inputs + Hidden)) + (step * _row);

    private Span<double> Row(Span<double> kept, int steps, int step) =>
        step < 0 ? _zeros.AsSpan(0, _row) : kept.Slice(RowAt(steps, step), _row);

    private Span<double> HiddenOf(Span<double> kept, int steps, int step) =>
        step < 0 ? _zeros.AsSpan(0, Hidden) : kept.Slice(HiddenAt(steps, step), Hidden);
}
