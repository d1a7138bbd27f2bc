using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Tests.Kernels;

/// <summary>Scaled dot-product attention as the paper has it: softmax(QKᵀ / √d) V in each head, the scores of later steps -∞.</summary>
internal static class NaiveAttention
{
    /// <summary>Y of Q, K and V side by side, and the weights of each head.</summary>
    public static (Matrix<double> Y, Matrix<double>[] Weights) Apply(AttentionShape shape, Matrix<double> projected)
    {
        var y = Matrix<double>.Build.Dense(shape.Steps, shape.Size);
        var weights = new Matrix<double>[shape.Heads];
        for (int head = 0; head < shape.Heads; head++)
        {
            var (q, k, v) = (Part(shape, projected, 0, head), Part(shape, projected, 1, head), Part(shape, projected, 2, head));
            var scores = q * k.Transpose() / Math.Sqrt(shape.HeadSize);
            var powers = scores.MapIndexed((i, j, score) => shape.IsCausal && j > i ? 0 : Math.Exp(score), Zeros.Include);
            weights[head] = powers.MapIndexed((i, _, power) => power / powers.Row(i).Sum(), Zeros.Include);
            y.SetSubMatrix(0, head * shape.HeadSize, weights[head] * v);
        }

        return (y, weights);
    }

    /// <summary>dE/dQ, dE/dK and dE/dV side by side, by every derivative of the softmax: dPij/dSik = Pij ((j = k) - Pik).</summary>
    public static Matrix<double> InputErrors(AttentionShape shape, Matrix<double> projected, Matrix<double> outputError)
    {
        var errors = Matrix<double>.Build.Dense(shape.Steps, 3 * shape.Size);
        var (_, weights) = Apply(shape, projected);
        for (int head = 0; head < shape.Heads; head++)
        {
            var (q, k, v) = (Part(shape, projected, 0, head), Part(shape, projected, 1, head), Part(shape, projected, 2, head));
            var error = Part(shape, outputError, 0, head);
            var p = weights[head];
            var byWeights = error * v.Transpose();
            var byScores = Matrix<double>.Build.Dense(shape.Steps, shape.Steps, (i, m) => Enumerable.Range(0, shape.Steps)
                .Sum(j => byWeights[i, j] * p[i, j] * ((j == m ? 1 : 0) - p[i, m])));
            errors.SetSubMatrix(0, head * shape.HeadSize, byScores * k / Math.Sqrt(shape.HeadSize));
            errors.SetSubMatrix(0, shape.Size + (head * shape.HeadSize), byScores.Transpose() * q / Math.Sqrt(shape.HeadSize));
            errors.SetSubMatrix(0, (2 * shape.Size) + (head * shape.HeadSize), p.Transpose() * error);
        }

        return errors;
    }

    private static Matrix<double> Part(AttentionShape shape, Matrix<double> columns, int part, int head) =>
        columns.SubMatrix(0, shape.Steps, (part * shape.Size) + (head * shape.HeadSize), shape.HeadSize);
}
