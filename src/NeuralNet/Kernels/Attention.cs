using System.Buffers;
using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>Scaled dot-product attention in several heads: Y = softmax(QKᵀ / √d) V, the softmax over each row.</summary>
/// <remarks>
/// <para>
/// All tables are column by column, so that a head's part of Q, K, V and Y, its next d columns, lies in one piece. All loops over a head's
/// T x T weights go along the columns too, with one number for each row, in the order of the columns.
/// </para>
/// <para>
/// A row's greatest score is taken from each first, which changes no weight and keeps the powers within [0, 1] for any finite scores.
/// Where it is causal, a row sees the columns up to its own, and the weights beyond are 0 whatever the scores are.
/// </para>
/// </remarks>
internal static class Attention
{
    /// <summary>Computes Y, and the weights that the way back needs.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="projected">Q, K and V side by side, T x 3n. Q is divided by √d in place.</param>
    /// <param name="weights">Where the weights go: T x T for each head, a row for each query.</param>
    /// <param name="y">Where Y goes, T x n.</param>
    public static void Apply(AttentionShape shape, Span<double> projected, Span<double> weights, Span<double> y)
    {
        var (q, k, v) = (shape.Part(0), shape.Part(1), shape.Part(2));
        double[] rented = ArrayPool<double>.Shared.Rent(2 * shape.Steps);
        var (greatest, sum) = (rented.AsMemory(0, shape.Steps), rented.AsMemory(shape.Steps, shape.Steps));
        TensorPrimitives.Multiply(projected[q], Scale(shape.HeadSize), projected[q]);
        weights.Clear();
        y.Clear();
        for (int head = 0; head < shape.Heads; head++)
        {
            var columns = shape.ColumnsOf(head);
            var its = weights[shape.WeightsOf(head)];
            AddRowsTimesRows(shape, projected[q][columns], projected[k][columns], its);
            Softmax(shape, its, greatest.Span, sum.Span);
            AddWeighted(shape, its, projected[v][columns], y[columns]);
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>Computes one row of a head's Y, with the same bits as <see cref="Apply"/> does the last one where it is causal.</summary>
    /// <param name="q">The row of Q, d values. It is divided by √d in place.</param>
    /// <param name="k">K of all steps up to this one, row by row.</param>
    /// <param name="v">V likewise.</param>
    /// <param name="weights">Room for a weight of each step.</param>
    /// <param name="y">Where the row of Y goes, d values.</param>
    public static void ApplyToOne(
        Span<double> q, ReadOnlySpan<double> k, ReadOnlySpan<double> v, Span<double> weights, Span<double> y)
    {
        TensorPrimitives.Multiply(q, Scale(q.Length), q);
        weights.Clear();
        UnpackedProduct.AddRow(q, k, weights);
        TensorPrimitives.Subtract(weights, TensorPrimitives.Max<double>(weights), weights);
        VectorMap.Apply(default(Functions.ExpFunction), weights, weights);
        double sum = 0;
        foreach (double weight in weights)
        {
            sum += weight;
        }

        TensorPrimitives.Divide(weights, sum, weights);
        y.Clear();
        for (int step = 0; step < weights.Length; step++)
        {
            Products.AddScaled(weights[step], v.Slice(step * y.Length, y.Length), y);
        }
    }

    /// <summary>
    /// Computes dE/dQ, dE/dK and dE/dV: with P for the weights and G = dE/dY Vᵀ, dE/dV = Pᵀ dE/dY and dE/dS = P ∘ (G - Σ P ∘ G), the sum
    /// over a row; of the scores S = QKᵀ / √d, dE/dQ = dE/dS K / √d and dE/dK = (dE/dS)ᵀ Q / √d.
    /// </summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="projected">Q, K and V as <see cref="Apply"/> left them.</param>
    /// <param name="weights">P.</param>
    /// <param name="outputError">dE/dY, T x n.</param>
    /// <param name="projectedError">Where dE/dQ, dE/dK and dE/dV go, side by side, T x 3n.</param>
    public static void InputErrors(
        AttentionShape shape,
        ReadOnlySpan<double> projected,
        ReadOnlySpan<double> weights,
        ReadOnlySpan<double> outputError,
        Span<double> projectedError)
    {
        var (q, k, v) = (shape.Part(0), shape.Part(1), shape.Part(2));
        double[] rented = ArrayPool<double>.Shared.Rent((3 * shape.Values) + shape.HeadWeights + shape.Steps);
        var queryRows = rented.AsSpan(q);
        var errorRows = rented.AsSpan(k);
        var rows = rented.AsSpan(2 * shape.Values, shape.Steps * shape.HeadSize);
        var scoreError = rented.AsSpan(3 * shape.Values, shape.HeadWeights);
        var sum = rented.AsSpan((3 * shape.Values) + shape.HeadWeights, shape.Steps);
        Transposition.ToRows(projected[q], shape.Steps, shape.HeadSize, queryRows);
        Transposition.ToRows(outputError, shape.Steps, shape.HeadSize, errorRows);
        projectedError[q].Clear();
        for (int head = 0; head < shape.Heads; head++)
        {
            var columns = shape.ColumnsOf(head);
            var its = weights[shape.WeightsOf(head)];
            scoreError.Clear();
            AddRowsTimesRows(shape, outputError[columns], projected[v][columns], scoreError);
            SoftmaxErrors(shape, its, scoreError, sum);
            AddWeighted(shape, scoreError, projected[k][columns], projectedError[q][columns]);
            WeightedByColumn(shape, scoreError, queryRows[columns], rows, projectedError[k][columns]);
            WeightedByColumn(shape, its, errorRows[columns], rows, projectedError[v][columns]);
        }

        TensorPrimitives.Multiply(projectedError[q], Scale(shape.HeadSize), projectedError[q]);
        ArrayPool<double>.Shared.Return(rented);
    }

    private static double Scale(int headSize) => 1 / Math.Sqrt(headSize);

    /// <summary>C += ABᵀ with A and B of T x d and C of T x T.</summary>
    private static void AddRowsTimesRows(AttentionShape shape, ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c) =>
        PackedProduct.Add(a, shape.Steps, shape.HeadSize, b, shape.Steps, 1, 0, shape.Steps, c);

    /// <summary>C += PB with P of T x T, B and C of T x d.</summary>
    private static void AddWeighted(AttentionShape shape, ReadOnlySpan<double> p, ReadOnlySpan<double> b, Span<double> c) =>
        PackedProduct.Add(p, shape.Steps, shape.Steps, b, 1, shape.Steps, 0, shape.HeadSize, c);

    /// <summary>
    /// C = PᵀB with P of T x T, B of T x d row by row, C of T x d column by column; <paramref name="rows"/> is room for C.
    /// </summary>
    private static void WeightedByColumn(
        AttentionShape shape, ReadOnlySpan<double> p, ReadOnlySpan<double> b, Span<double> rows, Span<double> c)
    {
        rows.Clear();
        PackedProduct.Add(b, shape.HeadSize, shape.Steps, p, 1, shape.Steps, 0, shape.Steps, rows);
        Transposition.ToColumns(rows, shape.Steps, shape.HeadSize, c);
    }

    /// <summary>The softmax of each row of T x T scores, in place.</summary>
    private static void Softmax(AttentionShape shape, Span<double> scores, Span<double> greatest, Span<double> sum)
    {
        int steps = shape.Steps;
        greatest.Fill(double.NegativeInfinity);
        for (int column = 0; column < steps; column++)
        {
            int from = shape.FirstRow(column);
            TensorPrimitives.Max(greatest[from..], Column(scores, steps, column)[from..], greatest[from..]);
        }

        sum.Clear();
        for (int column = 0; column < steps; column++)
        {
            int from = shape.FirstRow(column);
            var all = Column(scores, steps, column);
            var its = all[from..];
            all[..from].Clear();
            TensorPrimitives.Subtract(its, greatest[from..], its);
            VectorMap.Apply(default(Functions.ExpFunction), its, its);
            TensorPrimitives.Add(sum[from..], its, sum[from..]);
        }

        for (int column = 0; column < steps; column++)
        {
            int from = shape.FirstRow(column);
            var its = Column(scores, steps, column)[from..];
            TensorPrimitives.Divide(its, sum[from..], its);
        }
    }

    /// <summary>G becomes P ∘ (G - Σ P ∘ G), the sum over each row.</summary>
    private static void SoftmaxErrors(AttentionShape shape, ReadOnlySpan<double> p, Span<double> g, Span<double> sum)
    {
        int steps = shape.Steps;
        sum.Clear();
        for (int column = 0; column < steps; column++)
        {
            int from = shape.FirstRow(column);
            TensorPrimitives.MultiplyAdd(
                p.Slice(column * steps, steps)[from..], Column(g, steps, column)[from..], sum[from..], sum[from..]);
        }

        for (int column = 0; column < steps; column++)
        {
            int from = shape.FirstRow(column);
            var all = Column(g, steps, column);
            var its = all[from..];
            all[..from].Clear();
            TensorPrimitives.Subtract(its, sum[from..], its);
            TensorPrimitives.Multiply(its, p.Slice(column * steps, steps)[from..], its);
        }
    }

    private static Span<double> Column(Span<double> table, int height, int column) => table.Slice(column * height, height);
}
