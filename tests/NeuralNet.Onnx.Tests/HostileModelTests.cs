using MathNet.Numerics.Random;
using NeuralNet.Onnx.Messages;

namespace NeuralNet.Onnx.Tests;

/// <summary>Whatever a file holds, reading it ends in a network or an <see cref="OnnxFormatException"/>.</summary>
public class HostileModelTests
{
    private const long Most = 40_000_000;

    public static TheoryData<OnnxDataType> Types => [OnnxDataType.Float32, OnnxDataType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTruncationIsSurvived(OnnxDataType type)
    {
        byte[] model = Small(type);
        for (int length = 0; length < model.Length; length++)
        {
            ShouldSurvive(model[..length], $"the first {length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryChangeOfAByteIsSurvived(OnnxDataType type)
    {
        byte[] model = Small(type);
        for (int at = 0; at < model.Length; at++)
        {
            byte was = model[at];
            foreach (int other in (int[])[0, 1, 0x7F, 0x80, 0xFF, was ^ 1, was ^ 8, was ^ 0x80, was + 1, was - 1])
            {
                model[at] = (byte)other;
                ShouldSurvive(model, $"byte {at} is {other}");
            }

            model[at] = was;
        }
    }

    [Fact]
    public void EveryValueOfEveryByteOfATinyModelIsSurvived()
    {
        byte[] model = Runtime.Export(
            new Network().Add(new FCLayer(2, 1, Initializer.Zeros)).Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime)), new OnnxExportOptions { DocString = "", ProducerName = "" });
        for (int at = 0; at < model.Length; at++)
        {
            byte was = model[at];
            for (int other = 0; other < 256; other++)
            {
                model[at] = (byte)other;
                ShouldSurvive(model, $"byte {at} is {other}");
            }

            model[at] = was;
        }
    }

    [Fact]
    public void TwentyThousandRandomMutationsAreSurvived()
    {
        var random = new Xoshiro256StarStar(6);
        byte[][] models = [Small(OnnxDataType.Float32), Small(OnnxDataType.Float64)];
        for (int i = 0; i < 20_000; i++)
        {
            List<byte> model = [.. models[i % 2]];
            for (int changes = random.Next(1, 6); changes > 0 && model.Count > 1; changes--)
            {
                int at = random.Next(model.Count);
                int length = Math.Min(random.Next(1, 20), model.Count - at);
                switch (random.Next(4))
                {
                    case 0:
                        model.RemoveRange(at, length);
                        break;
                    case 1:
                        model.InsertRange(at, model.GetRange(random.Next(model.Count - length + 1), length));
                        break;
                    case 2:
                        model[at] ^= (byte)(1 << random.Next(8));
                        break;
                    default:
                        model[at] = (byte)random.Next(256);
                        break;
                }
            }

            ShouldSurvive([.. model], $"mutation {i}");
        }
    }

    [Fact]
    public void ClaimedSizesCostNothing()
    {
        // A graph that claims 2 GB; and many empty nodes, which are larger in memory than in the file.
        byte[] claim = [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0];
        byte[] nodes = [0x3A, .. Varint(4_000_000), .. Enumerable.Repeat((byte[])[0x0A, 0], 2_000_000).SelectMany(node => node)];

        foreach (byte[] model in (byte[][])[claim, nodes])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            FluentActions.Invoking(() => Roundtrip.Import(model)).Should().Throw<OnnxFormatException>();
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(Most);
        }
    }

    [Fact]
    public void WeightsThatAreSharedByManyNodesDoNotAddUp()
    {
        var builder = new ModelBuilder(300);
        string weights = builder.Weights(true, 300, 300);
        for (int i = 0; i < 2000; i++)
        {
            builder.Node("MatMul", [weights]);
        }

        byte[] model = builder.Bytes();
        long before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => Roundtrip.Import(model)).Should().Throw<OnnxFormatException>().WithMessage("*share*");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100L * model.Length);
    }

    [Fact]
    public void ACircleEnds()
    {
        var builder = new ModelBuilder(6).Node("Relu").Node("Tanh").Node("Relu");
        builder.Model.Graph.Node[0].Input[0] = "v2";
        builder.Model.Graph.Input[0].Name = "v1";
        builder.Model.Graph.Node[1].Output[0] = "v0b";
        builder.Model.Graph.Node[2].Input[0] = "v0";

        FluentActions.Invoking(() => Roundtrip.Import(builder.Bytes())).Should().Throw<OnnxFormatException>();
    }

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }

    private static byte[] Small(OnnxDataType type)
    {
        var network = new Network()
            .Add(new ConvLayer((4, 4, 1), (2, 2), 2, (1, 1), Padding.Same, Initializer.Constant(0.5))).Add(new BatchNormLayer((4, 4, 2)))
            .Add(new AveragePoolLayer((4, 4, 2), (2, 2))).Add(new ActivationLayer(Activations.Swish, Activations.SwishPrime)).Add(new SoftmaxLayer()).Add(new FlattenLayer())
            .Add(new FCLayer(8, 2, Initializer.Constant(0.25))).Add(new ActivationLayer(Activations.Elu, Activations.EluPrime)).Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
        return Runtime.Export(network, new OnnxExportOptions { DataType = type });
    }

    private static void ShouldSurvive(byte[] model, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Roundtrip.Import(model).Layers.Should().NotBeEmpty();
        }
        catch (OnnxFormatException)
        {
        }
        catch (Exception exception)
        {
            throw new Xunit.Sdk.XunitException($"{what}: {exception}");
        }

        long used = GC.GetAllocatedBytesForCurrentThread() - before;
        if (used > Most)
        {
            throw new Xunit.Sdk.XunitException($"{what}: {used} bytes allocated.");
        }
    }
}
