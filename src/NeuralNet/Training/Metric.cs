using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Guards;
using NeuralNet.Training;

namespace NeuralNet;

/// <summary>A figure of how good predictions are, for people to read; training goes by the loss.</summary>
/// <remarks>
/// In the formulas t is a true value and y its prediction. Every metric is computed over all samples at once, and their order does not
/// matter to the library's own but for rounding.
/// </remarks>
public sealed class Metric
{
    /// <summary>Where probabilities, and targets, turn from no to yes.</summary>
    internal const double HalfWay = 0.5;

    private readonly Func<IReadOnlyList<Matrix<double>>, IReadOnlyList<Matrix<double>>, double, double> _function;
    private readonly bool _isUsers;

    /// <summary>The same metric for values that say yes from another threshold on; null where it has none.</summary>
    private readonly Func<double, Metric>? _withThreshold;

    /// <summary>Makes a metric of any function.</summary>
    /// <param name="name">What to call it in reports; one name for one metric.</param>
    /// <param name="function">
    /// Gives the figure for targets and predictions, in this order: as many of one as of the other, at least one, each pair of one shape.
    /// Must not change its arguments.
    /// </param>
    /// <param name="higherIsBetter">
    /// True where a greater figure is a better one, as for <see cref="Accuracy"/>; false as for <see cref="MeanAbsoluteError"/>.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or blank, or <paramref name="function"/> is null.</exception>
    public Metric(string name, Func<IReadOnlyList<Matrix<double>>, IReadOnlyList<Matrix<double>>, double> function, bool higherIsBetter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        Name = name;
        HigherIsBetter = higherIsBetter;
        _function = (yTrue, yPred, _) => function(yTrue, yPred);
        _isUsers = true;
    }

    private Metric(string name, bool higherIsBetter, Func<IReadOnlyList<Matrix<double>>, IReadOnlyList<Matrix<double>>, double> function) =>
        (Name, HigherIsBetter, _function) = (name, higherIsBetter, (yTrue, yPred, _) => function(yTrue, yPred));

    private Metric(
        string name,
        int mostColumns,
        double? threshold,
        Func<IReadOnlyList<Matrix<double>>, IReadOnlyList<Matrix<double>>, double, double> function)
    {
        Name = threshold is { } given ? FormattableString.Invariant($"{name}At{given}") : name;
        HigherIsBetter = true;
        MostColumns = threshold is null ? int.MaxValue : mostColumns;
        _function = (yTrue, yPred, ofLoss) => function(yTrue, yPred, threshold ?? ofLoss);
        _withThreshold = other => new Metric(name, mostColumns, other, function);
    }

    /// <summary>
    /// The share of samples, 0 to 1, whose greatest prediction is where the greatest target is; of several equal ones the first counts, as
    /// in <see cref="Data.Labels.ArgMax(Matrix{double})"/>. Where samples have several rows, such as a class for each step of a sequence,
    /// it is the share of rows.
    /// </summary>
    /// <remarks>
    /// For outputs with one value a class. A single value would always agree with its target, and is refused: <see cref="BinaryAccuracy"/>
    /// is for those that say yes or no. A longer sequence counts for more, by its rows. A row with NaN counts as wrong.
    /// </remarks>
    public static Metric Accuracy { get; } = new(
        "Accuracy",
        higherIsBetter: true,
        (yTrue, yPred) =>
        {
            var pairs = ClassPairs.Of(yTrue, yPred);
            return pairs.True.Zip(pairs.Predicted).Average(pair => pair.First == pair.Second ? 1.0 : 0);
        })
    {
        FewestValues = 2,
    };

    /// <summary>The share of values, 0 to 1, that are on their target's side of 0.5: both at least 0.5, or both below it.</summary>
    /// <remarks>
    /// For outputs that each say yes or no, such as those of <see cref="Activations.Sigmoid"/>. It counts values, not samples: each of a
    /// sample's values for itself. NaN counts as wrong. In a network with
    /// <see cref="Losses.BinaryCrossEntropyFromLogits"/>, whose outputs are logits, they say yes from 0 on, in Fit and Evaluate; elsewhere
    /// <see cref="WithThreshold"/> tells.
    /// </remarks>
    public static Metric BinaryAccuracy { get; } = new(
        "BinaryAccuracy",
        mostColumns: int.MaxValue,
        threshold: null,
        (yTrue, yPred, threshold) =>
            MeanOfValues(yTrue, yPred, (t, y) => !double.IsNaN(y) && (y >= threshold) == (t >= HalfWay) ? 1 : 0));

