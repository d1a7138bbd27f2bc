using System.Collections;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>Samples that note what the thread has allocated between the epoch's first sample being asked for and its last.</summary>
internal sealed class AllocationProbe(IReadOnlyList<Matrix<double>> samples) : IReadOnlyList<Matrix<double>>
{
    private long _first;

    public int Count => samples.Count;

    /// <summary>In the last epoch.</summary>
    public long BytesBetweenFirstAndLast { get; private set; }

    public Matrix<double> this[int index]
    {
        get
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            _first = index == 0 ? now : _first;
            BytesBetweenFirstAndLast = now - _first;
            return samples[index];
        }
    }

    public IEnumerator<Matrix<double>> GetEnumerator() => samples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
