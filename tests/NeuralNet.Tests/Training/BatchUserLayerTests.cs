using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Optimizers;

namespace NeuralNet.Tests.Training;

public class BatchUserLayerTests
{
    public static TheoryData<string> Optimizers => BuiltInOptimizers.Names;

    [Fact]
    public void ALayerOfTheArticlesKindGetsTheRateDividedByTheBatch()
    {
        var layer = new Recorder();
        var network = new Network().Add(new FCLayer(4, 2, random: Draw.Seeded(1))).Add(layer).Use(Losses.Mse, Losses.MsePrime);
        var (x, y) = Trained.Samples(7);

        network.Fit(x, y, new FitOptions { BatchSize = 3, Optimizer = new Adam(0.75), Epochs = 2 });

        double[] epoch = [0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.75];
        layer.Rates.Should().Equal([.. epoch, .. epoch], "the last batch has one sample");
        layer.Calls.Should().Be(string.Concat(Enumerable.Repeat("FB", 14)), "such a layer takes sample by sample, each forward and back");
    }

    [Fact]
    public void ALayerOfTheArticlesKindFollowsTheScheduleToo()
    {
        var layer = new Recorder();
        var network = new Network().Add(layer).Add(new FCLayer(4, 2, random: Draw.Seeded(1))).Use(Losses.Mse, Losses.MsePrime);
        var (x, y) = Trained.Samples(4);

        network.Fit(
            x, y, new FitOptions { BatchSize = 4, Optimizer = new Sgd(0.5, momentum: 0.9), Epochs = 2, Schedule = Schedule.Step(1, 0.5) });

        layer.Rates.Should().Equal(0.125, 0.125, 0.125, 0.125, 0.0625, 0.0625, 0.0625, 0.0625);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void AUsersTrainableLayerLearnsByAnyOptimizer(string name)
    {
        static Network Make() => new Network()
            .Add(new UserLayers.Scale(Draw.Row(0.5, -0.25, 1, 2)))
            .Add(new FCLayer(4, 2, random: Draw.Seeded(3)))
            .Use(Losses.Mse, Losses.MsePrime);
        var (network, twin) = (Make(), Make());
        var (x, y) = Trained.Samples(7);

        network.Fit(x, y, new FitOptions { BatchSize = 3, Optimizer = BuiltInOptimizers.New[name](), Epochs = 3 });
        BatchLoop.Fit(twin.Layers, Losses.Mse, Losses.MsePrime, x, y, 3, 3, BuiltInOptimizers.New[name]());

        network.Values()[0].Should().NotBe(Make().Values()[0]);
        for (int i = 0; i < network.Values().Length; i++)
        {
            network.Values()[i].ShouldBeNear(twin.Values()[i], 1e-9, 1e-10);
        }
    }

    [Fact]
    public void AParameterOfTwoLayersIsUpdatedOnce()
    {
        var shared = new Parameter("Scale", Draw.Row(0.5, 0.5, 0.5, 0.5));
        var network = new Network().Add(new SharedScale(shared)).Add(new SharedScale(shared)).Use(Losses.Mse, Losses.MsePrime);
        var x = Trained.Samples(7).X;

        network.Fit(x, x, new FitOptions { BatchSize = 7, Optimizer = new Adam(0.125) });

        // Adam's first step is the learning rate for any gradient, here downhill from scales that are too small.
        shared.Value.ShouldBeNear(Draw.Row(0.625, 0.625, 0.625, 0.625), 1e-6);
    }

    [Fact]
    public void BatchNormWithALayerOfTheArticlesKindIsRefusedByBothNames()
    {
        var network = new Network().Add(new FCLayer(4, 2)).Add(new BatchNormLayer(2)).Add(new UserLayers.ArticleScale(Draw.Row(1, 1)))
            .Use(Losses.Mse, Losses.MsePrime);
        var (x, y) = Trained.Samples(4);
        string before = network.Bits();

        network.Invoking(it => it.Fit(x, y, new FitOptions { BatchSize = 2 })).Should().ThrowExactly<InvalidOperationException>()
            .Which.Message.Should().ContainAll("BatchNormLayer(2)", "ArticleScale", "TrainableLayer");

        network.Bits().Should().Be(before);
    }

    [Theory]
    [InlineData(1, 4, "an only batch of one")]
    [InlineData(2, 5, "a last batch of one")]
    [InlineData(4, 1, "a single sample")]
    public void BatchNormOfRowsRefusesABatchOfOneBeforeTraining(int batchSize, int samples, string why)
    {
        var network = Trained.Small(batchNorm: true);
        var (x, y) = Trained.Samples(samples);
        string before = network.Bits();

        network.Invoking(it => it.Fit(x, y, new FitOptions { BatchSize = batchSize })).Should().ThrowExactly<InvalidOperationException>(why)
            .Which.Message.Should().ContainAll("BatchNormLayer(3)", "two samples or more", "BatchSize");
        network.Invoking(it => it.Fit(x, y, 1, 0.1)).Should().ThrowExactly<InvalidOperationException>();

        network.Bits().Should().Be(before);
    }

    [Fact]
    public void BatchNormCountsTheSamplesThatTheSplitLeaves()
    {
        var network = Trained.Small(batchNorm: true);
        var (x, y) = Trained.Samples(10);

        network.Invoking(it => it.Fit(x, y, new FitOptions { BatchSize = 2, ValidationSplit = 0.1 }))
            .Should().ThrowExactly<InvalidOperationException>("9 samples leave one over");
        network.Fit(x, y, new FitOptions { BatchSize = 2, ValidationSplit = 0.2 }).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    [InlineData(false, 5)]
    [InlineData(true, 5)]
    [InlineData(true, 8)]
    public void BatchNormEqualsTheOracleWithAndWithoutAUsersTrainableLayer(bool user, int batchSize)
    {
        Network Make()
        {
            var random = Draw.Seeded(4);
            var network = new Network().Use(Losses.Mse, Losses.MsePrime).Add(new FCLayer(4, 3, random: random));
            if (user)
            {
                network.Add(new UserLayers.Scale(Draw.Row(1, -2, 0.5)));
            }

            network.Add(new BatchNormLayer(3)).Add(BuiltIn.Layer("Tanh"));
            if (user)
            {
                network.Add(new UserLayers.Scale(Draw.Row(0.5, 1, 2)));
            }

            return network.Add(new FCLayer(3, 3, random: random)).Add(new BatchNormLayer(3, momentum: 0.3, epsilon: 0.01))
                .Add(new FCLayer(3, 2, random: random));
        }

        var (network, twin) = (Make(), Make());
        var (x, y) = Trained.Samples(18);

        var history = network.Fit(x, y, new FitOptions { BatchSize = batchSize, Optimizer = new Sgd(0.1, momentum: 0.9), Epochs = 3 });
        var errors = BatchLoop.FitLayerByLayer(twin.Layers, Losses.Mse, Losses.MsePrime, x, y, 3, batchSize, new Sgd(0.1, momentum: 0.9));

        Draw.Row([.. history.Losses]).ShouldBeNear(Draw.Row([.. errors]), 1e-10);
        for (int i = 0; i < network.Values().Length; i++)
        {
            network.Values()[i].ShouldBeNear(twin.Values()[i], 1e-9, 1e-10, $"value {i}");
        }
    }

    /// <summary>A user's function or loss keeps the fast path, on one thread: the bits are those of the library's own.</summary>
    [Fact]
    public void UsersFunctionsAreCalledOnTheThreadThatTrains()
    {
        var callers = new HashSet<int>();
        Matrix<double> Noted(Matrix<double> value)
        {
            callers.Add(Environment.CurrentManagedThreadId);
            return value;
        }

        var random = Draw.Seeded(5);
        var network = new Network()
            .Add(new FCLayer(200, 100, random: random))
            .Add(new ActivationLayer(x => Noted(Activations.Tanh(x)), x => Noted(Activations.TanhPrime(x))))
            .Add(new FCLayer(100, 2, random: random))
            .Use((yTrue, yPred) => Losses.Mse(yTrue, Noted(yPred)), (yTrue, yPred) => Noted(Losses.MsePrime(yTrue, yPred)));

        network.Fit(
            Draw.Matrices(64, 1, 200, random),
            Draw.Matrices(64, 1, 2, random),
            new FitOptions { BatchSize = 64, MaxDegreeOfParallelism = 4 });

        callers.Should().Equal(Environment.CurrentManagedThreadId);
    }

    private sealed class Recorder : Layer
    {
        public List<double> Rates { get; } = [];

        public string Calls { get; private set; } = "";

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Calls += "F";
            return input;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
        {
            Calls += "B";
            Rates.Add(learningRate);
            return outputError;
        }
    }

    private sealed class SharedScale(Parameter scale) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters { get; } = [scale];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            return Output = input.PointwiseMultiply(scale.Value);
        }

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            scale.Gradient.Add(outputError.PointwiseMultiply(Input!), scale.Gradient);
            return outputError.PointwiseMultiply(scale.Value);
        }
    }
}
