using System.Collections;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Training;

/// <summary>A list that makes a matrix each time it is asked for one, and counts.</summary>
internal sealed class CountingList(int count, Func<int, Matrix<double>> make) : IReadOnlyList<Matrix<double>>
{
    public CountingList(IReadOnlyList<Matrix<double>> samples)
        : this(samples.Count, index => samples[index].Clone())
    {
    }

    public int Count => count;

    /// <summary>How often each place was asked for.</summary>
    public int[] Reads { get; } = new int[count];

    public Matrix<double> this[int index]
    {
        get
        {
            Reads[index]++;
            return make(index);
        }
    }

    public IEnumerator<Matrix<double>> GetEnumerator() => Enumerable.Range(0, count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
