namespace NeuralNet.Tests.Kernels;

/// <summary>Values at an odd place of a larger array, with NaN on both sides: what a kernel reads or writes beyond its span shows.</summary>
internal sealed class Guarded
{
    private const int Border = 9;
    private readonly double[] _array;
    private readonly int _start;
    private readonly int _length;

    public Guarded(double[] values, int offset)
    {
        _start = Border + offset;
        _length = values.Length;
        _array = new double[values.Length + (2 * Border) + offset];
        Array.Fill(_array, double.NaN);
        values.CopyTo(_array, _start);
    }

    public Span<double> Span => _array.AsSpan(_start, _length);

    public double[] Values => Span.ToArray();

    public void ShouldBeWithin((double[] Values, double[] Magnitudes) expected, int terms, string what)
    {
        for (int i = 0; i < _array.Length; i++)
        {
            int at = i - _start;
            if (at < 0 || at >= _length)
            {
                if (!double.IsNaN(_array[i]))
                {
                    Assert.Fail($"{what} wrote beyond its span, at {at} of {_length}");
                }
            }
            else if (!(Math.Abs(_array[i] - expected.Values[at]) <= ((terms + 2) * double.BitIncrement(0) + (terms + 2) * 2.3e-16 * expected.Magnitudes[at])))
            {
                Assert.Fail(FormattableString.Invariant($"{what}[{at}] of {_length} is {_array[i]:R}, the naive loop gives {expected.Values[at]:R}"));
            }
        }
    }
}
