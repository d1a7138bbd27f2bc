using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Data;

/// <summary>Class labels as rows that a network can be trained on, and back.</summary>
public static class Labels
{
    /// <summary>One row for each label, 1 at the label's place and 0 elsewhere: Keras' <c>to_categorical</c>.</summary>
    /// <param name="labels">Labels from 0.</param>
    /// <param name="classes">The number of classes; the greatest label + 1 where none is given.</param>
    /// <returns>A 1 x classes matrix for each label.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A label is below 0 or not below <paramref name="classes"/>, or <paramref name="classes"/> is less than 1.
    /// </exception>
    public static IReadOnlyList<Matrix<double>> OneHot(IReadOnlyList<int> labels, int? classes = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (classes is { } given)
        {
            Check.Positive(given, "The number of classes", nameof(classes));
        }

        int count = classes ?? (labels.Count == 0 ? 1 : (int)Math.Clamp(labels.Max() + 1L, 1, int.MaxValue));
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i] < 0 || labels[i] >= count)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    labels[i],
                    FormattableString.Invariant($"OneHot expects labels from 0 to {count - 1}, but labels[{i}] is {labels[i]}."));
            }
        }

        return [.. labels.Select(label => Matrix<double>.Build.Dense(1, count, (_, column) => column == label ? 1 : 0))];
    }

    /// <summary>The place of the greatest value; of several, the first.</summary>
    /// <param name="row">A 1 x classes matrix, such as a network's output.</param>
    /// <returns>The label, from 0.</returns>
    /// <exception cref="ArgumentException"><paramref name="row"/> has more than one row, or holds NaN.</exception>
    public static int ArgMax(Matrix<double> row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return ArgMax(row, nameof(row), nameof(row));
    }

    /// <summary>The place of the greatest value of each row: <see cref="OneHot"/> back.</summary>
    /// <param name="rows">1 x classes matrices.</param>
    /// <returns>A label for each, from 0.</returns>
    /// <exception cref="ArgumentException">A matrix is null, has more than one row, or holds NaN.</exception>
    public static IReadOnlyList<int> ArgMax(IReadOnlyList<Matrix<double>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select((row, i) => ArgMax(row, FormattableString.Invariant($"rows[{i}]"), nameof(rows)))];
    }

    private static int ArgMax(Matrix<double>? row, string name, string parameter)
    {
        if (row?.RowCount != 1)
        {
            throw new ArgumentException(
                $"ArgMax expects a 1 x classes matrix, but got {(row is null ? "null" : Shape.Of(row))} for {name}.", parameter);
        }

        int best = 0;
        for (int column = 0; column < row.ColumnCount; column++)
        {
            if (double.IsNaN(row[0, column]))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"ArgMax expects numbers, but got NaN at [0, {column}] of {name}."), parameter);
            }

            best = row[0, column] > row[0, best] ? column : best;
        }

        return best;
    }
}
