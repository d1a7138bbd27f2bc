using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;
using NeuralNet.Tests.Catalogue;
using NeuralNet.Tests.Models;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Layers;

/// <summary>Layers that are not trainable in a network.</summary>
public sealed class TrainableTests
{
    private readonly Matrix<double>[] _x = Draw.XorX();
    private readonly Matrix<double>[] _y = Draw.XorY();

    [Fact]
    public void EveryLayerIsTrainableAtFirst()
    {
        LayerCatalogue.All.Should().OnlyContain(row => row.New(1).Trainable);
        new ConcatenateLayer([], []).Trainable.Should().BeTrue();
    }

    [Fact]
    public void ALayerAroundOthersSetsAllWithin()
    {
        var inner = Draw.XorNetwork(1);
        var net = new Network().Add(new NetworkLayer(inner)).Add(new FCLayer(1, 1));

        net.Layers[0].Trainable = false;

        inner.Layers.Should().OnlyContain(layer => !layer.Trainable);
        net.Layers[1].Trainable.Should().BeTrue();
        inner.Layers[2].Trainable = true;
        net.Layers[0].Trainable.Should().BeTrue("one of its layers learns");
        inner.Layers[0].Trainable.Should().BeFalse();
    }

    [Fact]
    public void FrozenGradientsDoNotCountInTheClippedNorm()
    {
        var net = new Network().Add(new FCLayer(2, 3, random: Draw.Seeded(1))).Add(new FCLayer(3, 1, random: Draw.Seeded(2)))
            .Use(LossFunction.Mse);
        net.Layers[0].Trainable = false;
        var last = (FCLayer)net.Layers[1];
        var (weights, bias) = (last.Weights.Clone(), last.Bias.Clone());

        net.Fit(_x, _y, new FitOptions { BatchSize = 4, Optimizer = new Sgd(1) { ClipNorm = 1e-3 } });

        double norm = Math.Sqrt(Math.Pow((last.Weights - weights).FrobeniusNorm(), 2) + Math.Pow((last.Bias - bias).FrobeniusNorm(), 2));
        norm.Should().BeApproximately(1e-3, 1e-5);
    }

    [Fact]
    public void TheWayBackEndsWhereNothingBeforeLearns()
    {
        var (first, second) = (new Counting(), new Counting());
        var net = new Network()
            .Add(first).Add(new FCLayer(2, 2, random: Draw.Seeded(1))).Add(second).Add(new FCLayer(2, 1, random: Draw.Seeded(2)))
            .Use(LossFunction.Mse);

        net.Fit(_x, _y, new FitOptions { BatchSize = 4 });
        (first.Backwards, second.Backwards).Should().Be((0, 1), "nobody wants dE/dX of the first layer");

        net.Layers[1].Trainable = false;
        net.Fit(_x, _y, new FitOptions { BatchSize = 4 });
        net.Fit(_x, _y, 1, 0.1);
        (first.Backwards, second.Backwards).Should().Be((0, 1));

        net.Layers[1].Trainable = true;
        net.Fit(_x, _y, new FitOptions { BatchSize = 4 });
        (first.Backwards, second.Backwards).Should().Be((0, 2));
    }

    [Fact]
    public void ALayerOfTheArticlesTwoMethodsIsGivenALearningRateOfZero()
    {
        var scale = new UserLayers.ArticleScale(Draw.Row(1, 2));
        var net = new Network().Add(new FCLayer(2, 2, random: Draw.Seeded(1))).Add(scale).Add(new FCLayer(2, 1, random: Draw.Seeded(2)))
            .Use(LossFunction.Mse);
        scale.Trainable = false;
        string first = Fingerprint.OfParameters(net.Layers.Take(1));

        net.Fit(_x, _y, 1, 0.1);
        net.Fit(_x, _y, new FitOptions { BatchSize = 2 });

        scale.Value.Should().Be(Draw.Row(1, 2));
        Fingerprint.OfParameters(net.Layers.Take(1)).Should().NotBe(first);
        scale.Trainable = true;
        net.Fit(_x, _y, 1, 0.1);
        scale.Value.Should().NotBe(Draw.Row(1, 2));
    }

