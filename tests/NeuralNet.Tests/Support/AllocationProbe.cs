using System.Collections;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Samples that note what the thread has allocated between an epoch's sample being asked for and its last.</summary>
/// <param name="samples">The samples.</param>
/// <param name="from">The first one: an epoch's random generator is still made for its first mini-batch.</param>
internal sealed class AllocationProbe(IReadOnlyList<Matrix<double>> samples, int from = 0) : IReadOnlyList<Matrix<double>>
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
            _first = index == from ? now : _first;
            BytesBetweenFirstAndLast = now - _first;
            return samples[index];
        }
    }

    public IEnumerator<Matrix<double>> GetEnumerator() => samples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
