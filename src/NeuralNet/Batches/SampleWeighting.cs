using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Batches;

/// <summary>What each sample counts for: its own weight times that of its class.</summary>
internal sealed class SampleWeighting
{
    private readonly double[]? _samples, _classes;

    private SampleWeighting(double[]? samples, double[]? classes) => (_samples, _classes) = (samples, classes);

    /// <summary>Checks the weights against the samples; null where all count the same.</summary>
    /// <param name="bySample">The weight of each sample; null for 1.</param>
    /// <param name="byClass">The weight of each class; null for 1.</param>
    /// <param name="samples">How many samples there are.</param>
    /// <param name="target">The shape of a target.</param>
    /// <param name="parameter">The parameter that the weights came in.</param>
    /// <exception cref="ArgumentException">There are not as many weights as samples or classes.</exception>
    public static SampleWeighting? Of(
        IReadOnlyList<double>? bySample, IReadOnlyList<double>? byClass, int samples, Shape target, string parameter = "options")
    {
        if (bySample is not null && bySample.Count != samples)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Fit expects one sample weight for each of the {samples} samples, but got {bySample.Count}."),
                parameter);
        }

        if (byClass is not null && (target.Rows != 1 || target.Columns != byClass.Count || byClass.Count < 2))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Fit expects a class weight for each value of a target, 1 x classes, but got {byClass.Count} ")
                + $"class weights and targets of {target}. For other targets, give SampleWeights.",
                parameter);
        }

        return bySample is null && byClass is null ? null : new SampleWeighting(bySample?.ToArray(), byClass?.ToArray());
    }

    /// <summary>A copy of weights that are finite, 0 or more.</summary>
    public static double[] Checked(IReadOnlyList<double> weights, string name, string parameter)
    {
        double[] copy = [.. weights];
        int wrong = Array.FindIndex(copy, weight => !(weight >= 0 && double.IsFinite(weight)));
        return wrong < 0
            ? copy
            : throw new ArgumentException(
                FormattableString.Invariant($"The {name} must be finite, 0 or more, but the one at {wrong} is {copy[wrong]}."), parameter);
    }

    /// <summary>What a sample counts for.</summary>
    /// <exception cref="ArgumentException">Classes have weights, and the target is no probability for each class.</exception>
    public double Of(int sample, Matrix<double> y) => (_samples?[sample] ?? 1) * (_classes is null ? 1 : ByClass(_classes, sample, y));

    private static double ByClass(double[] weights, int sample, Matrix<double> y)
    {
        if (y.RowCount != 1)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"ClassWeights are for targets of one row, but yTrain[{sample}] is {Shape.Of(y)}. ")
                + "For other targets, give SampleWeights.",
                nameof(y));
        }

        var (weight, sum, least) = (0.0, 0.0, 0.0);
        for (int i = 0; i < weights.Length; i++)
        {
            double share = y.At(0, i);
            (weight, sum, least) = (weight + (share * weights[i]), sum + share, Math.Min(least, share));
        }

        return least >= 0 && Math.Abs(sum - 1) <= 1e-6
            ? weight
            : throw new ArgumentException(FormattableString.Invariant(
                $"ClassWeights are for one-hot targets, whose values are 0 or more and add up to 1, but those of yTrain[{sample}] add up ")
                + FormattableString.Invariant($"to {sum}. Labels.OneHot, in NeuralNet.Data, makes such a row of each label."),
                nameof(y));
    }
}