    [Fact]
    public void AFrozenLayerOfTheArticlesMayStandBesideBatchNormalisation()
    {
        var scale = new UserLayers.ArticleScale(Draw.Row(1, 2));
        var net = new Network().Add(scale).Add(new BatchNormLayer(2)).Add(new FCLayer(2, 1, random: Draw.Seeded(2))).Use(LossFunction.Mse);
        var options = new FitOptions { BatchSize = 4 };
        net.Invoking(one => one.Fit(_x, _y, options)).Should().Throw<InvalidOperationException>().WithMessage("*updates itself*");

        scale.Trainable = false;

        net.Fit(_x, _y, options).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Fact]
    public void AFrozenLayerInsideAUsersStaysAsItIs()
    {
        var inner = new FCLayer(2, 2, random: Draw.Seeded(1));
        var outer = new Around(inner, new FCLayer(2, 2, random: Draw.Seeded(2)));
        var net = new Network().Add(outer).Add(new FCLayer(2, 1, random: Draw.Seeded(3))).Use(LossFunction.Mse);
        inner.Trainable = false;
        inner.L2 = 0.5;
        string before = Fingerprint.OfParameters([inner]);

        foreach (var optimizer in (Optimizer[])[new Sgd(0.1), new AdamW(0.1)])
        {
            string others = Fingerprint.Of(outer.Parameters.Skip(2).Select(parameter => parameter.Value));
            net.Fit(_x, _y, new FitOptions { BatchSize = 1, Optimizer = optimizer });
            Fingerprint.OfParameters([inner]).Should().Be(before);
            Fingerprint.Of(outer.Parameters.Skip(2).Select(parameter => parameter.Value)).Should().NotBe(others);
        }

        outer.Trainable = false;
        inner.Trainable = true;
        string all = Fingerprint.OfParameters([outer]);
        net.Fit(_x, _y, 1, 0.1);
        net.Fit(_x, _y, new FitOptions { BatchSize = 2, Optimizer = new AdamW(0.1) });
        Fingerprint.OfParameters([outer]).Should().Be(all);
    }

    [Fact]
    public void AParameterThatAFrozenLayerSharesIsFrozen()
    {
        var shared = new Parameter("Scale", Draw.Row(1, 2));
        var (one, other) = (new Sharing(shared), new Sharing(shared));
        var net = new Network().Add(one).Add(other).Add(new FCLayer(2, 1, random: Draw.Seeded(3))).Use(LossFunction.Mse);
        one.Trainable = false;

        net.Fit(_x, _y, 1, 0.1);
        net.Fit(_x, _y, new FitOptions { BatchSize = 2 });

        shared.Value.Should().Be(Draw.Row(1, 2));
        shared.Gradient.Should().Be(Draw.Row(0, 0));
    }

    [Fact]
    public void FrozenBatchNormalisationUsesItsRunningStatisticsInTraining()
    {
        var norm = new BatchNormLayer(2) { RunningMean = Draw.Row(0.5, -1), RunningVariance = Draw.Row(4, 0.25), Trainable = false };
        var net = new Network().Add(new FCLayer(2, 2, random: Draw.Seeded(1))).Add(norm).Use(LossFunction.Mse);
        Matrix<double>[] y = [Draw.Row(0, 1)];
        double expected = net.Evaluate(_x[1..2], y).Loss;

        // One sample is enough: no statistics are taken of it.
        var history = net.Fit(_x[1..2], y, 1, 0.1);

        history.Losses[0].Should().Be(expected);
        norm.ForwardPropagation(_x[1]).Should().Be(norm.Predict(_x[1]));
        (norm.RunningMean, norm.RunningVariance).Should().Be((Draw.Row(0.5, -1), Draw.Row(4, 0.25)));
    }

    [Fact]
    public void AWayBackIsNotThatOfAnotherState()
    {
        TrainableLayer[] layers =
        [
            new BatchNormLayer((2, 2, 1)),
            new NetworkLayer(new Network().Add(new BatchNormLayer((2, 2, 1)))),
        ];
        foreach (var layer in layers)
        {
            layer.Trainable = false;
            var y = layer.ForwardPropagation(Draw.Matrix(2, 2, Draw.Seeded(1)));
            layer.Trainable = true;

            layer.Invoking(one => one.Backward(y)).Should().Throw<InvalidOperationException>()
                .WithMessage("*Call ForwardPropagation first.");

            layer.ForwardPropagation(y).Should().NotBe(layer.Predict(y));
            layer.Backward(y).Should().NotBeNull();
        }
    }

