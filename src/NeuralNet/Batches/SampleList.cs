using System.Collections;
using System.Globalization;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Batches;

/// <summary>A caller's list of samples, or of targets: each one is checked, and made dense, where it is read.</summary>
/// <remarks>
/// <para>
/// A list that only <see cref="IReadOnlyList{T}"/> tells of may make a sample whenever it is asked for one, by decoding a file
/// perhaps. It is asked for each sample once where that is needed, and
/// what it gives is checked then. A list that stores its samples, as arrays and other <see cref="IList{T}"/>s do, is checked before
/// anything is done with it: reading it costs nothing.
/// </para>
/// <para>Only the caller's thread reads, and nothing is allocated for a dense sample.</para>
/// </remarks>
internal sealed class SampleList : IReadOnlyList<Matrix<double>>
{
    private readonly IReadOnlyList<Matrix<double>> _list;

    /// <summary>The list where it is an array, whose elements are at hand without a call; else null.</summary>
    private readonly Matrix<double>[]? _array;
    private readonly string _name, _parameter, _one;
    private readonly Action<Shape>? _check;
    private readonly HashSet<Shape> _shapes = [];
    private readonly Shape[]? _checked;

    /// <summary>The first sample from when its shape was asked for until it is read.</summary>
    private Matrix<double>? _first;
    private Matrix<double>[]? _lastRead;

    /// <summary>Checks the first sample, and all of them where the list stores them.</summary>
    /// <param name="list">The caller's, not empty.</param>
    /// <param name="one">What one of its matrices is: a sample, a target.</param>
    /// <param name="name">What the caller calls the list.</param>
    /// <param name="parameter">The parameter that it came in.</param>
    /// <param name="check">Refuses a shape; asked for each one once, when it first comes. All have the first one's where it is
    /// null.</param>
    /// <exception cref="ArgumentException">A sample is null, not finite or of a shape that is refused.</exception>
    public SampleList(IReadOnlyList<Matrix<double>> list, string one, string name, string parameter, Action<Shape>? check = null)
    {
        (_list, _one, _name, _parameter, _check) = (list, one, name, parameter, check);
        _array = list as Matrix<double>[];
        Count = list.Count;
        _first = Read(0);
        Shape = Shape.Of(_first);
        check?.Invoke(Shape);
        _shapes.Add(Shape);
        StoresSamples = list is IList<Matrix<double>>;
        if (StoresSamples)
        {
            _first = null;
            var shapes = new Shape[Count];
            shapes[0] = Shape;
            for (int i = 1; i < Count; i++)
            {
                shapes[i] = Shape.Of(Read(i));
            }

            _checked = shapes;
        }
    }

    public int Count { get; }

    /// <summary>The first sample's shape, which is every sample's but for sequences of several lengths.</summary>
    public Shape Shape { get; }

    /// <summary>Whether samples of several shapes have come so far.</summary>
    public bool IsMixed => _shapes.Count > 1;

    /// <summary>Whether all samples were checked at the beginning; else each is as it is read.</summary>
    public bool StoresSamples { get; }

    /// <summary>Whether the last one could not be read, or was refused.</summary>
    public bool Failed { get; private set; }

    /// <summary>Reads one sample.</summary>
    /// <exception cref="ArgumentException">It is null, not finite or of a shape that is refused.</exception>
    /// <exception cref="InvalidOperationException">The list has another count now, or its sample, checked at the beginning, is null or
    /// of another shape now.</exception>
    public Matrix<double> this[int index]
    {
        get
        {
            Failed = true;
            var sample = index == 0 && _first is not null ? TakeFirst() : Read(index);
            Failed = false;
            _lastRead?[index] = sample;
            return sample;
        }
    }

    /// <summary>The shape of a sample of a list that stores its samples.</summary>
    public Shape ShapeOf(int index) => _checked![index];

    /// <summary>Keeps each sample that is read from now on, for <see cref="LastRead"/>.</summary>
    public void KeepLastRead() => _lastRead = new Matrix<double>[Count];

    /// <summary>Some samples as they were read last.</summary>
    public Matrix<double>[] LastRead(int[] indices) => Array.ConvertAll(indices, index => _lastRead![index]);

    /// <summary>Reads some samples.</summary>
    public Matrix<double>[] Pick(int[] indices) => Array.ConvertAll(indices, index => this[index]);

    /// <summary>Reads all samples.</summary>
    public Matrix<double>[] ToArray()
    {
        var samples = new Matrix<double>[Count];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = this[i];
        }

        return samples;
    }

    public IEnumerator<Matrix<double>> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Matrix<double> TakeFirst()
    {
        var first = _first!;
        _first = null;
        return first;
    }

    private Matrix<double> Read(int index)
    {
        if (_array is null && _list.Count != Count)
        {
            throw Changed();
        }

        var sample = _array is null ? _list[index] : _array[index];
        if (_checked is not null)
        {
            return sample is not null && Shape.Of(sample).SameMatrix(_checked[index]) ? sample.ToDense() : throw Changed();
        }

        if (sample is null)
        {
            throw new ArgumentException($"{Name(index)} is null; each {_one} must be a matrix.", _parameter);
        }

        // A name is worded for an error only: that would be an allocation for each sample.
        bool fits = sample.RowCount > 0 && sample.ColumnCount > 0 && (long)sample.RowCount * sample.ColumnCount <= Array.MaxLength;
        sample = fits ? sample.ToDense() : sample;
        if (!fits || !TensorPrimitives.IsFiniteAll(sample.Values()))
        {
            Check.Finite(sample, Name(index), _parameter);
        }

        if (_shapes.Count > 0 && !Shape.Of(sample).SameMatrix(Shape))
        {
            CheckAnother(Shape.Of(sample), index);
        }

        return sample;
    }

    private void CheckAnother(Shape shape, int index)
    {
        if (_shapes.Contains(shape))
        {
            return;
        }

        try
        {
            (_check ?? (_ => throw new ArgumentException("")))(shape);
        }
        catch (ArgumentException e)
        {
            string many = _one == "target" ? "Targets" : "Samples";
            string words = e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
            string why = words.Length == 0 ? "" : $" {words}";
            throw new ArgumentException(
                $"{many} must have one shape, but {Name(0)} is {Shape} and {Name(index)} is {shape}.{why}", _parameter);
        }

        _shapes.Add(shape);
    }

    private string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"{_name}[{index}]");

    private InvalidOperationException Changed() => new(FormattableString.Invariant(
        $"{_name} was changed during Fit: it must keep its {Count} samples{(IsMixed ? "" : $" of {Shape}")}. Give Fit a list that nobody ")
        + "writes to.");
}
