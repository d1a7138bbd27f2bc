using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Data;

/// <summary>Targets as numbers of mean 0 and standard deviation 1, which a network learns easily, and its predictions back.</summary>
/// <remarks>
/// <para>Y = (X - μ) / σ and X = Y σ + μ, for each column</para>
/// <para>
/// μ and σ are as those of <see cref="NormalizationLayer"/>, which does the same for a network's inputs and is part of the network: a σ of
/// 0, that of targets that are all the same, counts as 1.
/// </para>
/// </remarks>
public sealed class Standardizer
{
    private readonly Matrix<double> _mean;
    private readonly Matrix<double> _deviation;

    private Standardizer(Matrix<double> mean, Matrix<double> deviation) => (_mean, _deviation) = (mean, deviation);

    /// <summary>Gets the means, 1 x n; a copy.</summary>
    public Matrix<double> Mean => _mean.Clone();

    /// <summary>Gets the standard deviations, 1 x n; a copy.</summary>
    public Matrix<double> StandardDeviation => _deviation.Clone();

    /// <summary>Returns a standardizer with the mean and the standard deviation of each column of targets.</summary>
    /// <param name="targets">The targets to train on, and no others: T x n matrices of finite numbers, one at least.</param>
    /// <exception cref="ArgumentException">
    /// There are no targets, one has another number of columns than the first or holds NaN or infinity, or two values of a column are
    /// farther apart than <see cref="double.MaxValue"/>.
    /// </exception>
    public static Standardizer Of(IReadOnlyList<Matrix<double>> targets)
    {
        int columns = ColumnStatistics.ColumnsOf(targets, "Standardizer", nameof(targets));
        var (mean, deviation) = ColumnStatistics.Of(targets, columns, "Standardizer", nameof(targets));
        return new Standardizer(mean, deviation);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds no means and standard deviations.</exception>
    public static Standardizer Load(string path) => JsonFile.Load(path, "the means and standard deviations of a Standardizer", json =>
    {
        if (json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty("mean", out var means) || !json.TryGetProperty("standardDeviation", out var deviations))
        {
            return null;
        }

        var (mean, deviation) = (Numbers(means), Numbers(deviations));
        return mean.Length > 0 && mean.Length == deviation.Length && Array.TrueForAll(mean, double.IsFinite)
            && Array.TrueForAll(deviation, value => value >= 0 && double.IsFinite(value))
            ? new Standardizer(
                Matrix<double>.Build.Dense(1, mean.Length, mean), Matrix<double>.Build.Dense(1, deviation.Length, deviation))
            : null;
    });

    /// <summary>Writes the means and the standard deviations as JSON, for a file beside the model.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => JsonFile.Save(path, json =>
    {
        json.WriteStartObject();
        Write(json, "mean", _mean);
        Write(json, "standardDeviation", _deviation);
        json.WriteEndObject();
    });

    /// <summary>Returns targets as the network is to learn them.</summary>
    /// <param name="targets">T x n matrices of finite numbers.</param>
    /// <returns>As many matrices of the same shapes, which share nothing with <paramref name="targets"/>.</returns>
    /// <exception cref="ArgumentException">A target is null, has another number of columns, or holds NaN or infinity.</exception>
    public IReadOnlyList<Matrix<double>> Transform(IReadOnlyList<Matrix<double>> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return [.. targets.Select((target, i) => Map(target, Normalization.Normalise, Place(nameof(targets), i), nameof(targets)))];
    }

    /// <summary>Returns a target as the network is to learn it.</summary>
    /// <param name="target">A T x n matrix of finite numbers.</param>
    /// <returns>A matrix of the same shape.</returns>
    /// <exception cref="ArgumentException">The target has another number of columns, or holds NaN or infinity.</exception>
    public Matrix<double> Transform(Matrix<double> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Map(target, Normalization.Normalise, nameof(target), nameof(target));
    }

    /// <summary>Returns predictions in the units of the targets: <see cref="Transform(IReadOnlyList{Matrix{double}})"/> back.</summary>
    /// <param name="predictions">T x n matrices of finite numbers, such as a network's outputs.</param>
    /// <returns>As many matrices of the same shapes.</returns>
    /// <exception cref="ArgumentException">A prediction is null, has another number of columns, or holds NaN or infinity.</exception>
    public IReadOnlyList<Matrix<double>> Inverse(IReadOnlyList<Matrix<double>> predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        return [.. predictions.Select((one, i) => Map(one, Normalization.Restore, Place(nameof(predictions), i), nameof(predictions)))];
    }

    /// <summary>Returns a prediction in the units of the targets: <see cref="Transform(Matrix{double})"/> back.</summary>
    /// <param name="prediction">A T x n matrix of finite numbers, such as a network's output.</param>
    /// <returns>A matrix of the same shape.</returns>
    /// <exception cref="ArgumentException">The prediction has another number of columns, or holds NaN or infinity.</exception>
    public Matrix<double> Inverse(Matrix<double> prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        return Map(prediction, Normalization.Restore, nameof(prediction), nameof(prediction));
    }

    /// <summary>Returns the number of columns: <c>Standardizer(1)</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"Standardizer({_mean.ColumnCount})");

    private static string Place(string parameter, int i) => FormattableString.Invariant($"{parameter}[{i}]");

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetDouble())];

    private static void Write(Utf8JsonWriter json, string name, Matrix<double> row)
    {
        json.WriteStartArray(name);
        foreach (double value in row.Enumerate())
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private Matrix<double> Map(Matrix<double>? matrix, Mapping mapping, string name, string parameter)
    {
        var from = ColumnStatistics.Checked(matrix, _mean.ColumnCount, $"{this}", name, parameter);
        var to = new double[from.RowCount * from.ColumnCount];
        mapping(from.Values(), from.RowCount, _mean.Values(), _deviation.Values(), to);
        return Matrix<double>.Build.Dense(from.RowCount, from.ColumnCount, to);
    }

    private delegate void Mapping(
        ReadOnlySpan<double> from, int height, ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation, Span<double> to);
}
