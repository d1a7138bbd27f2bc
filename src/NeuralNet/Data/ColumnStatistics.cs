using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Data;

/// <summary>The means and standard deviations of the columns of samples, and the door's checks of the samples.</summary>
internal static class ColumnStatistics
{
    /// <summary>The mean and the standard deviation of each column over all rows of all samples, 1 x columns each.</summary>
    /// <param name="samples">Samples of any number of rows.</param>
    /// <param name="columns">Their columns.</param>
    /// <param name="who">Who asks, for the words of a refusal.</param>
    /// <param name="parameter">What the caller's parameter is called.</param>
    public static (Matrix<double> Mean, Matrix<double> Deviation) Of(
        IReadOnlyList<Matrix<double>> samples, int columns, string who, string parameter)
    {
        var tables = new double[samples.Count][];
        for (int i = 0; i < tables.Length; i++)
        {
            tables[i] = Checked(samples[i], columns, who, FormattableString.Invariant($"{parameter}[{i}]"), parameter).Values();
        }

        if (Normalization.ColumnTooWide(tables, columns) is >= 0 and int wide)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"{who} expects values of a column no farther apart than {double.MaxValue}, but those of column {wide} are. ")
                + "Scale that column first.",
                parameter);
        }

        var (mean, deviation) = (new double[columns], new double[columns]);
        Normalization.Statistics(tables, mean, deviation);
        return (Matrix<double>.Build.Dense(1, columns, mean), Matrix<double>.Build.Dense(1, columns, deviation));
    }

    /// <summary>The number of columns of the first sample.</summary>
    public static int ColumnsOf(IReadOnlyList<Matrix<double>> samples, string who, string parameter)
    {
        ArgumentNullException.ThrowIfNull(samples, parameter);
        return samples.Count > 0
            ? samples[0]?.ColumnCount ?? throw new ArgumentException($"{parameter}[0] is null.", parameter)
            : throw new ArgumentException($"{who} expects at least one sample, but {parameter} is empty.", parameter);
    }

    /// <summary>The sample as a dense matrix.</summary>
    public static Matrix<double> Checked(Matrix<double>? sample, int columns, string who, string name, string parameter)
    {
        if (sample is null)
        {
            throw new ArgumentException($"{name} is null.", parameter);
        }

        if (sample.ColumnCount != columns)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"{who} expects samples of {columns} columns, but {name} is {Shape.Of(sample)}."), parameter);
        }

        Check.Countable(sample, name, parameter);
        var dense = sample.ToDense();
        Check.Finite(dense, name, parameter);
        return dense;
    }
}
