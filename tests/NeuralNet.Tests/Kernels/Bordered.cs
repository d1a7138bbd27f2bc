namespace NeuralNet.Tests.Kernels;

/// <summary>
/// Values in the middle of a larger array, whose borders hold sentinels: NaN, so that reading one poisons the result, with bits of their
/// own, so that writing one shows.
/// </summary>
internal sealed class Bordered
{
    private const long Sentinel = 0x7FF8_5E27_1A3B_4C5D;
    private const int Border = 9;

    private readonly double[] _array;
    private readonly int _offset;

    /// <param name="values">What is in the middle.</param>
    /// <param name="offset">How far from the start of the array, 1 to 7, so that vectors do not start where the array does.</param>
    public Bordered(double[] values, int offset)
    {
        _offset = offset;
        Length = values.Length;
        _array = new double[offset + values.Length + Border];
        Array.Fill(_array, BitConverter.Int64BitsToDouble(Sentinel));
        values.CopyTo(_array, offset);
    }

    public int Length { get; }

    public Span<double> Values => _array.AsSpan(_offset, Length);

    public void BordersShouldBeUntouched(string what)
    {
        for (int i = 0; i < _array.Length; i++)
        {
            if ((i < _offset || i >= _offset + Length) && BitConverter.DoubleToInt64Bits(_array[i]) != Sentinel)
            {
                Assert.Fail(FormattableString.Invariant($"{what}: a value was written ")
                    + FormattableString.Invariant(
                        $"{(i < _offset ? $"{_offset - i} before the start" : $"{i - _offset - Length + 1} behind the end")}"));
            }
        }
    }

    /// <summary>
    /// Each value is within terms * 2^-52 * the sum of the absolute products of the expected one: what rounding explains, in any order
    /// of summing.
    /// </summary>
    public void ShouldBe(double[] expected, double[] absoluteSums, int terms, string what)
    {
        Length.Should().Be(expected.Length);
        BordersShouldBeUntouched(what);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(Values[i] - expected[i]) <= terms * Math.ScaleB(1, -52) * absoluteSums[i]))
            {
                Assert.Fail(FormattableString.Invariant($"{what}[{i}] is {Values[i]:R}, expected {expected[i]:R}"));
            }
        }
    }

    /// <summary>The values exactly, in a whole border.</summary>
    public void ShouldBeExactly(double[] values, string what)
    {
        BordersShouldBeUntouched(what);
        if (!Values.SequenceEqual(values))
        {
            Assert.Fail($"{what} holds other values than expected");
        }
    }
}
