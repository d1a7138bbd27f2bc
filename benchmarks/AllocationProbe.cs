using System.Collections;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Benchmarks;

/// <summary>Samples that note, when Fit asks for the first and the last one of an epoch, how much the thread has allocated.</summary>
internal sealed class AllocationProbe(IReadOnlyList<Matrix<double>> samples) : IReadOnlyList<Matrix<double>>
{
    private long _first;
    private long _last;

    public int Count => samples.Count;

    /// <summary>Of the last epoch; rounded up, so that 0 means none at all.</summary>
    public long BytesPerStep => (_last - _first + Math.Max(Count - 2, 0)) / Math.Max(Count - 1, 1);

    public Matrix<double> this[int index]
    {
        get
        {
            if (index == 0)
            {
                _first = GC.GetAllocatedBytesForCurrentThread();
            }

            if (index == Count - 1)
            {
                _last = GC.GetAllocatedBytesForCurrentThread();
            }

            return samples[index];
        }
    }

    public IEnumerator<Matrix<double>> GetEnumerator() => samples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
