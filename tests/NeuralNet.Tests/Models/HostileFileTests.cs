using System.Buffers.Binary;
using Xunit.Abstractions;

namespace NeuralNet.Tests.Models;

public class HostileFileTests(ITestOutputHelper output)
{
    private static readonly byte[] s_small = ModelBytes.Of(new Network()
        .Add(new FCLayer(2, 2, random: Draw.Seeded(1)) { L2 = 0.1 })
        .Add(new BatchNormLayer(2))
        .Add(BuiltIn.Layer("Tanh"))
        .Use(Losses.Mse, Losses.MsePrime));

    [Fact]
    public void EveryTruncationIsRefused()
    {
        for (int length = 0; length < s_small.Length; length++)
        {
            FluentActions.Invoking(() => ModelBytes.Load(s_small[..length])).Should().Throw<ModelFormatException>($"of {length} bytes");
            FluentActions.Invoking(() => Network.Load(new OneWayStream(s_small[..length], 5)))
                .Should().Throw<ModelFormatException>($"of {length} bytes");
        }

        FluentActions.Invoking(() => ModelBytes.Load([.. s_small, 0])).Should().Throw<ModelFormatException>();
        FluentActions.Invoking(() => Network.Load(new OneWayStream([.. s_small, 0], 5))).Should().Throw<ModelFormatException>();
    }

    [Fact]
    public void EverySingleByteChangeGivesANetworkOrModelFormatException()
    {
        var counts = (Networks: 0, Refused: 0);
        byte[] file = (byte[])s_small.Clone();
        for (int i = 0; i < file.Length; i++)
        {
            for (int change = 1; change < 256; change++)
            {
                file[i] ^= (byte)change;
                Count(ref counts, file);
                file[i] ^= (byte)change;
            }
        }

        output.WriteLine($"{counts.Networks} networks, {counts.Refused} refused");
        counts.Networks.Should().BePositive("most changes of a weight give another weight");
        counts.Refused.Should().BePositive();
    }

    [Fact]
    public void RandomMutationsGiveANetworkOrModelFormatException()
    {
        int iterations = int.TryParse(Environment.GetEnvironmentVariable("NEURALNET_FUZZ"), out int asked) ? asked : 100_000;
        byte[][] files = [s_small, ModelBytes.Of(SavedNetworks.All(1)), ModelBytes.Of(Draw.XorNetwork(1))];
        var random = Draw.Seeded(5);
        var counts = (Networks: 0, Refused: 0);
        for (int i = 0; i < iterations; i++)
        {
            Count(ref counts, Mutate(files[random.Next(files.Length)], random));
        }

        output.WriteLine($"{counts.Networks} networks, {counts.Refused} refused");
        counts.Networks.Should().BePositive();
        counts.Refused.Should().BePositive();
    }

