using System.Globalization;
using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Models;

public class SaveAndLoadTests
{
    [Fact]
    public void ARandomNetworkPredictsAndTrainsOnWithTheSameBits() => RandomNetwork.WithBatchNorm.Sample(
        recipe =>
        {
            var (network, (x, y)) = ((recipe with { Wrapped = false, OwnRandom = false }).Make(), recipe.Samples(3));
            var options = new FitOptions { Epochs = 2, BatchSize = 2, Seed = 3 };

            var loaded = ModelBytes.Load(ModelBytes.Of(network));

            loaded.ToString().Should().Be(network.ToString());
            Fingerprint.Of(loaded.Predict(x)).Should().Be(Fingerprint.Of(network.Predict(x)));
            loaded.Fit(x, y, options).Losses.Should().Equal(network.Fit(x, y, options).Losses);
            Fingerprint.OfParameters(loaded.Layers).Should().Be(Fingerprint.OfParameters(network.Layers));
        },
        iter: 1000);

    [Fact]
    public void EveryKindOfLayerPredictsAndTrainsOnWithTheSameBits()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var network = SavedNetworks.All(seed);
            var x = Draw.Matrices(5, 6, 14, Draw.Seeded(seed));

            var loaded = ModelBytes.Load(ModelBytes.Of(network));

