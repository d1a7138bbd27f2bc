using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Layers;

/// <summary>Networks that branch: residual layers, layers side by side, networks in networks, in one another.</summary>
public class BranchTests
{
    private static readonly (int, int, int) s_image = (6, 5, 2);

    /// <summary>An image network with branches three deep, batch norm and dropout inside.</summary>
    private static Network Nested(int seed, bool withBatchNorm = true, bool withDropout = true)
    {
        var random = Draw.Seeded(seed);
        Layer Conv((int, int, int) shape, int depth) =>
            new ConvLayer(shape, (3, 3), depth, (1, 1), Padding.Same, Initializer.HeNormal, random);
        Layer Relu() => new ActivationLayer(Activations.Swish, Activations.SwishPrime);
        var inner =
            new ResidualLayer([Conv((6, 5, 3), 3), .. withBatchNorm ? [new BatchNormLayer((6, 5, 3))] : Array.Empty<Layer>(), Relu()]);
        var wide = new ConcatenateLayer(
            [Conv((6, 5, 2), 3), inner], [], [Conv((6, 5, 2), 1), .. withDropout ? [new DropoutLayer(0.25)] : Array.Empty<Layer>()]);
        var block =
            new ResidualLayer([wide, Conv((6, 5, 6), 4)], shortcut: [new ConvLayer((6, 5, 2), (1, 1), 4, Initializer.HeNormal, random)]);
        var head = new Network()
            .Add(new ResidualLayer([new FCLayer(120, 120, Initializer.GlorotUniform, random), Relu()]))
            .Add(new FCLayer(120, 3, Initializer.GlorotUniform, random));
        return new Network().Add(block).Add(Relu()).Add(new FlattenLayer()).Add(new NetworkLayer(head))
            .Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
    }

    private static (Matrix<double>[] X, Matrix<double>[] Y) Samples(int count)
    {
        var random = Draw.Seeded(77);
        return (
            [.. Enumerable.Range(0, count).Select(_ => Draw.Matrix(6, 10, random))],
            [.. Enumerable.Range(0, count).Select(i => Draw.Row([.. Enumerable.Range(0, 3).Select(j => i % 3 == j ? 1.0 : 0)]))]);
    }

    private static FitOptions Options(int threads = 1) =>
        new() { Epochs = 3, BatchSize = 8, Optimizer = new Adam(0.01), Seed = 5, MaxDegreeOfParallelism = threads };

    [Fact]
    public void OutputsOfAResidualLayerAreItsLayersPlusItsInput()
    {
        var fc = new FCLayer(2, 2) { Weights = Matrices.Of([[1, 2], [3, 4]]), Bias = Draw.Row(0.5, -0.5) };
        var layer = new ResidualLayer([fc]);

        layer.ForwardPropagation(Draw.Row(1, 2)).Should().Be(Draw.Row(1 + 7.5, 2 + 9.5));
        layer.Predict(Draw.Row(1, 2)).Should().Be(Draw.Row(8.5, 11.5));
        layer.Backward(Draw.Row(1, 10)).Should().Be(Draw.Row(1 + 21, 10 + 43));
        fc.Parameters[0].Gradient.Should().Be(Matrices.Of([[1, 10], [2, 20]]));
    }

    [Fact]
    public void OutputsOfAConcatenateLayerAreSideBySide()
    {
        var layer = new ConcatenateLayer([new FCLayer(2, 1) { Weights = Matrices.Of([[1], [3]]), Bias = Draw.Row(0.0) }], []);

        layer.ForwardPropagation(Draw.Row(1, 2)).Should().Be(Draw.Row(7, 1, 2));
        layer.Backward(Draw.Row(1, 10, 100)).Should().Be(Draw.Row(1 + 10, 3 + 100));
        layer.Predict(Draw.Row(1, 2)).Should().Be(Draw.Row(7, 1, 2));
    }

    /// <summary>A network within a network ends in its last layer: what holds of that at the end holds there.</summary>
    [Theory]
    [InlineData(-900, 1)]
    [InlineData(50, 0)]
    public void ANetworkThatEndsInANetworkIsExactAtAnyLogit(double logit, double t)
    {
        var fc = new FCLayer(1, 1) { Weights = Matrices.Of([[logit]]), Bias = Draw.Row(0.0) };
        var inner = new Network().Add(fc).Add(new NetworkLayer(new Network().Add(new ActivationLayer(ActivationFunction.Sigmoid))));
        var net = new Network().Add(new NetworkLayer(inner)).Use(LossFunction.BinaryCrossEntropy);

        net.Evaluate([Draw.Row(1.0)], [Draw.Row(t)]).Loss.Should().Be(Math.Abs(logit));
        net.Fit([Draw.Row(1.0)], [Draw.Row(t)], 1, 1);
        fc.Weights[0, 0].Should().BeApproximately(logit + (t == 1 ? 1 : -1), 1e-12);
        new Network().Add(new NetworkLayer(inner)).PredictProbabilities(Draw.Row(1.0)).Should().NotBeNull();
    }

