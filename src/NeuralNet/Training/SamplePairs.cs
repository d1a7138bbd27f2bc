using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Training;

/// <summary>Targets and predictions at the door of what compares them.</summary>
internal static class SamplePairs
{
    /// <summary>Both as dense matrices, each read once.</summary>
    /// <param name="who">Who compares, for the words of a refusal.</param>
    /// <param name="truths">The targets.</param>
    /// <param name="truthName">What the caller's parameter of them is called.</param>
    /// <param name="predictions">The predictions.</param>
    /// <param name="predictionName">What the caller's parameter of them is called.</param>
    /// <exception cref="ArgumentException">
    /// A list or a matrix is null or empty, the counts or the shapes of a pair differ, or a target is not finite.
    /// </exception>
    public static (Matrix<double>[] Truths, Matrix<double>[] Predictions) Checked(
        string who,
        IReadOnlyList<Matrix<double>> truths,
        string truthName,
        IReadOnlyList<Matrix<double>> predictions,
        string predictionName)
    {
        ArgumentNullException.ThrowIfNull(truths, truthName);
        ArgumentNullException.ThrowIfNull(predictions, predictionName);
        RequireCounts(who, truths.Count, truthName, predictions.Count, predictionName);

        // A list may make a sample each time it is asked, and one that is not dense is copied at each look: once is enough.
        var (ts, ys) = (new Matrix<double>[truths.Count], new Matrix<double>[truths.Count]);
        for (int i = 0; i < ts.Length; i++)
        {
            var t = Sample(truths, i, truthName);
            var y = Sample(predictions, i, predictionName);
            string place = FormattableString.Invariant($"{truthName}[{i}]");
            Check.Countable(t, place, truthName);
            t = t.ToDense();
            Check.Finite(t, place, truthName);
            if (!Shape.Of(y).SameMatrix(Shape.Of(t)))
            {
                throw new ArgumentException(
                    $"{who} expects each {predictionName} in the shape of its {truthName}, but {place} is {Shape.Of(t)} and "
                    + FormattableString.Invariant($"{predictionName}[{i}] is {Shape.Of(y)}."),
                    predictionName);
            }

            (ts[i], ys[i]) = (t, y.ToDense());
        }

        return (ts, ys);
    }

    /// <exception cref="ArgumentException">There are no targets, or not as many predictions.</exception>
    public static void RequireCounts(string who, int truths, string truthName, int predictions, string predictionName)
    {
        if (truths == 0)
        {
            throw new ArgumentException($"{who} expects at least one sample, but {truthName} is empty.", truthName);
        }

        if (predictions != truths)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"{who} expects one {predictionName} for each {truthName}, but got {truths} {truthName} and {predictions} ")
                + $"{predictionName}.",
                predictionName);
        }
    }

    private static Matrix<double> Sample(IReadOnlyList<Matrix<double>> samples, int i, string parameter) =>
        samples[i] ?? throw new ArgumentException(FormattableString.Invariant($"{parameter}[{i}] is null."), parameter);
}
