namespace NeuralNet.Onnx.Tests;

public class ImportTests
{
    public static TheoryData<string> Names => ExportTests.Names;

    public static TheoryData<int, OnnxDataType> Opsets => ExportTests.Opsets;

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatWasExportedInFloat64PredictsTheSameBits(string name) =>
        Roundtrip.ShouldPredictTheSame(Case.Named(name), OnnxDataType.Float64, 17);

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatWasExportedInFloat32PredictsTheSame(string name) =>
        Roundtrip.ShouldPredictTheSame(Case.Named(name), OnnxDataType.Float32, 17);

    [Theory]
    [MemberData(nameof(Opsets))]
    public void EveryOpsetIsRead(int opset, OnnxDataType type)
    {
        foreach (var entry in Case.All)
        {
            Roundtrip.ShouldPredictTheSame(entry, type, opset);
        }
    }

    [Fact]
    public void LayersComeBackAsTheyWere()
    {
        var network = Case.Named("Lenet").Network();

        // Zeros that are the same on both sides come back as their number, however they were asked for.
        string.Join('\n', Roundtrip.Of(network).Layers).Should().Be(
            string.Join('\n', network.Layers).Replace("padding same", "padding 2 x 2"));
    }

    [Fact]
    public void AFileComesBack()
    {
        using var folder = new TemporaryFolder();
        var entry = Case.Named("Mlp");
        var network = entry.Network();
        string path = folder.File("model.onnx");

        network.ExportOnnx(path, new OnnxExportOptions { DataType = OnnxDataType.Float64 });

        Network.ImportOnnx(path).Predict(entry.Samples(3)).ShouldBeTheSameBitsAs(network.Predict(entry.Samples(3)));
        folder.Names.Should().Equal("model.onnx");
    }

    [Fact]
    public void AStreamIsReadFromWhereItStandsAndStaysOpen()
    {
        byte[] model = Runtime.Export(Case.Named("Mlp").Network());
        using var stream = new MemoryStream([1, 2, 3, .. model]) { Position = 3 };

        Network.ImportOnnx(stream).Layers.Should().NotBeEmpty();

        stream.Position.Should().Be(stream.Length);
    }

    [Fact]
    public void AStreamThatCannotSeekIsRead()
    {
        byte[] model = Runtime.Export(Case.Named("Mlp").Network());
        using var stream = new BufferedStream(new OneWayStream(model));

        Network.ImportOnnx(stream).Layers.Should().NotBeEmpty();
    }

    [Fact]
    public void AnImportedNetworkLearns()
    {
        var entry = Case.Named("Mlp");
        var network = Roundtrip.Of(entry.Network()).Use(Losses.Mse, Losses.MsePrime);
        var x = entry.Samples(8);
        var y = entry.Network().Predict(entry.Samples(8).Reverse().ToArray());

        var history = network.Fit(x, y, new FitOptions { Epochs = 20, BatchSize = 8, Optimizer = new Adam(0.01), Seed = 1 });

        history.Losses[^1].Should().BeLessThan(history.Losses[0]);
    }
}
