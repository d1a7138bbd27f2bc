using CsCheck;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Onnx.Operators;
using NeuralNet.Tests.Support;

namespace NeuralNet.Onnx.Tests;

public class ExportTests
{
    public static TheoryData<string> Names => [.. Case.All.Select(entry => entry.Name)];

    public static TheoryData<int, OnnxDataType> Opsets
    {
        get
        {
            var data = new TheoryData<int, OnnxDataType>();
            for (int opset = OnnxExportOptions.LeastOpset; opset <= OnnxExportOptions.GreatestOpset; opset++)
            {
                data.Add(opset, OnnxDataType.Float32);
                data.Add(opset, OnnxDataType.Float64);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheRuntimePredictsTheSameInFloat32(string name) => ShouldPredictTheSame(Case.Named(name), OnnxDataType.Float32, 17);

    [Theory]
    [MemberData(nameof(Names))]
    public void TheRuntimePredictsTheSameInFloat64(string name) => ShouldPredictTheSame(Case.Named(name), OnnxDataType.Float64, 17);

    [Theory]
    [MemberData(nameof(Opsets))]
    public void EveryOpsetThatIsOfferedRuns(int opset, OnnxDataType type)
    {
        foreach (var entry in Case.All)
        {
            ShouldPredictTheSame(entry, type, opset);
        }
    }

    [Theory]
    [InlineData(OnnxDataType.Float32)]
    [InlineData(OnnxDataType.Float64)]
    public void AModelOfSequencesTakesAnyNumberOfSteps(OnnxDataType type)
    {
        double tolerance = type == OnnxDataType.Float32 ? 1e-5 : 1e-12;
        foreach (var entry in Case.Sequences.Concat(Case.RecurrentNetworks).Concat(Case.Layers.Where(one => one.Network().Layers[0]
            is Conv1DLayer or EmbeddingLayer or RecurrentLayer or BidirectionalLayer or SelfAttentionLayer or PositionalEncodingLayer)))
        {
            var network = entry.Network();
            byte[] model = Runtime.Export(network, new OnnxExportOptions { DataType = type });
            var again = Roundtrip.Import(model);
            using var runtime = new Runtime(model);
            runtime.InputDimensions.Should().Equal(-1, -1, entry.Input.Width);
            runtime.InputSymbols[..2].Should().Equal("N", "T");
            for (int steps = 5; steps < 15; steps++)
            {
                var samples = entry.Samples(3, steps);
                runtime.Run(samples).ShouldBeNear(network.Predict(samples), tolerance);
                again.Predict(samples).ShouldBeNear(network.Predict(samples), tolerance);
            }
        }
    }

    [Fact]
    public void RandomNetworksPredictTheSameInTheRuntimeAndImportedAgain() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            var drawn = RandomNetwork.Draw(seed);
            foreach (var type in Enum.GetValues<OnnxDataType>())
            {
                ShouldPredictTheSame(drawn, type, 13 + (seed % 10));
                Roundtrip.ShouldPredictTheSame(drawn, type, 13 + (seed % 10));
            }
        },
        iter: 300,
        threads: 1);

    /// <summary>Recurrent layers, convolutions, attention and branches among them, for a number of steps and for any.</summary>
    [Fact]
    public void RandomNetworksOfSequencesPredictTheSameInTheRuntimeAndImportedAgain() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            var drawn = new RandomSequenceNetwork(seed, isSmooth: false);
            var (network, (x, _)) = (drawn.Make(), drawn.Samples(6));
            Matrix<double>[][] groups = [.. x.GroupBy(sample => sample.RowCount).Select(group => group.ToArray())];
            foreach (var type in Enum.GetValues<OnnxDataType>())
            {
                byte[] Export(int? steps) => Runtime.Export(network, new OnnxExportOptions
                {
                    DataType = type,
                    Opset = 13 + (seed % 10),
                    InputShape = steps is { } given ? (given, x[0].ColumnCount, 1) : null,
                });
                foreach (var samples in groups)
                {
                    ShouldPredictTheSame(network, Export(samples[0].RowCount), type, samples);
                }

                if (drawn.TellsItsSteps)
                {
                    ShouldPredictTheSame(network, Export(null), type, groups);
                }
            }
        },
        iter: 200,
        threads: 1);

    [Theory]
    [InlineData(OnnxDataType.Float32)]
    [InlineData(OnnxDataType.Float64)]
    public void InputAndOutputAreNamedAndTheBatchIsDynamic(OnnxDataType type)
    {
        var network = Case.Named("Conv").Network();
        using var byDefault = new Runtime(Runtime.Export(network, new OnnxExportOptions { DataType = type }));
        using var named = new Runtime(
            Runtime.Export(network, new OnnxExportOptions { DataType = type, InputName = "image", OutputName = "classes" }));

        (byDefault.InputName, byDefault.OutputName).Should().Be(("input", "output"));
        (named.InputName, named.OutputName).Should().Be(("image", "classes"));
        byDefault.InputSymbols[0].Should().Be("N");
        byDefault.InputDimensions.Should().Equal(-1, 2, 7, 6);
    }

    [Fact]
    public void ProducerVersionsAndDocStringAreStated()
    {
        var network = Case.Named("Mlp").Network();
        var model = Wire.Model(Runtime.Export(network));
        var own = Wire.Model(
            Runtime.Export(
                network, new OnnxExportOptions { ProducerName = "mine", ProducerVersion = "7", DocString = "digits", Opset = 21 }));

        (model.ProducerName, model.ProducerVersion, model.DocString).Should().Be(("NeuralNet", "0.1.0", network.ToString()));
        (model.IrVersion, model.OpsetImport.Single().Version).Should().Be((8, 17));
        (own.ProducerName, own.ProducerVersion, own.DocString).Should().Be(("mine", "7", "digits"));
        (own.IrVersion, own.OpsetImport.Single().Version).Should().Be((10, 21));
        using var runtime = new Runtime(Runtime.Export(network));
        runtime.Metadata.ProducerName.Should().Be("NeuralNet");
        runtime.Metadata.Description.Should().Be(network.ToString());
    }

    [Fact]
    public void TheSameNetworkGivesTheSameBytes() =>
        Runtime.Export(Case.Named("Lenet").Network()).Should().Equal(Runtime.Export(Case.Named("Lenet").Network()));

    [Fact]
    public void AnEpsilonThatNoFloatHoldsIsExactAllTheSame()
    {
        double[] variance = [0, 1e-300, 1e-5, 0.3, 1, 7, 5000];
        foreach (double epsilon in (double[])[1e-5, 1e-3, 0.1, 0.5])
        {
            var (single, moved) = FloatEpsilon.Split(epsilon, variance);

            moved.Select(value => value + single).Should().Equal(variance.Select(value => value + epsilon));
            moved.Should().OnlyContain(value => value >= 0);
        }
    }

    private static void ShouldPredictTheSame(
        Network network, byte[] model, OnnxDataType type, params IReadOnlyList<Matrix<double>[]> groups)
    {
        double tolerance = type == OnnxDataType.Float32 ? 1e-5 : 1e-12;
        using var runtime = new Runtime(model);
        var again = Roundtrip.Import(model);
        foreach (var samples in groups)
        {
            runtime.Run(samples).ShouldBeNear(network.Predict(samples), tolerance, 1);
            again.Predict(samples).ShouldBeNear(network.Predict(samples), tolerance, 1);
        }
    }

    private static void ShouldPredictTheSame(Case entry, OnnxDataType type, int opset)
    {
        var network = entry.Network();
        using var runtime = new Runtime(Runtime.Export(network, entry.Options(type, opset)));
        foreach (int count in (int[])[1, 7])
        {
            var samples = entry.Samples(count);
            runtime.Run(samples).ShouldBeNear(network.Predict(samples), type == OnnxDataType.Float32 ? 1e-5 : 1e-12, entry.LeastScale);
        }
    }
}
