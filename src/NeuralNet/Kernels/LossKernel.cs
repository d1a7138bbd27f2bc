using System.Buffers;
using System.Numerics.Tensors;

namespace NeuralNet.Kernels;

/// <summary>A named loss with its derivative.</summary>
/// <param name="Name">The name.</param>
/// <param name="Function">E of a sample; of one row where <see cref="IsRowwise"/>.</param>
/// <param name="Derivative">dE/dY likewise.</param>
internal sealed record LossKernel(string Name, LossValue Function, LossDerivative Derivative)
{
    /// <summary>Whether E of a sample of several rows is the mean over its rows, each for itself.</summary>
    public bool IsRowwise { get; init; }

    /// <summary>E of a sample of some rows, column by column.</summary>
    public double Of(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, int rows)
    {
        if (!IsRowwise || rows == 1)
        {
            return Function(yTrue, yPred);
        }

        int columns = yPred.Length / rows;
        double[] rented = ArrayPool<double>.Shared.Rent(2 * yPred.Length);
        var t = rented.AsSpan(0, yPred.Length);
        var y = rented.AsSpan(yPred.Length, yPred.Length);
        Transposition.ToRows(yTrue, rows, columns, t);
        Transposition.ToRows(yPred, rows, columns, y);
        double sum = 0;
        for (int at = 0; at < y.Length; at += columns)
        {
            sum += Function(t.Slice(at, columns), y.Slice(at, columns));
        }

        ArrayPool<double>.Shared.Return(rented);
        return sum / rows;
    }

    /// <summary>dE/dY of a sample of some rows, column by column.</summary>
    public void Prime(ReadOnlySpan<double> yTrue, ReadOnlySpan<double> yPred, int rows, Span<double> error)
    {
        if (!IsRowwise || rows == 1)
        {
            Derivative(yTrue, yPred, error);
            return;
        }

        int columns = yPred.Length / rows;
        double[] rented = ArrayPool<double>.Shared.Rent(3 * yPred.Length);
        var t = rented.AsSpan(0, yPred.Length);
        var y = rented.AsSpan(yPred.Length, yPred.Length);
        var e = rented.AsSpan(2 * yPred.Length, yPred.Length);
        Transposition.ToRows(yTrue, rows, columns, t);
        Transposition.ToRows(yPred, rows, columns, y);
        for (int at = 0; at < y.Length; at += columns)
        {
            Derivative(t.Slice(at, columns), y.Slice(at, columns), e.Slice(at, columns));
        }

        TensorPrimitives.Divide(e, rows, e);
        Transposition.ToColumns(e, rows, columns, error);
        ArrayPool<double>.Shared.Return(rented);
    }
}
