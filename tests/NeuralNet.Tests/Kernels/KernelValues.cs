using CsCheck;

namespace NeuralNet.Tests.Kernels;

/// <summary>Random values and sizes for kernels.</summary>
internal sealed class KernelValues(int seed)
{
    /// <summary>0, 1, primes, powers of two with their neighbours, and anything up to 70.</summary>
    public static readonly Gen<int> Length = Gen.Frequency(
        (1, Gen.Const(0)),
        (1, Gen.Const(1)),
        (3, Gen.OneOfConst(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 97, 127)),
        (3, Gen.OneOfConst(4, 8, 9, 15, 16, 32, 33, 63, 64, 65, 128, 129)),
        (4, Gen.Int[0, 70]));

    private readonly Random _random = Draw.Seeded(seed);

    /// <summary>
    /// Uniform in [-2, 2), with the part of zeros that a row has: none, some, as MNIST's pixels do 81 of 100 in runs, or all.
    /// </summary>
    public double[] Row(int length)
    {
        double[] values = Dense(length);
        double zeros = new[] { 0, 0.3, 0.81, 1 }[_random.Next(4)];
        bool runs = _random.Next(2) == 0;
        bool zero = false;
        for (int i = 0; i < length; i++)
        {
            if (!runs || _random.Next(6) == 0 || i == 0)
            {
                zero = _random.NextDouble() < zeros;
            }

            values[i] = zero ? (_random.Next(20) == 0 ? -0.0 : 0) : values[i];
        }

        return values;
    }

    /// <summary>Uniform in [-2, 2).</summary>
    public double[] Dense(int length) => [.. Enumerable.Range(0, length).Select(_ => (4 * _random.NextDouble()) - 2)];

    /// <summary>Garbage: what is to be overwritten must not be read.</summary>
    public static double[] Unset(int length) => [.. Enumerable.Repeat(double.NaN, length)];

    public double Scale() => _random.Next(4) switch { 0 => 1, 1 => -0.1, 2 => 0, _ => (4 * _random.NextDouble()) - 2 };

    public Bordered Border(double[] values) => new(values, 1 + _random.Next(7));

    public static double[] Absolute(double[] values) => [.. values.Select(Math.Abs)];
}