            loaded.Summary().Should().Be(network.Summary());
            Fingerprint.Of(loaded.Predict(x)).Should().Be(Fingerprint.Of(network.Predict(x)));
            SavedNetworks.Train(network, seed);
            SavedNetworks.Train(loaded, seed);
            ModelBytes.Of(loaded).Should().Equal(ModelBytes.Of(network), "statistics, settings and loss are the same too");
        }
    }

    [Fact]
    public void SettingsOfEveryLayerComeBack()
    {
        var layers = ModelBytes.Load(ModelBytes.Of(SavedNetworks.All(1))).Layers;

        layers[0].Should().BeOfType<ConvLayer>().Which.Should()
            .BeEquivalentTo(new { InputShape = (6, 7, 2), KernelShape = (2, 3), Stride = (2, 1), Padding = new Padding(1, 0), L2 = 0.01 });
        layers[1].Should().BeOfType<BatchNormLayer>().Which
            .Should().BeEquivalentTo(new { InputShape = (4, 5, 3), Momentum = 0.3, Epsilon = 1e-4 });
        layers[3].Should().BeOfType<ConvLayer>().Which.Padding.Should().Be(Padding.Same);
        layers[4].Should().BeOfType<MaxPoolLayer>().Which.Stride.Should().Be((1, 2));
        layers[5].Should().BeOfType<AveragePoolLayer>().Which.Stride.Should().Be((2, 1));
        layers[6].Should().BeOfType<FlattenLayer>().Which.Depth.Should().Be(2);
        layers[7].Should().BeOfType<DropoutLayer>().Which.Rate.Should().Be(0.25);
        layers[8].Should().BeOfType<FCLayer>().Which.L2.Should().Be(1e-3);
        layers[9].Should().BeOfType<BatchNormLayer>().Which.InputShape.Should().BeNull();
    }

    [Fact]
    public void EveryBuiltInActivationAndLossComesBack()
    {
        foreach (string activation in BuiltIn.Activation.Keys)
        {
            ModelBytes.Load(ModelBytes.Of(new Network().Add(BuiltIn.Layer(activation)))).Layers[0].ToString()
                .Should().Be($"ActivationLayer({activation})");
        }

        foreach (var (name, (loss, prime)) in BuiltIn.Loss)
        {
            var network = new Network().Add(new FCLayer(2, 2, Initializer.Constant(0.25))).Use(loss, prime);
            var (x, y) = (new[] { Draw.Row(1, 2) }, new[] { Draw.Row(0, 1) });
            ModelBytes.Load(ModelBytes.Of(network)).Evaluate(x, y).Loss.Should().Be(network.Evaluate(x, y).Loss, name);
        }
    }

    [Fact]
    public void ParametersAreTensorsNamedByPlaceAndNameRowByRow()
    {
        var network = new Network().Add(BuiltIn.Layer("Tanh")).Add(new FCLayer(2, 3));
        ((FCLayer)network.Layers[1]).Weights = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        ((FCLayer)network.Layers[1]).Bias = Draw.Row(7, 8, 9);

        byte[] file = ModelBytes.Of(network);

        ModelBytes.HeaderOf(file).TrimEnd(' ').Should().Be(
            """{"__metadata__":{"format":"NeuralNet","format_version":"1","network":"{\"layers\":[{\"kind\":\"ActivationLayer\","""
            + """\"activation\":\"Tanh\"},{\"kind\":\"FCLayer\",\"inputSize\":[2],"""
            + """\"outputSize\":[3]}]}"},"layers.1.Weights":{"dtype":"F64","shape":[2,3],"data_offsets":[0,"""
            + """48]},"layers.1.Bias":{"dtype":"F64","shape":[1,3],"data_offsets":[48,72]}}""");
        (file.Length % 8).Should().Be(0);
        file[^72..].Should().Equal(ModelBytes.Doubles(1, 2, 3, 4, 5, 6, 7, 8, 9));
    }

    [Fact]
    public void EveryFiniteDoubleKeepsItsBits()
    {
        double[] values =
        [
            0.0, -0.0, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, 1.0 / 3,
            BitConverter.Int64BitsToDouble(0x000FFFFFFFFFFFFF)
        ];
        var network = new Network().Add(new FCLayer(1, values.Length) { Bias = Draw.Row(values) });

        Fingerprint.OfParameters(ModelBytes.Load(ModelBytes.Of(network)).Layers).Should().Be(Fingerprint.OfParameters(network.Layers));
    }

    [Fact]
    public void ANetworkWithoutLayersOrLossIsSavedAsItIs()
    {
        ModelBytes.Load(ModelBytes.Of(new Network())).Layers.Should().BeEmpty();
        ModelBytes.Load(ModelBytes.Of(new Network().Add(new FCLayer(1, 1))))
            .Invoking(network => network.Fit([Draw.Row(1)], [Draw.Row(1)], 1, 0.1))
            .Should().Throw<InvalidOperationException>().WithMessage("*no loss*");
    }

    [Fact]
    public void StreamsAreLeftOpenAndReadFromWhereTheyAre()
    {
        var network = Draw.XorNetwork(1);
        using var stream = new MemoryStream();
        stream.Write([1, 2, 3]);
        network.Save(stream);
        stream.CanWrite.Should().BeTrue();
        stream.Position = 3;

        Fingerprint.OfParameters(Network.Load(stream).Layers).Should().Be(Fingerprint.OfParameters(network.Layers));

        stream.CanRead.Should().BeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void AStreamThatCannotSeekIsReadAllTheSame(int atATime)
    {
        var network = new Network().Add(new FCLayer(60, 300, random: Draw.Seeded(1))).Add(new FCLayer(300, 2, random: Draw.Seeded(2)));
        using var stream = new OneWayStream(ModelBytes.Of(network), atATime);

        Fingerprint.OfParameters(Network.Load(stream).Layers).Should().Be(Fingerprint.OfParameters(network.Layers));
    }

    [Fact]
    public void AFileIsReplacedWholeAndNothingElseIsLeftInItsFolder()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        Draw.XorNetwork(1).Save(path);
        Draw.XorNetwork(2).Save(path);

        folder.Files.Should().Equal("model.safetensors");
        Fingerprint.OfParameters(Network.Load(path).Layers).Should().Be(Fingerprint.OfParameters(Draw.XorNetwork(2).Layers));
    }

    [Fact]
    public void SavingThatFailsAfterAnyNumberOfBytesLeavesTheOldFile()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        Draw.XorNetwork(1).Save(path);
        byte[] old = folder.Read("model.safetensors");
        var network = Draw.XorNetwork(2);
        int length = ModelBytes.Of(network).Length;

        for (int limit = 0; limit < length; limit++)
        {
            FluentActions.Invoking(() => AtomicFile.Write(path, file =>
            {
                using var failing = new FailingStream(file, limit);
                network.Save(failing);
            })).Should().Throw<IOException>();
            folder.Files.Should().Equal("model.safetensors");
            folder.Read("model.safetensors").Should().Equal(old);
        }
    }

    [Fact]
    public void AFileThatCannotBeReplacedIsToldAndNoTemporaryFileIsLeft()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "taken");
        Directory.CreateDirectory(path);

        Draw.XorNetwork(1).Invoking(network => network.Save(path)).Should().Throw<Exception>().Which
            .Should().Match(e => e is IOException || e is UnauthorizedAccessException);
        folder.Files.Should().BeEmpty();
        Draw.XorNetwork(1).Invoking(network => network.Save(Path.Combine(folder.Path, "nowhere", "model")))
            .Should().Throw<DirectoryNotFoundException>();
    }

    [Fact]
    public void ANetworkThatIsNotFiniteIsNotSaved()
    {
        using var folder = new Folder();
        var network = Draw.XorNetwork(1);
        ((FCLayer)network.Layers[2]).Weights[1, 0] = double.NaN;

        network.Invoking(bad => bad.Save(Path.Combine(folder.Path, "model")))
            .Should().Throw<InvalidOperationException>().WithMessage("layers.2.Weights holds NaN or infinity*");
        folder.Files.Should().BeEmpty();
    }

    [Fact]
    public void AFileOfVersion1GivesTheSamePredictionsForEver()
    {
        string files = Path.Combine(AppContext.BaseDirectory, "Models", "files");
        double[] expected =
            [.. File.ReadAllLines(Path.Combine(files, "version1.txt")).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        var network = Network.Load(Path.Combine(files, "version1.safetensors"));

        double[] predictions =
            [.. network.Predict(Draw.Matrices(4, 6, 14, new GoldenImages())).SelectMany(prediction => prediction.Enumerate())];

        network.Layers.Select(layer => layer.GetType()).Should().Equal(SavedNetworks.All(1).Layers.Select(layer => layer.GetType()));
        predictions.Should().HaveCount(expected.Length);
        predictions.Zip(expected).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) <= 1e-12 * Math.Abs(pair.Second));
    }

    /// <summary>Numbers that no change of a random generator changes.</summary>
    private sealed class GoldenImages : Random
    {
        private int _next;

        public override double NextDouble() => (_next++ * 7 % 31) / 31.0;
    }
}
