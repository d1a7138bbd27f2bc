namespace NeuralNet.Tests.Kernels;

/// <summary>Random values for kernels.</summary>
internal sealed class KernelDraw(int seed)
{
    private readonly Random _random = new(seed);

    public T One<T>(IReadOnlyList<T> of) => of[_random.Next(of.Count)];

    public int Between(int low, int high) => _random.Next(low, high + 1);

    public double[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * _random.NextDouble()) - 1)];

    /// <summary>Values with runs of zeros, some of them -0; sometimes none or nothing but zeros.</summary>
    public double[] Row(int count)
    {
        var values = Values(count);
        int filled = _random.Next(0, 11);
        for (int start = 0; start < count; start += 5)
        {
            if (_random.Next(10) >= filled)
            {
                values.AsSpan(start, Math.Min(5, count - start)).Fill(_random.Next(4) == 0 ? -0.0 : 0);
            }
        }

        return values;
    }

    public Guarded Guard(double[] values) => new(values, _random.Next(8));
}
