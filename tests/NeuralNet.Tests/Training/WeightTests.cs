using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Training;

/// <summary>SampleWeights, ClassWeights, DropLast and InitialEpoch.</summary>
public class WeightTests
{
    private static readonly Matrix<double>[] s_x = Draw.Matrices(12, 1, 3, Draw.Seeded(1));
    private static readonly Matrix<double>[] s_y = [.. Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? Draw.Row(0, 1) : Draw.Row(1, 0))];

    [Fact]
    public void AWeightMultipliesTheGradient()
    {
        var (net, twin) = (Network(), Network());

        net.Fit(s_x, s_y, Options(batchSize: 4, rate: 0.1, weights: [.. s_x.Select(_ => 2.0)]));
        twin.Fit(s_x, s_y, Options(batchSize: 4, rate: 0.2));

        ShouldBeNear(net, twin);
    }

    /// <summary>The sum is divided by the number of samples all the same.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(1)]
    public void ASampleOfWeightZeroTeachesNothing(int batchSize)
    {
        var (net, twin) = (Network(), Network());

        net.Fit(s_x, s_y, Options(batchSize, rate: 0.1, weights: [.. s_x.Select((_, i) => i < 8 ? 1.0 : 0)]));
        twin.Fit(s_x[..8], s_y[..8], Options(batchSize, rate: batchSize == 1 ? 0.1 : 0.1 * 8 / 12));

        ShouldBeNear(net, twin);
    }

    [Fact]
    public void TheLossThatIsReportedIsTheWeightedMean()
    {
        var net = Network();
        double[] weights = [.. Enumerable.Range(0, 12).Select(i => i / 2.0)];
        double[] losses = [.. s_x.Zip(s_y, (x, y) => Losses.SoftmaxCrossEntropy(y, net.Predict(x)))];
        var batches = new List<double>();
        var options = Options(batchSize: 5, rate: 1e-12, weights, batches.Add);

        double loss = net.Fit(s_x, s_y, options).Losses[0];

        loss.Should().BeApproximately(weights.Zip(losses, (weight, one) => weight * one).Sum() / weights.Sum(), 1e-9);
        batches[0].Should().BeApproximately(Enumerable.Range(0, 5).Sum(i => weights[i] * losses[i]) / weights[..5].Sum(), 1e-9);
    }

    [Fact]
    public void ClassWeightsAreSampleWeightsByClass()
    {
        var (net, twin) = (Network(), Network());
        double[] balanced = ClassWeights.Balanced(s_y);
        balanced.Should().Equal(12.0 / (2 * 8), 12.0 / (2 * 4));

        net.Fit(s_x, s_y, Options(batchSize: 4, rate: 0.1, classWeights: balanced));
        twin.Fit(s_x, s_y, Options(batchSize: 4, rate: 0.1, weights: [.. s_y.Select(y => balanced[(int)y[0, 1]])]));

        Fingerprint.OfParameters(net.Layers).Should().Be(Fingerprint.OfParameters(twin.Layers));
    }

    [Fact]
    public void ASoftLabelCountsAsItsClassesDo()
    {
        var y = s_y.ToArray();
        y[2] = Draw.Row(0.25, 0.75);
        var (net, twin) = (Network(), Network());

        net.Fit(s_x, y, Options(batchSize: 12, rate: 0.1, classWeights: [1, 5]));
        twin.Fit(s_x, y, Options(batchSize: 12, rate: 0.1, weights: [.. y.Select(row => row[0, 0] + (5 * row[0, 1]))]));

        ShouldBeNear(net, twin);
    }

    [Fact]
    public void WithDropLastWhatFillsNoBatchIsLeftOut()
    {
        var (net, twin) = (Network(), Network());
        var batches = new List<double>();

        var history = net.Fit(s_x, s_y, Options(batchSize: 5, rate: 0.1, told: batches.Add, dropLast: true));
        twin.Fit(s_x[..10], s_y[..10], Options(batchSize: 5, rate: 0.1)).Losses.Should().Equal(history.Losses);

        batches.Should().HaveCount(2);
        Fingerprint.OfParameters(net.Layers).Should().Be(Fingerprint.OfParameters(twin.Layers));
        Network().Fit(s_x, s_y, Options(batchSize: 100, rate: 0.1, told: batches.Add, dropLast: true));
        batches.Should().HaveCount(3, "fewer samples than BatchSize are one mini-batch");
    }

    /// <summary>A rest of one sample, which batch norm cannot be trained on, does no harm where it is left out.</summary>
    [Fact]
    public void DropLastSparesBatchNormAShortBatch()
    {
        Network Normed() => new Network { InitialSeed = 1 }.Add(new FCLayer(3, 2)).Add(new BatchNormLayer(2)).Use(LossFunction.Mse);

        FluentActions.Invoking(() => Normed().Fit(s_x[..11], s_y[..11], Options(batchSize: 5, rate: 0.1)))
            .Should().Throw<InvalidOperationException>();
        Normed().Fit(s_x[..11], s_y[..11], Options(batchSize: 5, rate: 0.1, dropLast: true)).Losses.Should().HaveCount(1);
    }

    [Fact]
    public void ASecondFitGoesOnFromTheInitialEpoch()
    {
        FitOptions Run(int epochs, int initial, Optimizer optimizer) => new()
        {
            Epochs = epochs,
            InitialEpoch = initial,
            BatchSize = 5,
            Optimizer = optimizer,
            Shuffle = true,
            Seed = 4,
            Schedule = Schedule.Step(2, 0.5),
            ValidationSplit = 0.2,
        };
        var (whole, parts, optimizer) = (WithDropout(), WithDropout(), new Adam(0.01));

        var history = whole.Fit(s_x, s_y, Run(6, 0, new Adam(0.01)));
        var first = parts.Fit(s_x, s_y, Run(3, 0, optimizer));
        var second = parts.Fit(s_x, s_y, Run(6, 3, optimizer));

        first.Losses.Concat(second.Losses).Should().Equal(history.Losses);
        second.Epochs.Select(epoch => epoch.Epoch).Should().Equal(4, 5, 6);
        Fingerprint.OfParameters(parts.Layers).Should().Be(Fingerprint.OfParameters(whole.Layers));
    }

    public static TheoryData<string, FitOptions, string> WrongOptions => new()
    {
        { "too few", new FitOptions { SampleWeights = [1, 2] }, "Fit expects one sample weight for each of the 12 samples, but got 2.*" },
        { "classes", new FitOptions { ClassWeights = [1, 2, 3] }, "*but got 3 class weights and targets of 1 x 2*SampleWeights*" },
        { "epochs", new FitOptions { Epochs = 3, InitialEpoch = 3 }, "Fit expects more Epochs than its InitialEpoch of 3*" },
        {
            "both", new FitOptions { Epochs = 3, InitialEpoch = 1, Checkpoint = new Checkpoint("none.safetensors") },
            "Fit expects an InitialEpoch or a Checkpoint*"
        },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void WhatDoesNotFitTheSamplesIsRefused(string what, FitOptions options, string message) =>
        Network().Invoking(net => net.Fit(s_x, s_y, options)).Should().ThrowExactly<ArgumentException>(what).WithMessage(message);

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void AWeightThatIsNoWeightIsRefused(double weight)
    {
        FluentActions.Invoking(() => new FitOptions { SampleWeights = [1, weight] }).Should().ThrowExactly<ArgumentException>()
            .WithMessage("The sample weights must be finite, 0 or more, but the one at 1 is*");
        FluentActions.Invoking(() => new FitOptions { ClassWeights = [weight, 1] }).Should().ThrowExactly<ArgumentException>()
            .WithMessage("The class weights must be finite, 0 or more, but the one at 0 is*");
    }

    [Fact]
    public void ClassWeightsNeedTargetsOfClasses()
    {
        var y = s_y.ToArray();
        y[3] = Draw.Row(2, 3);
        var net = Network();
        string before = Fingerprint.OfParameters(net.Layers);

        net.Invoking(it => it.Fit(s_x, y, Options(batchSize: 4, rate: 0.1, classWeights: [1, 2])))
            .Should().ThrowExactly<ArgumentException>().WithMessage("ClassWeights are for one-hot targets*yTrain[3] add up to 5*");
        Fingerprint.OfParameters(net.Layers).Should().Be(before);
    }

    [Fact]
    public void BalancedNeedsOneHotRowsOfEachClass()
    {
        FluentActions.Invoking(() => ClassWeights.Balanced([])).Should().ThrowExactly<ArgumentException>().WithMessage("*y is empty*");
        FluentActions.Invoking(() => ClassWeights.Balanced([Draw.Row(1, 0), Draw.Row(1, 1)])).Should().ThrowExactly<ArgumentException>()
            .WithMessage("Balanced expects one-hot rows of one size, but y[1] is none*");
        FluentActions.Invoking(() => ClassWeights.Balanced([Draw.Row(1, 0), null!])).Should().ThrowExactly<ArgumentException>();
        FluentActions.Invoking(() => ClassWeights.Balanced([Draw.Row(1, 0)])).Should().ThrowExactly<ArgumentException>()
            .WithMessage("*class 1 has none*");
    }

    private static FitOptions Options(
        int batchSize,
        double rate,
        IReadOnlyList<double>? weights = null,
        Action<double>? told = null,
        IReadOnlyList<double>? classWeights = null,
        bool dropLast = false) => new()
        {
            BatchSize = batchSize,
            Optimizer = new Sgd(rate),
            SampleWeights = weights,
            ClassWeights = classWeights,
            DropLast = dropLast,
            BatchProgress = told is null ? null : new SynchronousProgress<BatchReport>(report => told(report.Loss)),
        };

    private static Network Network() => new Network { InitialSeed = 3 }
        .Add(new FCLayer(3, 4)).Add(new ActivationLayer(ActivationFunction.Tanh)).Add(new FCLayer(4, 2))
        .Use(LossFunction.SoftmaxCrossEntropy);

    private static Network WithDropout() => new Network { InitialSeed = 3 }
        .Add(new FCLayer(3, 8)).Add(new DropoutLayer(0.3)).Add(new FCLayer(8, 2))
        .Use(LossFunction.SoftmaxCrossEntropy);

    private static void ShouldBeNear(Network one, Network other) =>
        LayerTree.Parameters(one.Layers).SelectMany(parameter => parameter.Value.Enumerate()).Should().Equal(
            LayerTree.Parameters(other.Layers).SelectMany(parameter => parameter.Value.Enumerate()),
            (left, right) => Math.Abs(left - right) <= 1e-14);

    /// <summary>Of sequences the first may have one step, and a target of one row.</summary>
    [Fact]
    public void ClassWeightsRefuseTargetsOfSeveralRows()
    {
        var random = Draw.Seeded(1);
        Matrix<double>[] x = [Draw.Matrix(1, 3, random), Draw.Matrix(2, 3, random)];
        Matrix<double>[] y = [Matrices.Of([1, 0]), Matrices.Of([1, 0], [0, 1])];
        var net = new Network().Add(new FCLayer(3, 2)).Use(LossFunction.SoftmaxCrossEntropy);

        net.Invoking(it => it.Fit(x, y, new FitOptions { Epochs = 1, ClassWeights = [1, 2], Shuffle = false }))
            .Should().ThrowExactly<ArgumentException>().WithMessage("*one row, but yTrain[1] is 2 x 2.*SampleWeights*");
    }
}
