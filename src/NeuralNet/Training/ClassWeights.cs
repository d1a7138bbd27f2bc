using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>Weights for classes that differ in how many samples they have, for <see cref="FitOptions.ClassWeights"/>.</summary>
public static class ClassWeights
{
    /// <summary>Returns weights by which each class counts the same in all, whatever its number of samples.</summary>
    /// <param name="y">One-hot targets, 1 x classes each, at least one of each class.</param>
    /// <returns>For each class, samples / (classes * its samples), which scikit-learn calls "balanced".</returns>
    /// <exception cref="ArgumentException">
    /// There are no targets; or one is null, no row of two values or more, of another size than the first, or has not one 1 and 0 else; or
    /// a class has none.
    /// </exception>
    public static double[] Balanced(IReadOnlyList<Matrix<double>> y)
    {
        ArgumentNullException.ThrowIfNull(y);
        if (y.Count == 0)
        {
            throw new ArgumentException("Balanced expects at least one target, but y is empty.", nameof(y));
        }

        int[] counts = new int[y[0]?.ColumnCount ?? 0];
        for (int i = 0; i < y.Count; i++)
        {
            if (y[i] is not { RowCount: 1 } row || row.ColumnCount != counts.Length || counts.Length < 2
                || row.Enumerate().Count(value => value == 1) != 1 || row.Enumerate().Count(value => value == 0) != counts.Length - 1)
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Balanced expects one-hot rows of one size, but y[{i}] is none. Labels.OneHot, in ")
                    + "NeuralNet.Data, makes one of each label.",
                    nameof(y));
            }

            counts[row.Row(0).MaximumIndex()]++;
        }

        int without = Array.IndexOf(counts, 0);
        return without < 0
            ? Array.ConvertAll(counts, count => (double)y.Count / ((double)counts.Length * count))
            : throw new ArgumentException(
                FormattableString.Invariant($"Balanced expects targets of every class, but class {without} has none. Leave it out."),
                nameof(y));
    }
}
