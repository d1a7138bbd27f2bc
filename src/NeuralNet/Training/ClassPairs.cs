using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Training;

/// <summary>The true and the predicted class of each row of samples.</summary>
/// <param name="Classes">The number of classes; 2, no and yes, where a row is one value.</param>
/// <param name="IsBinary">Whether a row is one value.</param>
/// <param name="True">The true classes, from 0.</param>
/// <param name="Predicted">The predicted classes; <see cref="None"/> where a prediction of several values has NaN.</param>
internal readonly record struct ClassPairs(int Classes, bool IsBinary, int[] True, int[] Predicted)
{
    /// <summary>No class, which is always wrong.</summary>
    public const int None = -1;

    /// <summary>Reads the classes of targets and predictions of the same shapes.</summary>
    /// <exception cref="ArgumentException">Samples differ in their columns.</exception>
    public static ClassPairs Of(
        IReadOnlyList<Matrix<double>> yTrue,
        IReadOnlyList<Matrix<double>> yPred,
        string parameter = "yTrue",
        double threshold = Metric.HalfWay)
    {
        int columns = yTrue[0].ColumnCount;
        var (truths, predictions) = (new List<int>(yTrue.Count), new List<int>(yTrue.Count));
        for (int i = 0; i < yTrue.Count; i++)
        {
            var (t, y) = (yTrue[i], yPred[i]);
            if (t.ColumnCount != columns)
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"Classes are columns, as many in each sample, but {parameter}[0] is {Shape.Of(yTrue[0])} and ")
                    + FormattableString.Invariant($"{parameter}[{i}] is {Shape.Of(t)}."),
                    parameter);
            }

            for (int row = 0; row < t.RowCount; row++)
            {
                int truth = columns == 1 ? YesOrNo(t[row, 0], Metric.HalfWay) : Greatest(t, row);
                truths.Add(truth);
                predictions.Add(
                    columns > 1 ? Greatest(y, row)
                    : double.IsNaN(y[row, 0]) ? 1 - truth
                    : YesOrNo(y[row, 0], threshold));
            }
        }

        return new ClassPairs(Math.Max(columns, 2), columns == 1, [.. truths], [.. predictions]);
    }

    private static int YesOrNo(double value, double threshold) => value >= threshold ? 1 : 0;

    /// <summary>The first of the greatest values' places.</summary>
    private static int Greatest(Matrix<double> matrix, int row)
    {
        int greatest = 0;
        for (int column = 0; column < matrix.ColumnCount; column++)
        {
            if (double.IsNaN(matrix[row, column]))
            {
                return None;
            }

            greatest = matrix[row, column] > matrix[row, greatest] ? column : greatest;
        }

        return greatest;
    }
}
