using System.Globalization;
using System.Text;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Training;

namespace NeuralNet.Data;

/// <summary>Precision, recall and F1 of each class, and their averages.</summary>
/// <remarks>
/// Classes that occur neither among targets nor among predictions are left out. A figure that would be 0 / 0 is 0. The figures are those
/// of scikit-learn's <c>classification_report</c>, and <see cref="ToString"/> has its columns.
/// </remarks>
public sealed class ClassificationReport
{
    private ClassificationReport(ClassCounts counts, IReadOnlyList<string> names)
    {
        Classes =
        [
            .. counts.Classes.Zip(names)
                .Where(one => one.First.Occurs)
                .Select(one => new ClassScores(one.Second, one.First.Precision, one.First.Recall, one.First.F1, one.First.Actual)),
        ];
        Accuracy = counts.Accuracy;
        MacroAverage = Average("macro avg", _ => 1.0 / Classes.Count);
        WeightedAverage = Average("weighted avg", one => (double)one.Support / counts.Rows);

        ClassScores Average(string name, Func<ClassScores, double> weight) => new(
            name,
            Classes.Sum(one => weight(one) * one.Precision),
            Classes.Sum(one => weight(one) * one.Recall),
            Classes.Sum(one => weight(one) * one.F1),
            counts.Rows);
    }

    /// <summary>Gets the figures of each class that occurs, in the order of their labels.</summary>
    public IReadOnlyList<ClassScores> Classes { get; }

    /// <summary>Gets the share of predictions, 0 to 1, that are right.</summary>
    public double Accuracy { get; }

    /// <summary>Gets the mean over the classes.</summary>
    public ClassScores MacroAverage { get; }

    /// <summary>Gets the mean over the classes, each weighted by how often it is true.</summary>
    public ClassScores WeightedAverage { get; }

    /// <summary>Returns the report on predictions.</summary>
    /// <param name="y">The targets, each row of which has one value a class (its greatest is the class), or one, no below 0.5.</param>
    /// <param name="predictions">A network's outputs for them, in the same shapes.</param>
    /// <param name="names">The names of the classes in the order of the columns, or those of no and yes; their numbers if null.</param>
    /// <exception cref="ArgumentException">
    /// A list or a matrix is null or empty, counts, shapes or columns differ, a value is NaN, or there is not one name for each class.
    /// </exception>
    public static ClassificationReport Of(
        IReadOnlyList<Matrix<double>> y, IReadOnlyList<Matrix<double>> predictions, IReadOnlyList<string>? names = null) =>
        Of(PredictedClasses.Of("ClassificationReport", y, predictions, names));

    /// <summary>Returns the report on predicted labels.</summary>
    /// <param name="y">The true labels, from 0.</param>
    /// <param name="predictions">The predicted labels, such as those of
    /// <see cref="Network.PredictClasses(IReadOnlyList{Matrix{double}})"/>.</param>
    /// <param name="names">The names of the classes in the order of their labels; their numbers if null.</param>
    /// <exception cref="ArgumentException">
    /// A list is null or empty, the counts differ, or a label is negative or has no name.
    /// </exception>
    public static ClassificationReport Of(IReadOnlyList<int> y, IReadOnlyList<int> predictions, IReadOnlyList<string>? names = null) =>
        Of(PredictedClasses.Of("ClassificationReport", y, predictions, names));

    /// <summary>Returns a table: a line for each class, then accuracy and averages, to two decimals.</summary>
    public override string ToString()
    {
        int width = Classes.Append(WeightedAverage).Max(one => one.Name.Length);
        var text = new StringBuilder();
        Line("", "precision", "recall", "f1-score", "support");
        text.Append('\n');
        foreach (var one in Classes)
        {
            Scores(one);
        }

        text.Append('\n');
        Line("accuracy", "", "", Text(Accuracy), Text(MacroAverage.Support));
        Scores(MacroAverage);
        Scores(WeightedAverage);
        return text.ToString(0, text.Length - 1);

        void Scores(ClassScores one) => Line(one.Name, Text(one.Precision), Text(one.Recall), Text(one.F1), Text(one.Support));

        void Line(string name, params ReadOnlySpan<string> columns)
        {
            text.Append(name.PadLeft(width)).Append(' ');
            foreach (string column in columns)
            {
                text.Append(' ').Append(column.PadLeft(9));
            }

            text.Append('\n');
        }
    }

    private static ClassificationReport Of(PredictedClasses classes) => new(ClassCounts.Of(classes.Pairs), classes.Names);

    private static string Text(double figure) => figure.ToString("F2", CultureInfo.InvariantCulture);

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