    [Theory]
    [InlineData("""[]""", "must begin with {")]
    [InlineData(
        """{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}""",
        "'a' is there twice")]
    [InlineData("""{"a":{"dtype":"F64","dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", "'dtype', which is unknown or there twice")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"more":1}}""", "'more', which is unknown")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1]}}""", "must have a dtype, a shape and two data_offsets")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8,16]}}""", "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F65","shape":[1],"data_offsets":[0,8]}}""", "dtype F65, which is unknown")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[-8,0]}}""", "whole numbers of 0 or more")]
    [InlineData("""{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}""", "whole numbers of 0 or more")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1.5],"data_offsets":[0,12]}}""", "whole numbers of 0 or more")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,8]}}""", "at most 16")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", "F64 [2] cannot lie in the bytes 0 to 8")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}""", "cannot lie")]
    [InlineData(
        """{"a":{"dtype":"F64","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""",
        "cannot lie")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", "cannot lie")]
    [InlineData(
        """{"a":{"dtype":"F64","shape":[1099511627776],"data_offsets":[0,8796093022208]}}""", "promises 8796093022208 bytes of data")]
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}""", "hole or an overlap")]
    [InlineData(
        """{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}""",
        "hole or an overlap")]
    [InlineData("""{"a":{"dtype":"F64","shape":[[[[[[1]]]]]],"data_offsets":[0,8]}}""", "no JSON of its form")]
    [InlineData("""{"__metadata__":{"a":1}}""", "where '__metadata__' should have String")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", "'a' twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "__metadata__ twice")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""", "no Unicode")]
    [InlineData("""{} {}""", "no JSON of its form")]
    [InlineData("""{"a":1}""", "where 'a' should have StartObject")]
    [InlineData("""{}""", "cut short or goes on too long")]
    public void AHostileHeaderIsRefusedInWords(string header, string says) =>
        FluentActions.Invoking(() => ModelBytes.Load(ModelBytes.File(header, new byte[16])))
            .Should().Throw<ModelFormatException>().WithMessage($"The stream: *{says}*");

    [Theory]
    [InlineData("\"format\":\"NeuralNet\"", "\"format\":\"pt\"", "not one that Network.Save wrote*LoadWeights")]
    [InlineData("\"format_version\":\"1\"", "\"format_version\":\"3\"", "format_version is '3'*newer")]
    [InlineData("FCLayer", "System.Object", "layer 0: 'System.Object' is no kind of layer")]
    [InlineData("\\\"Tanh\\\"", "\\\"Exp\\\"", "layer 2: 'Exp' is no activation")]
    [InlineData("\\\"Mse\\\"", "\\\"Rmse\\\"", "'Rmse' is no loss")]
    [InlineData("\\\"loss\\\"", "\\\"customLoss\\\"", "the loss 'Mse' is not the library's own*AddLoss")]
    [InlineData("\\\"activation\\\"", "\\\"customActivation\\\"", "layer 2: The activation 'Tanh' is not the library's own*AddActivation")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[3]", "tensor 'layers.0.Weights' must be [3, 2]*but is F64 [2, 2]")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[2147483647]", "tensor 'layers.0.Weights' must be [2147483647, 2]")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[1e300]", "layer 0: FCLayer needs whole numbers")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[2.5]", "layer 0: FCLayer needs whole numbers")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[2,2]", "layer 0: FCLayer needs a number 'inputSize'")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[2],\\\"inputSize\\\":[2]", "layer 0: A layer has 'inputSize' twice")]
    [InlineData("\\\"inputSize\\\":[2]", "\\\"inputSize\\\":[2],\\\"more\\\":[2]", "layer 0: FCLayer has a field 'more'")]
    [InlineData("\\\"l2\\\":[0.1,0]", "\\\"l2\\\":[0.1]", "layer 0: FCLayer(2 -> 2) has 2 parameters, but l2 for 1")]
    [InlineData("\\\"l2\\\":[0.1,0]", "\\\"l2\\\":[-1,0]", "layer 0: The L2 of Weights")]
    [InlineData("\\\"epsilon\\\":[1E-05]", "\\\"epsilon\\\":[0]", "layer 1: BatchNormLayer's epsilon")]
    [InlineData("\"layers.0.Bias\"", "\"layers.7.Bias\"", "tensor 'layers.0.Bias' is missing")]
    [InlineData("\"shape\":[1,2],\"data_offsets\":[32,48]", "\"shape\":[2],\"data_offsets\":[32,48]", "'layers.0.Bias' must be [1, 2]")]
    [InlineData(
        "\"dtype\":\"F64\",\"shape\":[1,2],\"data_offsets\":[32,48]",
        "\"dtype\":\"I64\",\"shape\":[1,2],\"data_offsets\":[32,48]",
        "'layers.0.Bias' must be*but is I64")]
    public void AnArchitectureThatLiesIsRefusedInWords(string was, string becomes, string says)
    {
        byte[] file = ModelBytes.WithHeader(s_small, header => header.Contains(was, StringComparison.Ordinal)
            ? header.Replace(was, becomes, StringComparison.Ordinal)
            : throw new InvalidDataException(header));

        FluentActions.Invoking(() => ModelBytes.Load(file)).Should().Throw<ModelFormatException>().WithMessage($"The stream: *{says}*");
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void ATensorThatIsNotFiniteIsRefused(double value)
    {
        byte[] file = (byte[])s_small.Clone();
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(file.Length - 8), value);

        FluentActions.Invoking(() => ModelBytes.Load(file))
            .Should().Throw<ModelFormatException>().WithMessage("The stream: tensor 'layers.1.RunningVariance' holds * as value 1*");
    }

    [Fact]
    public void ANegativeVarianceIsRefused()
    {
        byte[] file = (byte[])s_small.Clone();
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(file.Length - 8), -1);

        FluentActions.Invoking(() => ModelBytes.Load(file))
            .Should().Throw<ModelFormatException>().WithMessage("*layer 1: Its RunningVariance holds a number below 0.");
    }

    [Fact]
    public void AnExtraTensorIsRefusedUnlessItIsACheckpoints()
    {
        byte[] With(string name)
        {
            byte[] file = ModelBytes.WithHeader(
                ModelBytes.Of(new Network()),
                header => header.TrimEnd()[..^1] + $$$""","{{{name}}}":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""");
            return [.. file, .. ModelBytes.Doubles(1)];
        }

        FluentActions.Invoking(() => ModelBytes.Load(With("layers.0.Weights")))
            .Should().Throw<ModelFormatException>().WithMessage("*'layers.0.Weights' belongs to no layer of the network.");
        ModelBytes.Load(With("checkpoint.epoch")).Layers.Should().BeEmpty();
    }

    [Theory]
    [InlineData("MaxPoolLayer\\\",\\\"inputShape\\\":[46340,46340,1],\\\"poolShape\\\":[1,1],\\\"stride\\\":[1,1]", true)]
    [InlineData("AveragePoolLayer\\\",\\\"inputShape\\\":[2147483647,1,1],\\\"poolShape\\\":[1,1],\\\"stride\\\":[1,1]", false)]
    [InlineData("FlattenLayer\\\",\\\"depth\\\":[2147483647]", true)]
    [InlineData("BatchNormLayer\\\",\\\"size\\\":[2147483647],\\\"momentum\\\":[0.1],\\\"epsilon\\\":[1]", false)]
    [InlineData(
        "ConvLayer\\\",\\\"inputShape\\\":[1,1,1],\\\"kernelShape\\\":[1,1],\\\"layerDepth\\\":[1],\\\"stride\\\":[1,1],"
        + "\\\"padding\\\":[2147483647,2147483647]",
        false)]
    [InlineData("DropoutLayer\\\",\\\"rate\\\":[1e400]", false)]
    public void AHugeLayerWithoutTensorsTakesNoMemory(string layer, bool isOne)
    {
        byte[] file = ModelBytes.WithHeader(
            ModelBytes.Of(new Network()),
            header => header.Replace("\\\"layers\\\":[", $"\\\"layers\\\":[{{\\\"kind\\\":\\\"{layer}}}", StringComparison.Ordinal));
        var counts = (0, 0);

        Count(ref counts, file);

        counts.Should().Be(isOne ? (1, 0) : (0, 1));
    }

    [Fact]
    public void ManyEmptyTensorsAndLongNamesTakeAFewTimesTheirBytes()
    {
        string empty = string.Join(',', Enumerable.Range(0, 100_001).Select(i => $$"""
            "{{i}}.weight":{"dtype":"F64","shape":[1,0],"data_offsets":[0,0]}
            """));
        string digits = string.Concat(Enumerable.Repeat("1a", 500_000));
        var network = new Network().Add(new FCLayer(1, 1));

        Bounded(ModelBytes.File($"{{{empty}}}"), file => Network.Load(file)).Should().EndWith("names more than 100000 tensors.");
        Bounded(ModelBytes.File($"{{{empty[..empty.LastIndexOf(',', empty.Length - 60)]}}}"), file => network.LoadWeights(file))
            .Should().Contain("Linear 0 -> 1 ('0.')");
        Bounded(ModelBytes.File($$$"""{"{{{digits}}}.weight":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]}}""", new byte[8]), file =>
            network.LoadWeights(file)).Should().BeEmpty();

        static string Bounded(byte[] file, Action<Stream> read)
        {
            using var stream = new MemoryStream(file);
            long before = GC.GetAllocatedBytesForCurrentThread();
            string says = "";
            try
            {
                read(stream);
            }
            catch (ModelFormatException e)
            {
                says = e.Message;
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(30L * file.Length);
            return says;
        }
    }

    [Fact]
    public void AMessageHoldsNoCommandsToATerminalAndNoMegabytes()
    {
        byte[] Kind(string text) =>
            ModelBytes.WithHeader(s_small, header => header.Replace("\\\"FCLayer\\\"", $"\\\"{text}\\\"", StringComparison.Ordinal));

        FluentActions.Invoking(() => ModelBytes.Load(Kind("\\\\u001b[31mred\\\\nline"))).Should().Throw<ModelFormatException>()
            .WithMessage("The stream: layer 0: ' [31mred line' is no kind of layer that this version knows.");
        FluentActions.Invoking(() => ModelBytes.Load(Kind(new string('x', 1_000_000))))
            .Should().Throw<ModelFormatException>().Which.Message.Length.Should().BeLessThan(5_000);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1L)]
    [InlineData(0L)]
    [InlineData(1L << 30)]
    public void AHeaderLengthThatLiesTakesNoMemory(long length)
    {
        byte[] file = (byte[])s_small.Clone();
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        var counts = (0, 0);

        Count(ref counts, file);

        counts.Should().Be((0, 1));
    }

    [Fact]
    public void AStreamThatPromisesMuchAndEndsTakesNoMemory()
    {
        const string Header = """
            {"__metadata__":{"format":"NeuralNet","format_version":"1",
            "network":"{\"layers\":[{\"kind\":\"FCLayer\",\"inputSize\":[10000],\"outputSize\":[10000]}]}"},
            "layers.0.Weights":{"dtype":"F64","shape":[10000,10000],"data_offsets":[0,800000000]},
            "layers.0.Bias":{"dtype":"F64","shape":[1,10000],"data_offsets":[800000000,800080000]}}
            """;
        byte[] file = ModelBytes.File(Header, new byte[1000]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        FluentActions.Invoking(() => Network.Load(new OneWayStream(file, 4096)))
            .Should().Throw<ModelFormatException>().WithMessage("*cut short within tensor 'layers.0.Weights'*");

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
    }

    private static void Count(ref (int Networks, int Refused) counts, byte[] file)
    {
        // What a first call alone takes, such as the runtime's texts for an exception, is not the file's doing.
        long most = 100_000 + (20L * file.Length);
        bool isNetwork = Load(file, out long allocated);
        if (allocated > most && Load(file, out allocated) == isNetwork && allocated > most)
        {
            throw new InvalidOperationException($"{allocated} bytes for a file of {file.Length}: {Convert.ToHexString(file)}");
        }

        counts = isNetwork ? (counts.Networks + 1, counts.Refused) : (counts.Networks, counts.Refused + 1);
    }

    private static bool Load(byte[] file, out long allocated)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ModelBytes.Load(file);
            return true;
        }
        catch (ModelFormatException)
        {
            return false;
        }
        finally
        {
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    public static byte[] Mutate(byte[] file, Random random)
    {
        var bytes = file.ToList();
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = (byte)"0123456789\"{}[]:,-.e\\"[random.Next(21)];
                    break;
                case 3:
                    bytes.Insert(at, (byte)"0123456789\"{}[]:,"[random.Next(17)]);
                    Lengthen(bytes, 1);
                    break;
                default:
                    int count = Math.Min(random.Next(1, 9), bytes.Count - at);
                    bytes.RemoveRange(at, count);
                    Lengthen(bytes, -count);
                    break;
            }
        }

        return [.. bytes];

        // Mostly keeps the header's length right, so that mutations get past it.
        void Lengthen(List<byte> changed, int by)
        {
            if (changed.Count >= 8 && random.Next(4) > 0)
            {
                byte[] length = BitConverter.GetBytes(BinaryPrimitives.ReadInt64LittleEndian([.. changed.Take(8)]) + by);
                for (int i = 0; i < 8; i++)
                {
                    changed[i] = length[i];
                }
            }
        }
    }
}
