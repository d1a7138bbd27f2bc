using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Training;

namespace NeuralNet.Data;

/// <summary>True and predicted classes with their names, at the door of what reports on them.</summary>
/// <param name="Pairs">The classes of each row.</param>
/// <param name="Names">A name for each class.</param>
internal sealed record PredictedClasses(ClassPairs Pairs, IReadOnlyList<string> Names)
{
    private const string Truths = "y", Predictions = "predictions";

    public static PredictedClasses Of(
        string who, IReadOnlyList<Matrix<double>> y, IReadOnlyList<Matrix<double>> predictions, IReadOnlyList<string>? names)
    {
        var (truths, guesses) = SamplePairs.Checked(who, y, Truths, predictions, Predictions);
        for (int i = 0; i < guesses.Length; i++)
        {
            if (guesses[i].Enumerate().Any(double.IsNaN))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"{who} expects numbers, but got NaN in {Predictions}[{i}]."), Predictions);
            }
        }

        var pairs = ClassPairs.Of(truths, guesses, Truths);
        if (names is not null && names.Count != pairs.Classes)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{who} expects a name for each of {pairs.Classes} classes, but got {names.Count} names."),
                nameof(names));
        }

        return new(pairs, NamesOf(who, pairs.Classes, names));
    }

    public static PredictedClasses Of(string who, IReadOnlyList<int> y, IReadOnlyList<int> predictions, IReadOnlyList<string>? names)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(predictions);
        SamplePairs.RequireCounts(who, y.Count, Truths, predictions.Count, Predictions);
        int[] truths = [.. y];
        int[] guesses = [.. predictions];
        int classes = names?.Count ?? (int)Math.Min(Math.Max(truths.Max(), guesses.Max()) + 1L, int.MaxValue);
        Check.SizeFits((Int128)classes * classes, $"{who}'s table of all labels", truths.Max() >= guesses.Max() ? Truths : Predictions);
        RequireLabels(who, truths, classes, Truths);
        RequireLabels(who, guesses, classes, Predictions);
        return new(new ClassPairs(classes, false, truths, guesses), NamesOf(who, classes, names));
    }

    private static void RequireLabels(string who, int[] labels, int classes, string parameter)
    {
        int wrong = Array.FindIndex(labels, label => label < 0 || label >= classes);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{who} expects labels from 0 to {Math.Max(classes, 1) - 1}, but {parameter}[{wrong}] is ")
                + FormattableString.Invariant($"{labels[wrong]}."),
                parameter);
        }
    }

    private static string[] NamesOf(string who, int classes, IReadOnlyList<string>? names) => names is null
        ? [.. Enumerable.Range(0, classes).Select(label => label.ToString(CultureInfo.InvariantCulture))]
        : [.. names.Select(name => name ?? throw new ArgumentException($"{who} expects names, but one is null.", nameof(names)))];
}
