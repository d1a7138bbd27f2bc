using System.Globalization;
using System.Text;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Training;

namespace NeuralNet.Data;

/// <summary>How often each class is taken for each: the true classes are the rows, the predicted ones the columns.</summary>
public sealed class ConfusionMatrix
{
    private readonly int[,] _counts;

    private ConfusionMatrix(int[,] counts, IReadOnlyList<string> names) => (_counts, Names) = (counts, names);

    /// <summary>Gets the names of the classes, in the order of rows and columns; their numbers where none were given.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Gets how often a class is taken for another, or for itself.</summary>
    /// <param name="actual">The true class, from 0.</param>
    /// <param name="predicted">The predicted class, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public int this[int actual, int predicted] => _counts[Checked(actual, nameof(actual)), Checked(predicted, nameof(predicted))];

    /// <summary>Returns the confusion matrix of predictions.</summary>
    /// <param name="y">The targets, each row of which has one value a class (its greatest is the class), or one, no below 0.5.</param>
    /// <param name="predictions">A network's outputs for them, in the same shapes.</param>
    /// <param name="names">The names of the classes in the order of the columns, or those of no and yes; their numbers if null.</param>
    /// <exception cref="ArgumentException">
    /// A list or a matrix is null or empty, counts, shapes or columns differ, a value is NaN, or there is not one name for each class.
    /// </exception>
    public static ConfusionMatrix Of(
        IReadOnlyList<Matrix<double>> y, IReadOnlyList<Matrix<double>> predictions, IReadOnlyList<string>? names = null) =>
        Of(PredictedClasses.Of("ConfusionMatrix", y, predictions, names));

    /// <summary>Returns the confusion matrix of predicted labels.</summary>
    /// <param name="y">The true labels, from 0.</param>
    /// <param name="predictions">The predicted labels, such as those of
    /// <see cref="Network.PredictClasses(IReadOnlyList{Matrix{double}})"/>.</param>
    /// <param name="names">
    /// The names of the classes in the order of their labels; if null their numbers, up to the greatest that occurs.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A list is null or empty, the counts differ, or a label is negative or has no name.
    /// </exception>
    public static ConfusionMatrix Of(IReadOnlyList<int> y, IReadOnlyList<int> predictions, IReadOnlyList<string>? names = null) =>
        Of(PredictedClasses.Of("ConfusionMatrix", y, predictions, names));

    /// <summary>Returns a table with the names before the rows, which are the true classes, and above the columns.</summary>
    public override string ToString()
    {
        const string Corner = "true \\ predicted";
        int first = Math.Max(Corner.Length, Names.Max(name => name.Length));
        int[] widths =
        [
            .. Names.Select((name, column) => Enumerable.Range(0, Names.Count)
                .Select(row => Text(_counts[row, column]).Length).Append(name.Length).Max()),
        ];
        var text = new StringBuilder(Corner.PadLeft(first));
        foreach (var (name, width) in Names.Zip(widths))
        {
            text.Append("  ").Append(name.PadLeft(width));
        }

        for (int row = 0; row < Names.Count; row++)
        {
            text.Append('\n').Append(Names[row].PadLeft(first));
            for (int column = 0; column < Names.Count; column++)
            {
                text.Append("  ").Append(Text(_counts[row, column]).PadLeft(widths[column]));
            }
        }

        return text.ToString();
    }

    private static ConfusionMatrix Of(PredictedClasses classes)
    {
        var counts = new int[classes.Names.Count, classes.Names.Count];
        foreach (var (actual, predicted) in classes.Pairs.True.Zip(classes.Pairs.Predicted))
        {
            counts[actual, predicted]++;
        }

        return new ConfusionMatrix(counts, classes.Names);
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private int Checked(int label, string parameter) => label >= 0 && label < Names.Count
        ? label
        : throw new ArgumentOutOfRangeException(
            parameter,
            label,
            FormattableString.Invariant($"ConfusionMatrix has classes from 0 to {Names.Count - 1}, but was asked for {label}."));
}