    [Fact]
    public void ANetworkThatIsAllFrozenIsRefused()
    {
        var net = Draw.XorNetwork(1);
        foreach (var layer in net.Layers)
        {
            layer.Trainable = layer is ActivationLayer;
        }

        string before = net.Bits();
        Action[] doors = [() => net.Fit(_x, _y, 1, 0.1), () => net.Fit(_x, _y, new FitOptions())];

        foreach (var door in doors)
        {
            door.Should().ThrowExactly<InvalidOperationException>().Which.Message
                .Should().ContainAll("FCLayer(2 -> 3)", "are frozen", "Set Trainable = true", "Evaluate");
        }

        net.Bits().Should().Be(before);
        net.Evaluate(_x, _y).Loss.Should().BePositive();
    }

    [Fact]
    public void WhileFitRunsItCannotBeSet()
    {
        var net = new Network().Add(new NetworkLayer(Draw.XorNetwork(1))).Add(new FCLayer(1, 1)).Use(LossFunction.Mse);
        var inner = ((NetworkLayer)net.Layers[0]).Layers[0];
        var refused = new List<string>();
        foreach (var layer in new[] { net.Layers[0], net.Layers[1], inner })
        {
            net.Fit(_x, _y, new FitOptions
            {
                Progress = new SynchronousProgress<EpochReport>(
                    _ => refused.Add(Record.Exception(() => layer.Trainable = false)!.Message)),
            });
        }

        refused.Should().HaveCount(3).And.OnlyContain(message => message.Contains("is being trained; Trainable has to wait"));
        inner.Trainable = false;
        net.Layers[0].Trainable.Should().BeTrue();
    }

    [Fact]
    public void TheSummaryCountsFrozenParametersAsNonTrainable()
    {
        var net = new Network().Add(new FCLayer(4, 3)).Add(new BatchNormLayer(3)).Add(new FCLayer(3, 2));
        net.Summary().Should().ContainAll("Total params: 35 ", "Trainable params: 29 ", "Non-trainable params: 6 ");

        net.Layers[0].Trainable = false;
        net.Layers[1].Trainable = false;

        net.Summary().Should().ContainAll("Total params: 35 ", "Trainable params: 8 ", "Non-trainable params: 27 ");
    }

    [Fact]
    public void OnlyAFrozenLayerIsWrittenAsOne()
    {
        var net = Draw.XorNetwork(1);
        ModelBytes.HeaderOf(ModelBytes.Of(net)).Should().NotContain("trainable");
        net.Layers[1].Trainable = net.Layers[2].Trainable = false;

        byte[] file = ModelBytes.Of(net);

        ModelBytes.HeaderOf(file).Split("\\\"trainable\\\":[0]").Should().HaveCount(3);
        ModelBytes.Load(file).Layers.Select(layer => layer.Trainable).Should().Equal(true, false, false, true);
        byte[] wrong = ModelBytes.WithHeader(file, header => header.Replace("trainable\\\":[0]", "trainable\\\":[2]"));
        Action load = () => ModelBytes.Load(wrong);
        load.Should().Throw<ModelFormatException>().WithMessage("*needs 0 or 1 for 'trainable'*");
    }

    /// <summary>X as it is, and how often its error was asked for.</summary>
    private sealed class Counting : BatchLayer
    {
        public int Backwards { get; private set; }

        protected internal override bool NeedsCallingThread => true;

        protected internal override Shape GetOutputShape(Shape input) => input;

        protected internal override void Forward(ForwardPass pass) => pass.Input.CopyTo(pass.Output);

        protected internal override void Backward(BackwardPass pass)
        {
            Backwards++;
            pass.OutputError.CopyTo(pass.InputError);
        }
    }

    /// <summary>Two layers of the library's inside one of a user's.</summary>
    private sealed class Around(FCLayer first, FCLayer second) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters { get; } = [.. first.Parameters, .. second.Parameters];

        public override Matrix<double> ForwardPropagation(Matrix<double> input) =>
            second.ForwardPropagation(first.ForwardPropagation(input));

        public override Matrix<double> Backward(Matrix<double> outputError) => first.Backward(second.Backward(outputError));
    }

    private sealed class Sharing(Parameter scale) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters => [scale];

        public override Matrix<double> ForwardPropagation(Matrix<double> input) => (Input = input).PointwiseMultiply(scale.Value);

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            scale.Gradient.Add(outputError.PointwiseMultiply(Input!), scale.Gradient);
            return outputError.PointwiseMultiply(scale.Value);
        }
    }
}
