using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Training;

/// <summary>Figures that go by the order of predictions.</summary>
internal static class RankStatistics
{
    /// <summary>The share of rows whose true class is among the k greatest predictions.</summary>
    public static double TopK(IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred, int k)
    {
        var pairs = ClassPairs.Of(yTrue, yPred);
        var rows = yPred.SelectMany(y => Enumerable.Range(0, y.RowCount).Select(row => (y, row)));
        return rows.Zip(pairs.True, (at, truth) => IsAmong(at.y, at.row, truth, k) ? 1.0 : 0).Average();
    }

    /// <summary>The mean over the columns of the area under the receiver operating characteristic; NaN where there is none.</summary>
    public static double RocAuc(IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred)
    {
        // Refuses samples of different columns.
        ClassPairs.Of(yTrue, yPred);
        return Enumerable.Range(0, yTrue[0].ColumnCount)
            .Select(column => RocAuc(Column(yTrue, column).Select(t => t >= 0.5), Column(yPred, column)))
            .OfType<double>()
            .DefaultIfEmpty(double.NaN)
            .Average();
    }

    private static IEnumerable<double> Column(IReadOnlyList<Matrix<double>> samples, int column) =>
        samples.SelectMany(sample => Enumerable.Range(0, sample.RowCount).Select(row => sample[row, column]));

    private static bool IsAmong(Matrix<double> y, int row, int truth, int k)
    {
        int before = 0;
        for (int column = 0; column < y.ColumnCount; column++)
        {
            if (double.IsNaN(y[row, column]))
            {
                return false;
            }

            before += y[row, column] > y[row, truth] || (y[row, column] == y[row, truth] && column < truth) ? 1 : 0;
        }

        return before < k;
    }

    /// <summary>
    /// (Σ ranks of yes - P (P + 1) / 2) / (P N), with the mean rank for equal values, P of yes and N of no (Mann and Whitney, 1947);
    /// null where P or N is 0.
    /// </summary>
    private static double? RocAuc(IEnumerable<bool> isYes, IEnumerable<double> values)
    {
        var sorted = isYes.Zip(values, (yes, value) => (yes, value)).OrderBy(pair => pair.value).ToArray();
        double positives = sorted.Count(pair => pair.yes);
        double negatives = sorted.Length - positives;
        if (positives == 0 || negatives == 0)
        {
            return null;
        }

        double ranks = 0;
        for (int from = 0, to; from < sorted.Length; from = to)
        {
            if (double.IsNaN(sorted[from].value))
            {
                return double.NaN;
            }

            to = from + 1;
            while (to < sorted.Length && sorted[to].value == sorted[from].value)
            {
                to++;
            }

            // Ranks from + 1 to to, of which each has the mean.
            ranks += sorted[from..to].Count(pair => pair.yes) * ((from + 1 + to) / 2.0);
        }

        return (ranks - (positives * (positives + 1) / 2)) / (positives * negatives);
    }
}
