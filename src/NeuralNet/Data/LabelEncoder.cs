using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Data;

/// <summary>Names of classes as the whole numbers and rows that a network takes, and back.</summary>
/// <remarks>It serves targets and inputs alike: a category is a 1 x n row with a 1 at its name's place.</remarks>
public sealed class LabelEncoder
{
    private readonly string[] _names;
    private readonly Dictionary<string, int> _labels;

    /// <summary>Initializes a new instance of the <see cref="LabelEncoder"/> class with names in a given order.</summary>
    /// <param name="names">The names, one at least, each once; the first is label 0. Upper and lower case differ.</param>
    /// <exception cref="ArgumentException">There are no names, or one is null or there twice.</exception>
    public LabelEncoder(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        _names = [.. names];
        if (_names.Length == 0)
        {
            throw new ArgumentException("LabelEncoder expects at least one name, but got none.", nameof(names));
        }

        _labels = new Dictionary<string, int>(_names.Length, StringComparer.Ordinal);
        for (int i = 0; i < _names.Length; i++)
        {
            if (_names[i] is null || !_labels.TryAdd(_names[i], i))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"LabelEncoder expects each name once, but names[{i}] is ")
                    + (_names[i] is null ? "null." : $"'{_names[i]}' again."),
                    nameof(names));
            }
        }
    }

    /// <summary>Gets the names, in the order of their labels.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Returns an encoder for the names that occur, in the order of their characters' codes, as scikit-learn has them.</summary>
    /// <param name="labels">Names, one at least, in any order and any number of times.</param>
    /// <exception cref="ArgumentException">There are no names, or one is null.</exception>
    public static LabelEncoder Of(IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return new LabelEncoder(labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON list of names.</exception>
    public static LabelEncoder Load(string path) => JsonFile.Load(
        path,
        "a list of names",
        json => json.ValueKind == JsonValueKind.Array ? new LabelEncoder(json.EnumerateArray().Select(name => name.GetString()!)) : null);

    /// <summary>Writes the names as a JSON list, for a file beside the model.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => JsonFile.Save(path, json =>
    {
        json.WriteStartArray();
        foreach (string name in _names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    });

    /// <summary>Returns the label of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>The label, from 0.</returns>
    /// <exception cref="ArgumentException">The name is not one of them.</exception>
    public int Encode(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _labels.TryGetValue(name, out int label)
            ? label
            : throw new ArgumentException(
                $"LabelEncoder knows {string.Join(", ", _names.Take(9))}{(_names.Length > 9 ? ", ..." : "")}, but got '{name}'.",
                nameof(name));
    }

    /// <summary>Returns the labels of names.</summary>
    /// <param name="names">Some of <see cref="Names"/>, in any order and any number of times.</param>
    /// <returns>A label for each, from 0.</returns>
    /// <exception cref="ArgumentException">A name is not one of them.</exception>
    public IReadOnlyList<int> Encode(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return [.. names.Select(Encode)];
    }

    /// <summary>Returns the names of labels.</summary>
    /// <param name="labels">Labels, such as those of
    /// <see cref="Network.PredictClasses(IReadOnlyList{Matrix{double}})"/>.</param>
    /// <returns>A name for each.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A label is not one of a name.</exception>
    public IReadOnlyList<string> Decode(IEnumerable<int> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return [.. labels.Select(Decode)];
    }

    /// <summary>Returns the name of a label.</summary>
    /// <param name="label">The label, such as that of <see cref="Network.PredictClass"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label is not one of a name.</exception>
    public string Decode(int label) => label >= 0 && label < _names.Length
        ? _names[label]
        : throw new ArgumentOutOfRangeException(
            nameof(label),
            label,
            FormattableString.Invariant($"LabelEncoder expects labels from 0 to {_names.Length - 1}, but got {label}."));

    /// <summary>Returns a row for each name, 1 at its label's place and 0 elsewhere.</summary>
    /// <param name="names">Some of <see cref="Names"/>, in any order and any number of times.</param>
    /// <returns>A 1 x n matrix for each, n being the number of <see cref="Names"/>.</returns>
    /// <exception cref="ArgumentException">A name is not one of them.</exception>
    public IReadOnlyList<Matrix<double>> OneHot(IEnumerable<string> names) => Labels.OneHot(Encode(names), _names.Length);

    /// <summary>Returns the numbers of a name's row: for a row of an input that has other numbers, too.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>n numbers, 1 at its label's place and 0 elsewhere.</returns>
    /// <exception cref="ArgumentException">The name is not one of them.</exception>
    public double[] OneHot(string name)
    {
        var row = new double[_names.Length];
        row[Encode(name)] = 1;
        return row;
    }

    /// <summary>Returns the names in one line: <c>LabelEncoder(Adelie, Chinstrap, Gentoo)</c>.</summary>
    public override string ToString() => $"LabelEncoder({string.Join(", ", _names)})";
}