    /// <summary>The mean of |t - y| over all values of all samples, 0 or more.</summary>
    public static Metric MeanAbsoluteError { get; } = new(
        "MeanAbsoluteError", higherIsBetter: false, (yTrue, yPred) => MeanOfValues(yTrue, yPred, (t, y) => Math.Abs(t - y)));

    /// <summary>
    /// The coefficient of determination, at most 1: 1 - Σ (t - y)² / Σ (t - mean of t)² for each of a sample's places, the sums over the
    /// samples, and the mean of that over the places.
    /// </summary>
    /// <remarks>
    /// 1 is a perfect prediction, 0 one as good as the targets' mean, below 0 a worse one. A place whose targets are all the same has no
    /// variance to explain: it counts 1 where every prediction is exact, else 0. Of a single sample it is not defined, and NaN;
    /// <see cref="EarlyStopping"/> by it needs two. All of this is as in scikit-learn's <c>r2_score</c>
    /// with its <c>uniform_average</c>. All samples must have one shape.
    /// </remarks>
    public static Metric R2 { get; } = new("R2", higherIsBetter: true, CoefficientOfDetermination) { FewestSamples = 2 };

    /// <summary>
    /// Gets the share, 0 to 1, of what is predicted to be of a class that is of it: TP / (TP + FP), TP being the true and FP the false
    /// positives.
    /// </summary>
    /// <remarks>
    /// <para>
    /// An output of one value says yes or no, as in <see cref="BinaryAccuracy"/>, and the figure is that of yes. An output of several has
    /// one value a class, as in <see cref="Accuracy"/>, and the figure is the mean over the classes that occur among targets or
    /// predictions: the macro average. A figure that would be 0 / 0 counts as 0. All of this is as in scikit-learn.
    /// </para>
    /// <para>
    /// Each row of a sample is counted for itself, so that a sequence may have a class a step. A prediction with NaN is wrong. All samples
    /// must have the same number of columns. <see cref="Recall"/> and <see cref="F1"/> go by the same rules, and
    /// <see cref="Data.ClassificationReport"/> has all three for each class.
    /// </para>
    /// </remarks>
    public static Metric Precision { get; } = OfClasses("Precision", one => one.Precision);

    /// <summary>
    /// Gets the share, 0 to 1, of what is of a class that is predicted to be: TP / (TP + FN), FN being the false negatives; the rules are
    /// those of <see cref="Precision"/>.
    /// </summary>
    public static Metric Recall { get; } = OfClasses("Recall", one => one.Recall);

    /// <summary>
    /// Gets the harmonic mean of precision and recall, 0 to 1: 2 TP / (2 TP + FP + FN); the rules are those of <see cref="Precision"/>.
    /// </summary>
    public static Metric F1 { get; } = OfClasses("F1", one => one.F1);

    /// <summary>
    /// Gets the area under the receiver operating characteristic, 0 to 1: the probability that a sample of a class is given a greater
    /// value than one that is not, equal values counting one half.
    /// </summary>
    /// <remarks>
    /// <para>
    /// 0.5 is as good as chance. It goes by the order of the values only, so that logits and probabilities of one output give the same.
    /// Each column is a yes or no for itself, t at least 0.5 being yes; of several the figure is the mean (one class against the rest),
    /// without columns whose targets are all yes or all no. Where that leaves none it is not defined, and NaN.
    /// </para>
    /// <para>J. A. Hanley and B. J. McNeil, The meaning and use of the area under a ROC curve, 1982.</para>
    /// </remarks>
    public static Metric RocAuc { get; } = new("RocAuc", higherIsBetter: true, RankStatistics.RocAuc);

    /// <summary>Gets the square root of the mean of (t - y)² over all values of all samples, in the units of the targets.</summary>
    public static Metric RootMeanSquaredError { get; } = new(
        "RootMeanSquaredError",
        higherIsBetter: false,
        (yTrue, yPred) => Math.Sqrt(MeanOfValues(yTrue, yPred, (t, y) => (t - y) * (t - y))));

