namespace NeuralNet.Training;

/// <summary>How often each class is right, is predicted, and is true.</summary>
internal sealed class ClassCounts
{
    private readonly OfClass[] _classes;
    private readonly bool _isBinary;

    private ClassCounts(OfClass[] classes, bool isBinary, int rows) => (_classes, _isBinary, Rows) = (classes, isBinary, rows);

    /// <summary>All classes, from 0.</summary>
    public IReadOnlyList<OfClass> Classes => _classes;

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The share of rows that are right.</summary>
    public double Accuracy => Share(_classes.Sum(one => (long)one.Hits), Rows);

    public static ClassCounts Of(ClassPairs pairs)
    {
        var (hits, predicted, actual) = (new int[pairs.Classes], new int[pairs.Classes], new int[pairs.Classes]);
        foreach (var (truth, prediction) in pairs.True.Zip(pairs.Predicted))
        {
            actual[truth]++;
            if (prediction != ClassPairs.None)
            {
                predicted[prediction]++;
                hits[prediction] += prediction == truth ? 1 : 0;
            }
        }

        return new(
            [.. Enumerable.Range(0, pairs.Classes).Select(i => new OfClass(hits[i], predicted[i], actual[i]))],
            pairs.IsBinary,
            pairs.True.Length);
    }

    /// <summary>A figure of yes, or its mean over the classes that occur.</summary>
    public double BinaryOrMacro(Func<OfClass, double> figure) =>
        _isBinary ? figure(_classes[1]) : _classes.Where(one => one.Occurs).Average(figure);

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    /// <summary>The counts of a class.</summary>
    /// <param name="Hits">How often it is predicted and true: the true positives.</param>
    /// <param name="Predicted">How often it is predicted.</param>
    /// <param name="Actual">How often it is true.</param>
    public readonly record struct OfClass(int Hits, int Predicted, int Actual)
    {
        public bool Occurs => Predicted > 0 || Actual > 0;

        public double Precision => Share(Hits, Predicted);

        public double Recall => Share(Hits, Actual);

        public double F1 => Share(2L * Hits, (long)Predicted + Actual);
    }
}
