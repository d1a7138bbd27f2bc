using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Models;

public class LoadWeightsTests
{
    private static readonly Matrix<double> s_linear = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });

    [Fact]
    public void ALinearModuleIsOutputsByInputs()
    {
        var network = new Network().Add(new FCLayer(3, 2));

        var report = network.LoadWeights(TensorFile.Of(("0.weight", [2, 3], [1, 2, 3, 4, 5, 6]), ("0.bias", [2], [7, 8])));

        var layer = (FCLayer)network.Layers[0];
        layer.Weights.Should().BeEquivalentTo(s_linear.Transpose());
        layer.Bias.Should().BeEquivalentTo(Draw.Row(7, 8));
        report.Matched.Select(match => (match.Name, match.FileName))
            .Should().Equal(("layers.0.Weights", "0.weight"), ("layers.0.Bias", "0.bias"));
        report.ToString()
            .Should().Be("matched  layers.0.Weights  from 0.weight [2, 3], transposed\nmatched  layers.0.Bias     from 0.bias [2]\n");
    }

    [Fact]
    public void AConv2dModuleIsOutputsByInputsByRowsByColumns()
    {
        var network = new Network().Add(new ConvLayer((4, 4, 2), (2, 3), 3));
        double[] values = [.. Enumerable.Range(0, 3 * 2 * 2 * 3).Select(i => (double)i)];

        network.LoadWeights(TensorFile.Of(("conv1.weight", [3, 2, 2, 3], values), ("conv1.bias", [3], [1, 2, 3])));

        var layer = (ConvLayer)network.Layers[0];
        for (int kernel = 0; kernel < 3; kernel++)
        {
            layer.Weights.Column(kernel).Should().Equal(values[(kernel * 12)..((kernel + 1) * 12)], "plane by plane, each row by row");
        }
    }

    [Fact]
    public void AStackOfRecurrentLayersInBothDirectionsIsLoadedLayerByLayer()
    {
        Layer Both(int inputs) => new BidirectionalLayer(new LstmLayer(inputs, 1, true), new LstmLayer(inputs, 1, true));
        var network = new Network().Add(Both(2)).Add(Both(2)).Add(Both(2));
        double next = 0;
        (string, long[], double[]) Tensor(string name, params long[] shape) =>
            (name, shape, [.. Enumerable.Repeat(++next, (int)shape.Aggregate((a, b) => a * b))]);
        using var file = TensorFile.Of(
            [.. new[] { "l0", "l0_reverse", "l1", "l1_reverse", "l2", "l2_reverse" }.SelectMany(layer => new[]
            {
                Tensor($"rnn.weight_ih_{layer}", 4, 2), Tensor($"rnn.weight_hh_{layer}", 4, 1), Tensor($"rnn.bias_ih_{layer}", 4),
                Tensor($"rnn.bias_hh_{layer}", 4),
            })]);

        var report = network.LoadWeights(file);

        LayerTree.Parameters(network.Layers).Select(parameter => parameter.Value[0, 0])
            .Should().Equal(1, 2, 7, 5, 6, 15, 9, 10, 23, 13, 14, 31, 17, 18, 39, 21, 22, 47);
        report.ToString().Should().Contain(
            "matched  layers.2.backward.0.Bias              from rnn.bias_ih_l2_reverse + rnn.bias_hh_l2_reverse [4]\n");
        report.Unused.Should().BeEmpty();
    }

    [Fact]
    public void RecurrentModulesAreToldApartByKindAndSize()
    {
        var (rnn, gru, lstm) = (new RnnLayer(3, 12), new GruLayer(3, 4), new LstmLayer(3, 3));
        var network = new Network().Add(new ConcatenateLayer([rnn], [gru], [lstm]));
        double[] Values(double value, int count) => [.. Enumerable.Repeat(value, count)];
        using var file = TensorFile.Of(
            ("a.weight_ih_l0", [12, 3], Values(1, 36)), ("a.weight_hh_l0", [12, 4], Values(2, 48)),
            ("b.weight_ih_l0", [12, 3], Values(3, 36)), ("b.weight_hh_l0", [12, 3], Values(4, 36)),
            ("c.weight_ih_l0", [12, 3], Values(5, 36)), ("c.weight_hh_l0", [12, 12], Values(6, 144)), ("c.bias_ih_l0", [12], Values(7, 12)),
            ("d.weight_ih_l0", [12, 5], Values(8, 60)), ("d.weight_hh_l0", [12, 3], Values(9, 36)));

        var report = network.LoadWeights(file);

        new RecurrentLayer[] { rnn, gru, lstm }.Select(layer => (layer.Weights[0, 0], layer.RecurrentWeights[0, 0], layer.Bias[0, 0]))
            .Should().Equal((5, 6, 7), (1, 2, 0), (3, 4, 0));
        report.Unused.Select(tensor => tensor.Name).Should().BeEquivalentTo("d.weight_hh_l0", "d.weight_ih_l0");
    }

    [Fact]
    public void ARecurrentModuleWithAProjectionIsNone()
    {
        var network = new Network().Add(new LstmLayer(2, 2));
        using var file = TensorFile.Of(
            ("weight_ih_l0", [8, 2], new double[16]), ("weight_hh_l0", [8, 2], new double[16]), ("weight_hr_l0", [2, 2], new double[4]));

        network.Invoking(net => net.LoadWeights(file)).Should().Throw<ModelFormatException>().WithMessage("*has no tensor for any layer*");
    }

    [Fact]
    public void RecurrentWeightsLoadByNamesAsPyTorchHasThem()
    {
        var layer = new RnnLayer(2, 2);
        using var file = TensorFile.Of(
            ("f.weight_ih_l0", [2, 2], [1, 2, 3, 4]), ("f.weight_hh_l0", [2, 2], [5, 6, 7, 8]), ("f.bias_ih_l0", [2], [9, 10]),
            ("f.bias_hh_l0", [2], [90, 100]));

        new Network().Add(layer).LoadWeights(file, new Dictionary<string, string>
        {
            ["layers.0.Weights"] = "f.weight_ih_l0",
            ["layers.0.RecurrentWeights"] = "f.weight_hh_l0",
            ["layers.0.Bias"] = "f.bias_ih_l0",
        });

        layer.Weights.Should().Be(Matrices.Of([1, 3], [2, 4]));
        layer.RecurrentWeights.Should().Be(Matrices.Of([5, 7], [6, 8]));
        layer.Bias.Should().Be(Draw.Row(99, 110));
    }

    [Fact]
    public void ABatchNormModuleBringsItsStatisticsAndItsCounterIsNotUsed()
    {
        var network = new Network().Add(new BatchNormLayer(2));

        var report = network.LoadWeights(TensorFile.Of(
            ("bn.weight", [2], [1, 2]), ("bn.bias", [2], [3, 4]), ("bn.running_mean", [2], [5, 6]), ("bn.running_var", [2], [7, 8]),
            ("bn.num_batches_tracked", [], [9])));

        var layer = (BatchNormLayer)network.Layers[0];
        layer.Gamma.Enumerate().Concat(layer.Beta.Enumerate()).Concat(layer.RunningMean.Enumerate())
            .Concat(layer.RunningVariance.Enumerate()).Should().Equal(1, 2, 3, 4, 5, 6, 7, 8);
        report.Missing.Should().BeEmpty();
        report.Unused.Should().ContainSingle().Which.Name.Should().Be("bn.num_batches_tracked");
    }

    [Fact]
    public void ABatchNormWithoutAffineParametersBringsItsStatistics()
    {
        var network = new Network().Add(new BatchNormLayer(2) { Gamma = Draw.Row(3, 3), Beta = Draw.Row(4, 4) }).Add(new FCLayer(2, 1))
            .Add(new BatchNormLayer(1));

        var report = network.LoadWeights(TensorFile.Of(
            ("0.running_mean", [2], [5, 6]), ("0.running_var", [2], [7, 8]), ("0.num_batches_tracked", [], [9]),
            ("1.weight", [1, 2], [1, 2]),
            ("2.weight", [1], [1]), ("2.bias", [1], [2]), ("2.running_mean", [1], [3]), ("2.running_var", [1], [4])));

        var layer = (BatchNormLayer)network.Layers[0];
        layer.Gamma.Enumerate().Concat(layer.Beta.Enumerate()).Concat(layer.RunningMean.Enumerate())
            .Concat(layer.RunningVariance.Enumerate())
            .Should().Equal(1, 1, 0, 0, 5, 6, 7, 8);
        ((BatchNormLayer)network.Layers[2]).RunningVariance[0, 0].Should().Be(4);
        report.Missing.Should().BeEmpty();
        report.Matched.Take(2).Select(match => (match.Name, match.FileName))
            .Should().Equal(("layers.0.Gamma", "ones"), ("layers.0.Beta", "zeros"));
        report.Transposed.Should().Equal("layers.1.Weights");
    }

    [Fact]
    public void ABatchNormWithoutStatisticsIsReportedAsMissingAndLeftAsItWas()
    {
        var network = new Network().Add(new FCLayer(1, 2)).Add(new BatchNormLayer(2) { RunningMean = Draw.Row(1, 2) });

        var report = network.LoadWeights(TensorFile.Of(
            ("0.weight", [2, 1], [1, 2]), ("1.weight", [2], [3, 4]), ("1.bias", [2], [5, 6]), ("1.num_batches_tracked", [], [9])));

        report.Missing.Select(missing => missing.Name)
            .Should().Equal("layers.1.Gamma", "layers.1.Beta", "layers.1.RunningMean", "layers.1.RunningVariance");
        report.Unused.Select(unused => unused.Name).Should().Equal("1.weight", "1.bias", "1.num_batches_tracked");
        ((BatchNormLayer)network.Layers[1]).Gamma.Should().Be(Draw.Row(1, 1));
        ((BatchNormLayer)network.Layers[1]).RunningMean.Should().Be(Draw.Row(1, 2));
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("model.encoder.")]
    [InlineData("module._orig_mod.0.")]
    public void WhatComesBeforeTheModulesNamesDoesNotMatter(string prefix)
    {
        var network = new Network().Add(new ConvLayer((2, 2, 1), (1, 1), 1)).Add(new FlattenLayer(1)).Add(new FCLayer(4, 4))
            .Add(new FCLayer(4, 4));

        var report = network.LoadWeights(TensorFile.Of(
            ($"{prefix}conv.weight", [1, 1, 1, 1], [3]),
            ($"{prefix}fc2.weight", [4, 4], new double[16]),
            ($"{prefix}fc10.weight", [4, 4], new double[16])));

        report.Matched.Select(match => match.FileName).Should()
            .Equal($"{prefix}conv.weight", "zeros", $"{prefix}fc2.weight", "zeros", $"{prefix}fc10.weight", "zeros");
        report.Missing.Should().BeEmpty();
    }

    /// <summary>A square matrix does not tell its layout by its shape.</summary>
    [Theory]
    [InlineData("fc.weight", true)]
    [InlineData("fc_weight", true)]
    [InlineData("fcWeight", true)]
    [InlineData("FC/WEIGHT", true)]
    [InlineData("weight", true)]
    [InlineData("fc/kernel", false)]
    [InlineData("weight.kernel", false)]
    [InlineData("W", false)]
    public void ASquareTensorIsTransposedWhereItsNameEndsInWeight(string name, bool transposed)
    {
        var network = new Network().Add(new FCLayer(2, 2));

        var report = network.LoadWeights(
            TensorFile.Of((name, [2, 2], [1, 2, 3, 4])), new Dictionary<string, string> { ["layers.0.Weights"] = name });

        ((FCLayer)network.Layers[0]).Weights.Should().Be(transposed ? Matrices.Of([1, 3], [2, 4]) : Matrices.Of([1, 2], [3, 4]));
        report.Transposed.Should().Equal(transposed ? ["layers.0.Weights"] : []);
        report.ToString().Should().Contain(transposed ? $"from {name} [2, 2], transposed\n" : $"from {name} [2, 2]\n");
    }

    [Theory]
    [InlineData("fc.weights")]
    [InlineData("fc_weight_0")]
    [InlineData("attention.weight_v")]
    [InlineData("Weights")]
    public void ASquareTensorWhoseNameLeavesItOpenIsRefusedAndChangesNothing(string name)
    {
        var network = new Network().Add(new FCLayer(2, 2)).Add(new FCLayer(2, 3));
        byte[] before = ModelBytes.Of(network);

        network.Invoking(it =>
            it.LoadWeights(TensorFile.Of((name, [2, 2], [1, 2, 3, 4])), new Dictionary<string, string> { ["layers.0.Weights"] = name }))
            .Should().Throw<ModelFormatException>()
            .WithMessage($"*'{name}' [2, 2] may be outputs by inputs*or inputs by outputs*'weight'*'kernel'*");

        ModelBytes.Of(network).Should().Equal(before);
        network.LoadWeights(
            TensorFile.Of((name, [2, 3], [1, 2, 3, 4, 5, 6])),
            new Dictionary<string, string> { ["layers.1.Weights"] = name }).Transposed.Should().BeEmpty();
    }

    [Fact]
    public void ASavedNetworksSquareWeightsGoToAnotherPlaceByRowsAndColumns()
    {
        var from = new Network().Add(new FCLayer(1, 2)).Add(new FCLayer(2, 2));
        var to = new Network().Add(new FCLayer(2, 2));

        to.LoadWeights(new MemoryStream(ModelBytes.Of(from)), new Dictionary<string, string> { ["layers.0.Weights"] = "layers.1.Weights" });

        ((FCLayer)to.Layers[0]).Weights.Should().Be(((FCLayer)from.Layers[1]).Weights);
    }

    [Theory]
    [InlineData("weight_norm", "1.weight_g", "1.weight_v")]
    [InlineData("a parametrization", "1.parametrizations.weight.original0", "1.parametrizations.weight.original1")]
    [InlineData("spectral_norm or prune", "1.weight_orig", "1.weight_u")]
    [InlineData("spectral_norm or prune", "1.weight_orig", "1.weight_mask")]
    public void AWeightThatPyTorchComputesFromOthersIsRefusedByName(string maker, string first, string second)
    {
        var network = new Network().Add(new FCLayer(1, 2)).Add(new FCLayer(2, 2));
        byte[] before = ModelBytes.Of(network);
        MemoryStream File() => TensorFile.Of(
            ("0.weight", [2, 1], [1, 2]), ("1.bias", [2], [1, 2]), (first, [2, 2], [1, 2, 3, 4]), (second, [2, 2], [1, 2, 3, 4]));

        network.Invoking(it => it.LoadWeights(File()))
            .Should().Throw<ModelFormatException>().WithMessage($"*'{first}' is no module's weight, but*{maker}*before saving.");
        network.Invoking(it => it.LoadWeights(File(), new Dictionary<string, string> { ["layers.1.Weights"] = second }))
            .Should().Throw<ModelFormatException>().WithMessage($"*'{second}' is no module's weight, but*{maker}*");

        ModelBytes.Of(network).Should().Equal(before);
        network.LoadWeights(File(), new Dictionary<string, string> { ["layers.0.Weights"] = "0.weight" }).Matched.Should().ContainSingle();
    }

    [Fact]
    public void ModulesOfTheSameSizesGoByTheirNumbers()
    {
        var network = new Network().Add(new FCLayer(1, 1)).Add(BuiltIn.Layer("Relu")).Add(new FCLayer(1, 1)).Add(new FCLayer(1, 1));

        network.LoadWeights(TensorFile.Of(
            ("net.0010.bias", [1], [3]), ("net.0010.weight", [1, 1], [30]), ("net.2.bias", [1], [2]), ("net.2.weight", [1, 1], [20]),
            ("net.0.bias", [1], [1]), ("net.0.weight", [1, 1], [10])));

        network.Layers.OfType<FCLayer>().Select(layer => (layer.Weights[0, 0], layer.Bias[0, 0])).Should().Equal((10, 1), (20, 2), (30, 3));
    }

    [Fact]
    public void AModuleWithoutABiasGivesZeros()
    {
        var network = new Network().Add(new FCLayer(1, 2, Initializer.Constant(1)));

        var report = network.LoadWeights(TensorFile.Of(("weight", [2, 1], [3, 4])));

        ((FCLayer)network.Layers[0]).Bias.Should().BeEquivalentTo(Draw.Row(0, 0));
        report.Matched[1].FileName.Should().Be("zeros");
    }

    [Fact]
    public void NamesThatTheCallerGivesDecide()
    {
        var network = new Network().Add(new FCLayer(3, 2, Initializer.Zeros)).Add(new FCLayer(2, 3, Initializer.Zeros));

        var report = network.LoadWeights(
            TensorFile.Of(("out.weight", [3, 2], [1, 2, 3, 4, 5, 6]), ("hidden/kernel", [3, 2], [1, 2, 3, 4, 5, 6])),
            new Dictionary<string, string> { ["layers.1.Weights"] = "out.weight", ["layers.0.Weights"] = "hidden/kernel" });

        var (first, second) = ((FCLayer)network.Layers[0], (FCLayer)network.Layers[1]);
        first.Weights.ToRowMajorArray().Should().Equal([1, 2, 3, 4, 5, 6], "a name that is not PyTorch's has rows and columns");
        second.Weights.ToColumnMajorArray().Should().Equal(1, 2, 3, 4, 5, 6);
        report.Missing.Select(missing => missing.Name).Should().Equal("layers.0.Bias", "layers.1.Bias");
        report.ToString().Should().Contain("missing  layers.0.Bias     [1, 2], as it was");
    }

    [Fact]
    public void TheNetworksOwnNamesAreRowsAndColumns()
    {
        var (from, to) = (SavedNetworks.All(1), SavedNetworks.All(2));
        using var stream = new MemoryStream(ModelBytes.Of(from));

        var report = to.LoadWeights(stream);

        ModelBytes.Of(to).Should().Equal(ModelBytes.Of(from));
        report.Missing.Should().BeEmpty();
        report.Unused.Should().BeEmpty();
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void ShorterFloatsAreWidened(string type)
    {
        double[] values = [1.5, -2, 0.25, 1024, -0.0, 3];
        var network = new Network().Add(new FCLayer(3, 2));

        network.LoadWeights(TensorFile.OfType(type, ("fc.weight", [2, 3], values), ("fc.bias", [2], [0.5, -0.5])));

        ((FCLayer)network.Layers[0]).Weights.ToColumnMajorArray().Should().Equal(values);
    }

    [Fact]
    public void WhatIsInDoubtIsRefusedAndChangesNothing()
    {
        (string What, Network Network, Stream File, string Says)[] cases =
        [
            (
                "names tell no order",
                Two(),
                TensorFile.Of(("a.weight", [1, 1], [1]), ("b.weight", [1, 1], [1])),
                "*(a., b.), whose names do not tell*Pass names*"),
            (
                "more modules than layers",
                Two(),
                TensorFile.Of(("a1.weight", [1, 1], [1]), ("a2.weight", [1, 1], [1]), ("a3.weight", [1, 1], [1])),
                "*3 modules Linear 1 -> 1*2 such layers*"),
            ("fewer modules than layers", Two(), TensorFile.Of(("a1.weight", [1, 1], [1])), "*1 modules Linear 1 -> 1*"),
            (
                "another size",
                Two(),
                TensorFile.Of(("a.weight", [2, 1], [1, 1])),
                "*has a Linear 1 -> 2 ('a.')*no Linear 1 -> 1 for its FCLayer(1 -> 1)*"),
            (
                "a bias of another size",
                One(),
                TensorFile.Of(("a.weight", [1, 1], [1]), ("a.bias", [2], [1, 1])),
                "*'a.bias' must be floating-point numbers [1, 1]*F64 [2]*"),
            ("no tensors", One(), TensorFile.Of(), "The stream: it has no tensors."),
            ("no weights at all", One(), TensorFile.Of(("a.scale", [1], [1])), "*no tensor for any layer*a.scale [1]*"),
            ("NaN", One(), TensorFile.Of(("a.weight", [1, 1], [double.NaN])), "*'a.weight' holds NaN*"),
            (
                "NaN in the last tensor",
                One(),
                TensorFile.Of(("a.weight", [1, 1], [1]), ("a.bias", [1], [double.NaN])),
                "*'a.bias' holds NaN*"),
            (
                "a negative variance",
                new Network().Add(new BatchNormLayer(1)),
                TensorFile.Of(("b.weight", [1], [1]), ("b.bias", [1], [1]), ("b.running_mean", [1], [1]), ("b.running_var", [1], [-1])),
                "*'b.running_var' holds a number below 0*"),
        ];
        foreach (var (what, network, file, says) in cases)
        {
            byte[] before = ModelBytes.Of(network);
            network.Invoking(one => one.LoadWeights(file)).Should().Throw<ModelFormatException>(what).WithMessage(says);
            ModelBytes.Of(network).Should().Equal(before, what);
        }

        static Network One() => new Network().Add(new FCLayer(1, 1));
        static Network Two() => One().Add(new FCLayer(1, 1));
    }

    /// <summary>files/pytorch.py wrote the state dict and the outputs.</summary>
    [Fact]
    public void ANetworkOfPyTorchsPredictsAsPyTorchDoes()
    {
        string files = Path.Combine(AppContext.BaseDirectory, "Models", "files");
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(files, "pytorch.json")));
        double[] images = expected.RootElement.GetProperty("images").Numbers();
        var network = new Network()
            .Add(new ConvLayer((6, 7, 2), (3, 2), 3, (1, 1), new Padding(1, 0))).Add(new BatchNormLayer((6, 6, 3)))
            .Add(BuiltIn.Layer("Relu")).Add(new MaxPoolLayer((6, 6, 3), (2, 2)))
            .Add(new ConvLayer((3, 3, 3), (2, 2), 4)).Add(BuiltIn.Layer("Tanh")).Add(new FlattenLayer())
            .Add(new FCLayer(16, 5)).Add(new BatchNormLayer(5)).Add(BuiltIn.Layer("Sigmoid")).Add(new FCLayer(5, 5)).Add(new FCLayer(5, 3));

        var report = network.LoadWeights(Path.Combine(files, "pytorch.safetensors"));

        double[] outputs = [.. images.Chunk(2 * 6 * 7).SelectMany(image => network.Predict(Planes(image)).Enumerate())];
        outputs.Zip(expected.RootElement.GetProperty("outputs").Numbers())
            .Should().HaveCount(6).And.OnlyContain(pair => Math.Abs(pair.First - pair.Second) <= 1e-12);
        report.Missing.Should().BeEmpty();
        report.Unused.Select(unused => unused.Name).Should().Equal("1.num_batches_tracked", "8.num_batches_tracked");
        report.Matched.Should().ContainSingle(match => match.FileName == "zeros").Which.Name.Should().Be("layers.10.Bias");

        static Matrix<double> Planes(double[] image) =>
            Matrix<double>.Build.DenseOfRowMajor(6, 7, image[..42]).Append(Matrix<double>.Build.DenseOfRowMajor(6, 7, image[42..]));
    }

    [Fact]
    public void AUsersLayerTakesRowsAndColumnsWhateverTheNames()
    {
        var network = new Network().Add(new Stack(new FCLayer(3, 2)));

        network.LoadWeights(
            TensorFile.Of(("a.weight", [3, 2], [1, 2, 3, 4, 5, 6])), new Dictionary<string, string> { ["layers.0.Weights"] = "a.weight" });

        ((TrainableLayer)network.Layers[0]).Parameters[0].Value.ToRowMajorArray().Should().Equal(1, 2, 3, 4, 5, 6);
    }

    [Fact]
    public void ANameThatTheFileDoesNotHaveIsTold() => new Network().Add(new FCLayer(1, 1))
        .Invoking(network =>
            network.LoadWeights(TensorFile.Of(("a", [1], [1])), new Dictionary<string, string> { ["layers.0.Bias"] = "b" }))
        .Should().Throw<ModelFormatException>()
        .WithMessage("The stream: it has no tensor 'b', which 'layers.0.Bias' was to be loaded from.");
}
