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
            new Network().Add(new FCLayer(2, 1, Initializer.Zeros)).Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime)),
            new OnnxExportOptions { DocString = "", ProducerName = "" });
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
    public void LayersWithoutEndAreNotAdded()
    {
        var builder = new ModelBuilder(6);
        for (int i = 0; i < 12_000; i++)
        {
            builder.Node("Relu");
        }

        byte[] model = builder.Bytes();
        long before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => Roundtrip.Import(model)).Should().Throw<OnnxFormatException>().WithMessage("*4,096 layers*");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 * Most);
    }

    [Fact]
    public void AFunctionIsMadeOnceForAllWhoCallIt()
    {
        var builder = new ModelBuilder(6);
        var gelu = new Network().Add(new FCLayer(6, 6)).Add(new ActivationLayer(Activations.Gelu, Activations.GeluPrime));
        builder.Model.Functions.Add(
            Wire.Model(Runtime.Export(gelu, new OnnxExportOptions { DataType = OnnxDataType.Float64 })).Functions.Single());
        for (int i = 0; i < 2000; i++)
        {
            builder.Node("Gelu");
            builder.Model.Graph.Node[^1].Domain = FunctionBuilder.Domain;
        }

        byte[] model = builder.Bytes();
        Roundtrip.Import(model).Layers.Should().HaveCount(2000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Roundtrip.Import(model);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(Most);
    }

    [Fact]
    public void AFileBeyondTwoGigabytesIsNotRead()
    {
        using var stream = new EnormousStream();

        FluentActions.Invoking(() => Network.ImportOnnx(stream)).Should().Throw<OnnxFormatException>().WithMessage("*2 GB*");

        stream.Position.Should().Be(0);
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

    [Fact]
    public void BranchesWithinBranchesDoNotTakeTheStack()
    {
        // Each Add adds the value before the Relu before it: x + r(x + r(x + ...)), from the outside in.
        const int Depth = 5000;
        var builder = new ModelBuilder(6);
        for (int i = 0; i < Depth; i++)
        {
            builder.Node("Relu");
        }

        for (int i = Depth - 1; i >= 0; i--)
        {
            builder.NodeOf("Add", [builder.Value, i == 0 ? "x" : $"v{i - 1}"]);
        }

        FluentActions.Invoking(() => Roundtrip.Import(builder.Bytes()))
            .Should().Throw<OnnxFormatException>().WithMessage("*more than 64 deep*");
    }

    [Fact]
    public void LayersWithinLayersDoNotMultiply()
    {
        // 60 sums around 3,500 layers: each layer is within 60 others.
        const int Depth = 60;
        var builder = new ModelBuilder(6);
        for (int i = 0; i < Depth + 3500; i++)
        {
            builder.Node("Relu");
        }

        for (int i = Depth - 1; i >= 0; i--)
        {
            builder.NodeOf("Add", [builder.Value, i == 0 ? "x" : $"v{i - 1}"]);
        }

        byte[] model = builder.Bytes();
        long before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => Roundtrip.Import(model)).Should().Throw<OnnxFormatException>().WithMessage("*(Add)*32,768*");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 * Most);
    }

    [Fact]
    public void SumsOfSumsDoNotTakeTheStack()
    {
        // x + x + ...: a residual layer of a residual layer, and so on.
        var builder = new ModelBuilder(6).Node("Relu");
        string[] inputs = [.. Enumerable.Repeat("v0", 3000)];
        builder.NodeOf("Sum", inputs);

        FluentActions.Invoking(() => Roundtrip.Import(builder.Bytes()))
            .Should().Throw<OnnxFormatException>().WithMessage("*(Sum)*more than 64 deep*");
    }

    [Fact]
    public void BranchesWithoutEndAreNotRead()
    {
        // Identity makes no layer, but every branch counts.
        var builder = new ModelBuilder(6);
        string[] branches = [.. Enumerable.Range(0, 10_000).Select(_ => builder.NodeOf("Identity", ["x"]).Value)];
        builder.NodeOf("Concat", branches, Attributes.Of("axis", 1));
        byte[] model = builder.Bytes();

        long before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => Roundtrip.Import(model)).Should().Throw<OnnxFormatException>().WithMessage("*4,096 layers*");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2 * Most);
    }

    [Fact]
    public void ValuesSideBySideDoNotGrowBeyondAMatrix()
    {
        var builder = new ModelBuilder(6);
        for (int i = 0; i < 64; i++)
        {
            builder.NodeOf("Concat", [builder.Value, builder.Value], Attributes.Of("axis", 1));
        }

        FluentActions.Invoking(() => Roundtrip.Import(builder.Bytes()))
            .Should().Throw<OnnxFormatException>().WithMessage("*(Concat)*matrix*");
    }

    [Fact]
    public void AJoinInACircleEnds()
    {
        // v0 = relu(x), v1 = v0 + v2, v2 = tanh(v1).
        var builder = new ModelBuilder(6).Node("Relu").NodeOf("Add", ["v0", "v2"]).NodeOf("Tanh", ["v1"]);

        FluentActions.Invoking(() => Roundtrip.Import(builder.Bytes())).Should().Throw<OnnxFormatException>().WithMessage("*(Add)*");
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
            .Add(new AveragePoolLayer((4, 4, 2), (2, 2)))
            .Add(new ResidualLayer([new ActivationLayer(Activations.Swish, Activations.SwishPrime), new DropoutLayer(0.1)]))
            .Add(new ConcatenateLayer([], [new ActivationLayer(Activations.Tanh, Activations.TanhPrime)])).Add(new FlattenLayer())
            .Add(new FCLayer(16, 2, Initializer.Constant(0.25)))
            .Add(new ActivationLayer(Activations.Elu, Activations.EluPrime))
            .Add(new ActivationLayer(Activations.Relu, Activations.ReluPrime));
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

    private sealed class EnormousStream : MemoryStream
    {
        public override long Length => 3L << 30;
    }
}
