using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Training;

namespace NeuralNet.Data;

/// <summary>Divides samples into ones to train on and ones to test on.</summary>
/// <remarks>
/// The parts share the samples' matrices with the lists that they come from. The same seed gives the same parts on every machine.
/// </remarks>
public static class Split
{
    /// <summary>Divides samples at random.</summary>
    /// <param name="x">The samples, two at least.</param>
    /// <param name="y">Their targets, in the same order.</param>
    /// <param name="share">The share of the samples that are for the test: above 0, below 1. One sample at least is in each part.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="stratify">
    /// Whether each class, samples whose targets are equal, is in both parts by that share, to less than one sample.
    /// </param>
    /// <returns>Both parts, each in random order.</returns>
    /// <exception cref="ArgumentException">The counts differ, there are fewer than two samples, or one is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is out of its range.</exception>
    public static ((IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test) TrainTest(
        IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, double share, int seed, bool stratify = false)
    {
        Check.Number(share, share is > 0 and < 1, "TrainTest's share", " above 0, below 1", nameof(share));
        var (samples, targets) = Checked(x, y, "TrainTest", 2);
        var classes = Classes(targets, seed, stratify);
        int count = ValidationSplit.Count(samples.Length, share);

        // Each class gives the whole part of its share, and those nearest to one more give one more: the largest remainders.
        int[] takes = [.. classes.Select(members => (int)((long)members.Length * count / samples.Length))];
        int missing = count - takes.Sum();
        foreach (int largest in Enumerable.Range(0, classes.Count)
            .OrderByDescending(i => (long)classes[i].Length * count % samples.Length).Take(missing))
        {
            takes[largest]++;
        }

        var isTest = new bool[samples.Length];
        foreach (int sample in classes.Zip(takes, (members, take) => members[..take]).SelectMany(taken => taken))
        {
            isTest[sample] = true;
        }

        int[] order = Order(samples.Length, seed);
        return (
            Take(samples, targets, order.Where(sample => !isTest[sample])), Take(samples, targets, order.Where(sample => isTest[sample])));
    }

    /// <summary>Divides samples at random into folds, each of which is the test once, while the others are trained on.</summary>
    /// <param name="x">The samples, as many as folds at least.</param>
    /// <param name="y">Their targets, in the same order.</param>
    /// <param name="folds">The number of folds, 2 or more.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="stratify">
    /// Whether each class, samples whose targets are equal, is in all folds by the same number, give or take one.
    /// </param>
    /// <returns>
    /// For each fold, the samples to train on and those to test on, each in random order. The folds' sizes differ by one at most.
    /// </returns>
    /// <exception cref="ArgumentException">The counts differ, there are fewer samples than folds, or one is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="folds"/> is less than 2.</exception>
    public static IReadOnlyList<((IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test)> KFold(
        IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, int folds, int seed, bool stratify = false)
    {
        if (folds < 2)
        {
            throw new ArgumentOutOfRangeException(
                nameof(folds), folds, FormattableString.Invariant($"KFold's folds must be 2 or more, but is {folds}."));
        }

        var (samples, targets) = Checked(x, y, "KFold", folds);
        var foldOf = new int[samples.Length];
        foreach (var (i, sample) in Classes(targets, seed, stratify).SelectMany(members => members).Index())
        {
            foldOf[sample] = i % folds;
        }

        int[] order = Order(samples.Length, seed);
        return
        [
            .. Enumerable.Range(0, folds).Select(fold => (
                Take(samples, targets, order.Where(sample => foldOf[sample] != fold)),
                Take(samples, targets, order.Where(sample => foldOf[sample] == fold)))),
        ];
    }

    /// <summary>
    /// Divides samples that follow one another in time: each fold tests on a stretch of time, and trains on all that came before.
    /// </summary>
    /// <param name="x">The samples, the oldest first.</param>
    /// <param name="y">Their targets, in the same order.</param>
    /// <param name="folds">The number of folds, 1 or more.</param>
    /// <param name="testSize">
    /// The number of samples that a fold tests on, 1 or more; the number of all, divided by <paramref name="folds"/> + 1, where none is
    /// given.
    /// </param>
    /// <param name="gap">
    /// The number of samples to leave out between those that are trained on and the test, 0 or more. Where a target is several steps ahead
    /// of its sample, horizon - 1 keeps the training's targets before the test's.
    /// </param>
    /// <returns>
    /// For each fold, the samples to train on and those to test on, the oldest first. The tests follow one another, and the last ends with
    /// the last sample.
    /// </returns>
    /// <exception cref="ArgumentException">The counts differ, a sample is null, or the first fold would have none to train on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static IReadOnlyList<((IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Train,
        (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Test)> TimeSeries(
        IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, int folds, int? testSize = null, int gap = 0)
    {
        Check.Positive(folds, "TimeSeries' folds", nameof(folds));
        Check.Positive(testSize ?? 1, "TimeSeries' testSize", nameof(testSize));
        Check.ZeroOrMore(gap, "TimeSeries' gap", nameof(gap));
        var (samples, targets) = Checked(x, y, "TimeSeries", 2);
        long size = testSize ?? Math.Max(1, samples.Length / (folds + 1L));
        long first = samples.Length - (folds * size) - gap;
        if (first < 1)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"TimeSeries expects more than {folds} x {size} samples to test on and {gap} to leave out, ")
                + FormattableString.Invariant($"but got {samples.Length}: the first fold would have none to train on."),
                nameof(x));
        }

        return
        [
            .. Enumerable.Range(0, folds).Select(fold => (int)(first + (fold * size))).Select(end => (
                Take(samples, targets, Enumerable.Range(0, end)),
                Take(samples, targets, Enumerable.Range(end + gap, (int)size)))),
        ];
    }

    private static (Matrix<double>[] X, Matrix<double>[] Y) Checked(
        IReadOnlyList<Matrix<double>> x, IReadOnlyList<Matrix<double>> y, string method, int least)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Count != y.Count)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{method} expects one y for each x, but got {x.Count} x and {y.Count} y."), nameof(y));
        }

        if (x.Count < least)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{method} expects {least} samples or more, but got {x.Count}."), nameof(x));
        }

        return (NoNulls(x, nameof(x)), NoNulls(y, nameof(y)));
    }

    private static Matrix<double>[] NoNulls(IReadOnlyList<Matrix<double>> samples, string parameter) =>
    [
        .. samples.Select((sample, i) =>
            sample ?? throw new ArgumentException(FormattableString.Invariant($"{parameter}[{i}] is null."), parameter)),
    ];

    /// <summary>The places of all samples in random order.</summary>
    private static int[] Order(int count, int seed) => SeededRandom.Permutation(count, SeededRandom.Of(seed, 0));

    /// <summary>The places of each class's samples in random order: those of equal targets, or all where there are no classes.</summary>
    private static List<int[]> Classes(Matrix<double>[] targets, int seed, bool stratify)
    {
        int[] order = Order(targets.Length, seed);
        return stratify ? [.. order.GroupBy(sample => targets[sample].ToDense()).Select(members => members.ToArray())] : [order];
    }

    private static (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) Take(
        Matrix<double>[] x, Matrix<double>[] y, IEnumerable<int> places)
    {
        int[] taken = [.. places];
        return ([.. taken.Select(place => x[place])], [.. taken.Select(place => y[place])]);
    }
}