    /// <summary>
    /// Gets the mean of |t - y| / max(|t|, 2⁻⁵²) over all values of all samples, as a share: 0.1 is 10 per cent.
    /// </summary>
    /// <remarks>It says little where targets are near 0. scikit-learn's definition; Keras' is a hundred times as much.</remarks>
    public static Metric MeanAbsolutePercentageError { get; } = new(
        "MeanAbsolutePercentageError",
        higherIsBetter: false,
        (yTrue, yPred) => MeanOfValues(yTrue, yPred, (t, y) => Math.Abs(t - y) / Math.Max(Math.Abs(t), 1.0 / (1L << 52))));

    /// <summary>What the metric is called in reports.</summary>
    public string Name { get; }

    /// <summary>Whether a greater figure is a better one.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>The fewest values in a row of a sample of which the metric can tell good from bad.</summary>
    private int FewestValues { get; init; } = 1;

    /// <summary>The fewest columns of a sample of which the metric can tell good from bad.</summary>
    private int FewestColumns { get; init; } = 1;

    /// <summary>The most columns of a sample that the metric says anything of.</summary>
    private int MostColumns { get; init; } = int.MaxValue;

    /// <summary>The fewest samples that the metric is defined for; of fewer it is NaN.</summary>
    private int FewestSamples { get; init; } = 1;

    /// <summary>
    /// Returns the share of rows, 0 to 1, in which the class of the greatest target is among the k greatest predictions; of equal
    /// predictions the first count.
    /// </summary>
    /// <param name="k">How many guesses count, 1 or more.</param>
    /// <returns>A metric called <c>Top5Accuracy</c> for 5.</returns>
    /// <remarks>
    /// For outputs with one value a class, more than k. Each row of a sample is counted for itself. A prediction with NaN counts as wrong.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is less than 1.</exception>
    public static Metric TopK(int k)
    {
        Check.Positive(k, "TopK's k", nameof(k));
        return new(
            FormattableString.Invariant($"Top{k}Accuracy"), higherIsBetter: true, (yTrue, yPred) => RankStatistics.TopK(yTrue, yPred, k))
        {
            FewestColumns = (int)Math.Min(k + 1L, int.MaxValue),
        };
    }

    /// <summary>
    /// Returns the same metric for predictions that say yes from another threshold on than 0.5: one that weighs false alarms against
    /// misses, or 0 for logits whose network is not known to give them by its loss.
    /// </summary>
    /// <param name="threshold">The least prediction that says yes; any number. Targets say yes from 0.5 on all the same.</param>
    /// <returns>A metric called <c>BinaryAccuracyAt0</c> for 0, as in Keras' <c>BinaryAccuracy(threshold=0)</c>.</returns>
    /// <remarks>
    /// For <see cref="BinaryAccuracy"/>, and, for outputs of one value, <see cref="Precision"/>, <see cref="Recall"/> and <see cref="F1"/>:
    /// of several values the greatest is the class, and there is no threshold.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is not finite.</exception>
    /// <exception cref="InvalidOperationException">The metric has no threshold.</exception>
    public Metric WithThreshold(double threshold)
    {
        Check.Number(threshold, true, $"{Name}'s threshold", "", nameof(threshold));
        return _withThreshold?.Invoke(threshold) ?? throw new InvalidOperationException(
            $"{Name} has no threshold. Those that have one are BinaryAccuracy, Precision, Recall and F1.");
    }

    /// <summary>The figure for some predictions.</summary>
    /// <param name="yTrue">What the outputs should be, one matrix a sample; finite numbers.</param>
    /// <param name="yPred">The predictions in the same order, each in the shape of its target.</param>
    /// <returns>The figure; NaN or infinite where a prediction is and the metric does not say otherwise.</returns>
    /// <exception cref="ArgumentException">
    /// A list or a matrix is null or empty, the counts or the shapes of a pair differ, a target is not finite, or the metric says nothing
    /// of samples of that shape.
    /// </exception>
    /// <exception cref="InvalidOperationException">The metric's own function threw, which is the InnerException.</exception>
    public double Of(IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred) => Of(yTrue, yPred, HalfWay);