    [Fact]
    public void ANetworkThatEndsInASoftmaxOfOneValueIsRefusedWithinANetworkToo() =>
        new Network().Add(new FCLayer(2, 1)).Add(new NetworkLayer(new Network().Add(new SoftmaxLayer()))).Use(LossFunction.Mse)
            .Invoking(net => net.Fit([Draw.Row(1, 2)], [Draw.Row(1.0)], 1, 0.1))
            .Should().ThrowExactly<InvalidOperationException>().WithMessage("SoftmaxLayer over one value gives 1*");

    [Fact]
    public void ALayerIsAskedForItsParametersByTheOneAroundItOnly()
    {
        var counting = new Counting();
        Layer layer = new ResidualLayer([counting]);
        int once = counting.Asked;
        for (int i = 0; i < 30; i++)
        {
            layer = new ResidualLayer([layer]);
        }

        counting.Asked.Should().Be(once);
        layer.As<ResidualLayer>().Parameters.Should().Equal(counting.Parameters);
    }

    [Fact]
    public void PlanesOfImagesStandInTheOrderOfTheBranches()
    {
        var image = Draw.Matrix(6, 10, Draw.Seeded(3));
        var layer = new ConcatenateLayer([new ConvLayer(s_image, (1, 1), 1)], []);

        layer.Predict(image).SubMatrix(0, 6, 5, 10).Should().Be(image);
        new Network().Add(layer).Add(new FlattenLayer()).Layers[1].As<FlattenLayer>().Depth.Should().Be(3);
    }

    [Fact]
    public void GradientsOfNestedBranchesAreThoseOfFiniteDifferences()
    {
        foreach (var layer in Nested(1).Layers.OfType<CompositeLayer>())
        {
            var x = layer is NetworkLayer ? Draw.Matrix(1, 120, Draw.Seeded(8)) : Draw.Matrix(6, 10, Draw.Seeded(8));
            GradientCheck.Run(layer, x).WorstRelativeError.Should().BeLessThan(1e-6, layer.ToString());
        }
    }

    [Fact]
    public void ABatchIsTheSumOfItsSamples()
    {
        var (x, y) = Samples(16);
        var batch = Nested(2, withDropout: false, withBatchNorm: false);
        var single = new Network().Add(new PassOn()).Use(Losses.SoftmaxCrossEntropy, Losses.SoftmaxCrossEntropyPrime);
        foreach (var layer in batch.Clone().Layers)
        {
            single.Add(layer);
        }

        // A layer of the article's makes a mini-batch go through sample by sample.
        batch.Fit(x, y, Options());
        single.Fit(x, y, Options());

        foreach (var (one, other) in LayerTree.Parameters(batch.Layers).Zip(LayerTree.Parameters(single.Layers)))
        {
            one.Value.ShouldBeNear(other.Value, 1e-11, 1e-12, one.ToString());
        }
    }

    [Fact]
    public void TheBitsDoNotDependOnTheNumberOfThreads()
    {
        var (x, y) = Samples(40);
        string[] prints = [.. new[] { 1, 2, 4, 1 }.Select(threads =>
        {
            var net = Nested(3);
            net.Fit(x, y, Options(threads));
            return Fingerprint.OfParameters(net.Layers) + string.Concat(net.Predict(x).Select(Fingerprint.Of));
        })];

        prints.Distinct().Should().ContainSingle();
    }

