using System.Collections;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Benchmarks;

/// <summary>
/// Samples that note, when Fit asks for the first one and for that which begins the last batch, how much the process has allocated.
/// </summary>
internal sealed class AllocationProbe(IReadOnlyList<Matrix<double>> samples, int batchSize) : IReadOnlyList<Matrix<double>>
{
    private readonly int _steps = (samples.Count - 1) / batchSize;
    private long _first;
    private long _last;

    public int Count => samples.Count;

    /// <summary>Of the last epoch, whose last step is not counted; rounded up, so that 0 means none at all.</summary>
    public long BytesPerStep => (_last - _first + _steps - 1) / _steps;

    public Matrix<double> this[int index]
    {
        get
        {
            if (index == 0)
            {
                _first = GC.GetTotalAllocatedBytes(precise: true);
            }

            if (index == _steps * batchSize)
            {
                _last = GC.GetTotalAllocatedBytes(precise: true);
            }

            return samples[index];
        }
    }

    public IEnumerator<Matrix<double>> GetEnumerator() => samples.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