    /// <summary>The figure for some predictions, of which those from a threshold on say yes unless the metric has one of its own.</summary>
    internal double Of(IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred, double threshold)
    {
        var (truths, predictions) = SamplePairs.Checked(Name, yTrue, nameof(yTrue), yPred, nameof(yPred));
        foreach (var target in truths)
        {
            RequireMeaning(Shape.Of(target), nameof(yTrue));
        }

        try
        {
            return yTrue.Count < FewestSamples ? double.NaN : _function(truths, predictions, threshold);
        }
        catch (Exception e) when (_isUsers && UserCode.HasNoName(e))
        {
            throw UserCode.Named($"The function of the metric {Name}", e);
        }
    }

    /// <summary>Refuses targets of which the metric would say the same of right and wrong predictions.</summary>
    internal void RequireMeaning(Shape target, string parameter)
    {
        if (target.Columns < FewestValues)
        {
            throw new ArgumentException(
                $"{Name} tells which value of a row is the greatest, but samples of {target} have one: "
                + "it would be 1 whatever is predicted. For a yes or no take Metric.BinaryAccuracy, "
                + "for a number Metric.MeanAbsoluteError or Metric.R2.",
                parameter);
        }

        if (target.Columns < FewestColumns)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{Name} expects samples of {FewestColumns} classes or more, one a column, but got {target}: ")
                + "it would be 1 whatever is predicted. Take a smaller k.",
                parameter);
        }

        if (target.Columns > MostColumns)
        {
            throw new ArgumentException(
                $"{Name} expects samples of one column, each a yes or no, but got {target}: of several values the greatest is the class, "
                + "whatever the threshold. Take the metric without one.",
                parameter);
        }
    }

    /// <summary>Refuses to go by the metric where there are fewer samples than it is defined for.</summary>
    internal void RequireSamples(int count, string parameter)
    {
        if (count < FewestSamples)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"EarlyStopping monitors {Name}, which is not defined for fewer than {FewestSamples} samples, ")
                + FormattableString.Invariant($"but {count} would be measured. Validate with more samples."),
                parameter);
        }
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static Metric OfClasses(string name, Func<ClassCounts.OfClass, double> figure) => new(
        name,
        mostColumns: 1,
        threshold: null,
        (yTrue, yPred, threshold) => ClassCounts.Of(ClassPairs.Of(yTrue, yPred, threshold: threshold)).BinaryOrMacro(figure));

    private static double MeanOfValues(
        IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred, Func<double, double, double> ofValue)
    {
        double sum = 0;
        long count = 0;
        for (int i = 0; i < yTrue.Count; i++)
        {
            var (t, y) = (yTrue[i].Values(), yPred[i].Values());
            for (int j = 0; j < t.Length; j++)
            {
                sum += ofValue(t[j], y[j]);
            }

            count += t.Length;
        }

        return sum / count;
    }

    private static double CoefficientOfDetermination(IReadOnlyList<Matrix<double>> yTrue, IReadOnlyList<Matrix<double>> yPred)
    {
        var shape = Shape.Of(yTrue[0]);
        int other = yTrue.Index().FirstOrDefault(sample => !Shape.Of(sample.Item).SameMatrix(shape)).Index;
        if (other > 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"R2 expects samples of one shape, but yTrue[0] is {shape} and yTrue[{other}] is {Shape.Of(yTrue[other])}."),
                nameof(yTrue));
        }

        // From the first target, so that targets that are all the same have a mean and a variance of exactly 0.
        var first = yTrue[0].Values();
        double[] mean = new double[shape.Size];
        double[] residual = new double[shape.Size];
        double[] total = new double[shape.Size];
        foreach (var sample in yTrue)
        {
            var t = sample.Values();
            for (int j = 0; j < mean.Length; j++)
            {
                mean[j] += (t[j] - first[j]) / yTrue.Count;
            }
        }

        for (int i = 0; i < yTrue.Count; i++)
        {
            var (t, y) = (yTrue[i].Values(), yPred[i].Values());
            for (int j = 0; j < mean.Length; j++)
            {
                double d = t[j] - first[j] - mean[j];
                total[j] += d * d;
                residual[j] += (t[j] - y[j]) * (t[j] - y[j]);
            }
        }

        return residual.Zip(total, (r, t) => t != 0 ? 1 - (r / t) : r == 0 ? 1 : double.IsNaN(r) ? r : 0).Average();
    }
}