    [Fact]
    public void TheArticlesFitAndAMiniBatchOfOneGiveTheSameBits()
    {
        var (x, y) = Samples(5);
        var (article, batch) = (Nested(4, withBatchNorm: false, withDropout: false), Nested(4, withBatchNorm: false, withDropout: false));

        article.Fit(x, y, 2, 0.05);
        batch.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 1, Optimizer = new Sgd(0.05), Shuffle = false });

        Fingerprint.OfParameters(article.Layers).Should().Be(Fingerprint.OfParameters(batch.Layers));
    }

    [Fact]
    public void FilesAndClonesKeepEveryBit()
    {
        var (x, y) = Samples(16);
        var net = Nested(5);
        net.Fit(x, y, Options());
        using var file = new MemoryStream();
        net.Save(file);
        file.Position = 0;

        foreach (var copy in (Network[])[Network.Load(file), net.Clone()])
        {
            copy.Summary().Should().Be(net.Summary());
            copy.Predict(x).Should().Equal(net.Predict(x));
            copy.Fit(x, y, Options()).Losses.Should().Equal(net.Clone().Fit(x, y, Options()).Losses);
        }
    }

    [Fact]
    public void TrainingGoesOnFromACheckpointWithTheSameBits()
    {
        var (x, y) = Samples(16);
        var folder = Directory.CreateTempSubdirectory("NeuralNet");
        string path = Path.Combine(folder.FullName, "run.safetensors");
        FitOptions With(int epochs, bool resume) => new()
        {
            Epochs = epochs,
            BatchSize = 8,
            Optimizer = new Adam(0.01),
            Seed = 5,
            ValidationSplit = 0.25,
            EarlyStopping = new EarlyStopping { Patience = 50 },
            Checkpoint = new Checkpoint(path) { Resume = resume },
        };
        var (whole, first, second) = (Nested(6), Nested(6), Nested(6));
        whole.Fit(x, y, new FitOptions
        {
            Epochs = 4,
            BatchSize = 8,
            Optimizer = new Adam(0.01),
            Seed = 5,
            ValidationSplit = 0.25,
            EarlyStopping = new EarlyStopping { Patience = 50 }
        });

        first.Fit(x, y, With(2, resume: false));
        second.Fit(x, y, With(4, resume: true));

        Fingerprint.OfParameters(second.Layers).Should().Be(Fingerprint.OfParameters(whole.Layers));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void ArticleStyleLayersWorkInBranches()
    {
        var (x, y) = Samples(6);
        Network Make(Layer activation) => new Network()
            .Add(new FlattenLayer(2))
            .Add(new ResidualLayer([new FCLayer(60, 60, Initializer.GlorotUniform, Draw.Seeded(1)), activation]))
            .Add(new ConcatenateLayer(
                [new FCLayer(60, 2, Initializer.GlorotUniform, Draw.Seeded(2))],
                [new FCLayer(60, 1, Initializer.GlorotUniform, Draw.Seeded(3))]))
            .Use(Losses.Mse, Losses.MsePrime);
        var (own, builtIn) = (
            Make(new UserLayers.Activation(Activations.Tanh, Activations.TanhPrime)),
            Make(new ActivationLayer(Activations.Tanh, Activations.TanhPrime)));

        own.Fit(x, y, 3, 0.05);
        builtIn.Fit(x, y, 3, 0.05);

        own.Predict(x).Should().Equal(builtIn.Predict(x));
        own.Predict(x[0]).Should().Be(builtIn.Predict(x[0]));
    }

    [Fact]
    public void ShapesThatDoNotMeetAreRefusedWithTheWayOut()
    {
        var residual = () => new ResidualLayer([new ConvLayer((6, 5, 2), (3, 3), 4)]);
        var shortcut = () => new ResidualLayer([new FCLayer(3, 4)], shortcut: [new FCLayer(3, 5)]);
        var wide = () => new ConcatenateLayer([new ConvLayer((6, 5, 2), (3, 3), 4)], [new ConvLayer((6, 5, 2), (1, 1), 4)]);

        residual.Should().Throw<ArgumentException>().WithMessage(
            "ResidualLayer(1 layer) adds*its layers give 4 x 3 x 4 and its shortcut 6 x 5 x 2. "
            + "Make its last layer give 6 x 5 x 2, or give it a shortcut*");
        shortcut.Should().Throw<ArgumentException>().WithMessage("*1 x 4*1 x 5*Make both give the same shape.*");
        wide.Should().Throw<ArgumentException>()
            .WithMessage("ConcatenateLayer(2 branches)*branch 0 gives 4 x 3 x 4 and branch 1 6 x 5 x 4*");
    }

    /// <summary>Every door says which branch, both shapes, the way out, and its own parameter's name.</summary>
    [Fact]
    public void AShapeThatDoesNotFitWithinABranchIsRefusedWithTheBranchsName()
    {
        Layer[] Wrong() => [new FCLayer(5, 3), new ActivationLayer(ActivationFunction.Tanh), new FCLayer(4, 2)];
        void Refuses(Func<object> make, string place, string parameter) => make.Should().Throw<ArgumentException>()
            .Which.Message.Should().StartWith(place + ": FCLayer(4 -> 2) expects a 1 x 4 input, but got 1 x 3. ")
            .And.EndWith($" (Parameter '{parameter}')").And.NotContain("(Parameter 'input') (");

        Refuses(() => new ResidualLayer(Wrong()), "In the layers of ResidualLayer(3 layers), layer 2", "layers");
        Refuses(
            () => new ResidualLayer([new FCLayer(5, 2)], shortcut: Wrong()),
            "In the shortcut of ResidualLayer(1 layer, shortcut of 3 layers), layer 2",
            "shortcut");
        Refuses(() => new ConcatenateLayer([], Wrong()), "In branch 1 of ConcatenateLayer(2 branches), layer 2", "branches");

        Layer Nested() => new ResidualLayer([new ConcatenateLayer([new FCLayer(4, 2)], [new NetworkLayer(Net(new FCLayer(4, 2)))])]);
        const string Place = "In the layers of ResidualLayer(1 layer), layer 0: in branch 0 of ConcatenateLayer(2 branches), layer 0";
        Refuses(() => new Network().Add(new FCLayer(7, 3)).Add(Nested()), Place, "layer");
        Refuses(
            () => new ResidualLayer([new FCLayer(3, 3), Nested()]),
            $"In the layers of ResidualLayer(2 layers), layer 1: i{Place[1..]}",
            "layers");
        Refuses(() => Nested().ForwardPropagation(Draw.Row(1, 2, 3)), Place, "input");
        Refuses(() => Nested().Predict(Draw.Row(1, 2, 3)), Place, "input");
        Refuses(() => Net(Nested()).Predict(Draw.Row(1, 2, 3)), Place, "input");
        Refuses(() => Net(Nested()).Predict([Draw.Row(1, 2, 3)]), Place, "inputs");
        Refuses(() => Net(Nested()).Use(LossFunction.Mse).Fit([Draw.Row(1, 2, 3)], [Draw.Row(1, 2)], 1, 0.1), Place, "xTrain");
    }

    private static Network Net(params Layer[] layers) => layers.Aggregate(new Network(), (net, layer) => net.Add(layer));

    [Fact]
    public void RefusalsOfAConstructorNameItsOwnParameters()
    {
        void Names(Func<object> make, string parameter) => make.Should().Throw<ArgumentException>().WithParameterName(parameter);
        var fc = new FCLayer(2, 2);

        Names(() => new ResidualLayer([new FCLayer(2, 3)]), "layers");
        Names(() => new ResidualLayer([new FCLayer(2, 3)], shortcut: [new FCLayer(2, 4)]), "shortcut");
        Names(() => new ResidualLayer([fc], shortcut: [fc]), "shortcut");
        Names(() => new ResidualLayer([fc, fc]), "layers");
        Names(() => new ConcatenateLayer([new ConvLayer((6, 5, 2), (3, 3), 4)], []), "branches");
        Names(() => new NetworkLayer(new Network()), "network");
        Names(() => new Network().Add(new FCLayer(2, 3)).Add(new FCLayer(2, 3)), "layer");
        var columns = () => new ConcatenateLayer([new ConvLayer((6, 5, 2), (3, 3), 4)], []);
        columns.Should().Throw<ArgumentException>().WithMessage("ConcatenateLayer(2 branches) puts its branches' outputs side by side*");
    }

    /// <summary>What a layer of the article's gives is known when it runs.</summary>
    [Fact]
    public void AShapeThatIsKnownInPassingOnlyIsRefusedWithTheBranchsNameToo()
    {
        var net = Net(new ConcatenateLayer([], [new PassOn(), new FCLayer(4, 2)])).Use(LossFunction.Mse);
        const string Words = "In branch 1 of ConcatenateLayer(2 branches), layer 1: FCLayer(4 -> 2) expects a 1 x 4 input, but got 1 x 3.*";

        net.Invoking(one => one.Predict(Draw.Row(1, 2, 3))).Should().Throw<ArgumentException>().WithMessage(Words);
        net.Invoking(one => one.Fit([Draw.Row(1, 2, 3)], [Draw.Row(1, 2, 3, 4, 5)], 1, 0.1))
            .Should().Throw<ArgumentException>().WithMessage(Words);
        net.Layers[0].Invoking(one => one.ForwardPropagation(Draw.Row(1, 2, 3))).Should().Throw<ArgumentException>().WithMessage(Words);
    }

    [Fact]
    public void ALayerStandsInOnePlaceOnly()
    {
        var fc = new FCLayer(2, 2);
        var twice = () => new ResidualLayer([fc], shortcut: [fc]);
        var inNetwork = () => new Network().Add(fc).Add(new ResidualLayer([fc]));

        twice.Should().Throw<ArgumentException>().WithMessage("FCLayer(2 -> 2) is in ResidualLayer(1 layer, shortcut of 1 layer) twice*");
        inNetwork.Should().Throw<ArgumentException>().WithMessage("FCLayer(2 -> 2) is in this network already*");
    }

    /// <summary>Y = X, by the article's two methods.</summary>
    private sealed class PassOn : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => outputError;
    }

    private sealed class Counting : TrainableLayer
    {
        private readonly Parameter[] _parameters = [new Parameter("Scale", Draw.Row(1.0))];

        public int Asked { get; private set; }

        public override IReadOnlyList<Parameter> Parameters
        {
            get
            {
                Asked++;
                return _parameters;
            }
        }

        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> Backward(Matrix<double> outputError) => outputError;
    }
}
