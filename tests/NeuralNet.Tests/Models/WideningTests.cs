using System.Buffers.Binary;

namespace NeuralNet.Tests.Models;

public class WideningTests
{
    [Fact]
    public void EveryHalfIsWidenedExactly()
    {
        var tensor = new Tensor("all", "F16", [65536], 0, 131072);

        double[] values = Widen(tensor);

        for (int bits = 0; bits < 65536; bits++)
        {
            BitConverter.DoubleToInt64Bits(values[bits])
                .Should().Be(BitConverter.DoubleToInt64Bits((double)BitConverter.Int16BitsToHalf((short)bits)));
            if (((bits >> 10) & 31) != 31)
            {
                int exponent = Math.Max((bits >> 10) & 31, 1);
                double significand = (bits & 1023) + (((bits >> 10) & 31) == 0 ? 0 : 1024);
                values[bits].Should().Be((bits >> 15 == 0 ? 1 : -1) * significand * Math.Pow(2, exponent - 25));
            }
        }
    }

    [Fact]
    public void EveryBfloat16IsTheUpperHalfOfASingle()
    {
        double[] values = Widen(new Tensor("all", "BF16", [65536], 0, 131072));

        for (int bits = 0; bits < 65536; bits++)
        {
            BitConverter.DoubleToInt64Bits(values[bits])
                .Should().Be(BitConverter.DoubleToInt64Bits(BitConverter.Int32BitsToSingle(bits << 16)));
        }
    }

    private static double[] Widen(Tensor tensor)
    {
        byte[] bytes = new byte[131072];
        for (int bits = 0; bits < 65536; bits++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * bits), (ushort)bits);
        }

        double[] values = new double[65536];
        tensor.Widen(bytes, values);
        return values;
    }
}
