using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Data;
using NeuralNet.Tests.Models;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Guards;

/// <summary>The library's layers inside a user's: what the network cannot see of them is refused by name, and the rest works.</summary>
public sealed class InnerLayerTests : IDisposable
{
    private static readonly (Matrix<double>[] X, Matrix<double>[] Y) s_data =
        (Draw.Matrices(6, 4, 4, Draw.Seeded(1)), Draw.Matrices(6, 4, 4, Draw.Seeded(2)));

    private static readonly LayerRegistry s_registry =
        new LayerRegistry().Add("residual", (Residual _) => "", _ => new Residual(NewNorm()));

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>All the ways in which a user's layer may hold one of the library's.</summary>
    public static TheoryData<string, Func<Layer, Layer>> Holders => new()
    {
        { "a field of a TrainableLayer", inner => new Residual(inner) },
        { "a field of a TrainableLayer that lists no parameters", inner => new Residual(inner, lists: false) },
        { "a list", inner => new Stack(new UserLayers.Custom(x => x, e => e), inner) },
        { "a layer within a layer", inner => new Stack(new Residual(new Stack(inner))) },
        { "a residual layer within a TrainableLayer", inner => new Residual(new ResidualLayer([inner])) },
        { "a residual layer around a TrainableLayer", inner => new ResidualLayer([new Residual(inner)]) },
        { "a residual layer within the article's layer", inner => InArticleLayer(new ResidualLayer([inner])) },
        { "the article's layer", InArticleLayer },
    };

    private static Layer InArticleLayer(Layer inner) =>
        new UserLayers.Custom(inner.ForwardPropagation, error => inner.BackwardPropagation(error, 0));

    [Fact]
    public void TheLayerThatHoldsItIsNamedAndNotTheResidualLayerAroundThat() =>
        Of(new ResidualLayer([new Residual(NewNorm())])).Invoking(net => net.Fit(s_data.X, s_data.Y, new FitOptions { BatchSize = 2 }))
            .Should().Throw<InvalidOperationException>().WithMessage("Residual has a BatchNormLayer(4 x 4 x 1) inside*");

    [Theory]
    [MemberData(nameof(Holders))]
    public void TrainingABatchNormInsideIsRefusedByBothNames(string how, Func<Layer, Layer> hold)
    {
        var layer = hold(NewNorm());
        var network = Of(layer);
        string before = network.Bits();

        foreach (var fit in Fits(network))
        {
            fit.Should().Throw<InvalidOperationException>(how).WithMessage(
                "*BatchNormLayer(4 x 4 x 1) inside, whose running mean and variance the network cannot see*"
                + "Add the BatchNormLayer to the network*");
        }

        network.Bits().Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Holders))]
    public void TrainingADropoutThatTheSeedDoesNotReachIsRefusedByBothNames(string how, Func<Layer, Layer> hold)
    {
        foreach (var fit in Fits(Of(hold(new DropoutLayer(0.5)))))
        {
            fit.Should().Throw<InvalidOperationException>(how)
                .WithMessage("*has a DropoutLayer(0.5) inside, which FitOptions.Seed does not reach*Add the DropoutLayer to the network*");
        }
    }

    [Theory]
    [MemberData(nameof(Holders))]
    public void ADropoutWithAGeneratorOfItsOwnTrainsTheSameWayEachTime(string how, Func<Layer, Layer> hold)
    {
        TrainingHistory Train(FitOptions options) => Of(hold(new DropoutLayer(0.5, Draw.Seeded(1)))).Fit(s_data.X, s_data.Y, options);

        Train(new FitOptions { Seed = 1 }).Losses.Should().Equal(Train(new FitOptions { Seed = 2 }).Losses, how);
        FluentActions.Invoking(() =>
            Train(new FitOptions { Checkpoint = new Checkpoint(Path.Combine(_folder.Path, "run")) { Registry = Registry() } }))
            .Should().Throw<InvalidOperationException>().WithMessage("*DropoutLayer(0.5) inside, whose generator the network cannot see*");
    }

    [Fact]
    public void ADropoutInsideBesideABatchNormIsRefusedBecauseBackwardWouldMeetOtherNumbers()
    {
        var network = Of(new Residual(new DropoutLayer(0.5, Draw.Seeded(1)))).Add(NewNorm());

        network.Invoking(one => one.Fit(s_data.X, s_data.Y, new FitOptions())).Should().Throw<InvalidOperationException>()
            .WithMessage("*DropoutLayer(0.5) inside, whose generator the network cannot see*");
    }

    /// <summary>What the issue met: 4.196932 before Save, 1.301901 after Load.</summary>
    [Fact]
    public void FilesAndCopiesOfABatchNormInsideAreRefused()
    {
        var network = Of(new Residual(NewNorm()));

        Refused(() => network.Save(new MemoryStream(), s_registry));
        Refused(() => network.Save(Path.Combine(_folder.Path, "file"), s_registry));
        Refused(() => network.Clone(s_registry));
        Refused(() => network.LoadWeights(new MemoryStream(ModelBytes.Of(Of(NewNorm())))));
        Refused(() => network.Fit(s_data.X, s_data.Y, new FitOptions { EarlyStopping = new EarlyStopping() }));
        Refused(() =>
            network.Fit(s_data.X, s_data.Y,
            new FitOptions { Checkpoint = new Checkpoint(Path.Combine(_folder.Path, "run")) { Registry = s_registry } }));
        _folder.Files.Should().BeEmpty();

        static void Refused(Action action) => action.Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("Residual has a BatchNormLayer(4 x 4 x 1) inside, whose running mean*");
    }

    /// <summary>Earlier versions wrote such files.</summary>
    [Fact]
    public void AFileThatLacksTheStatisticsIsNotLoaded()
    {
        var registry = new LayerRegistry().Add("residual", (Residual _) => "", _ => new Residual(new GammaAndBeta()));
        byte[] file = ModelBytes.Of(Of(new Residual(new GammaAndBeta())), registry);

        FluentActions.Invoking(() => ModelBytes.Load(file, s_registry)).Should().Throw<ModelFormatException>()
            .WithMessage("*it lacks state of a layer: Residual has a BatchNormLayer(4 x 4 x 1) inside*");
    }

    [Fact]
    public void PredictionsThatWouldTrainAreRefusedAndThoseThatDoNotAreRight()
    {
        foreach (var inner in new Layer[] { NewNorm(), new DropoutLayer(0.5), new DropoutLayer(0.5, Draw.Seeded(1)) })
        {
            Of(new Residual(inner)).Invoking(network => network.Predict(s_data.X[0])).Should().Throw<InvalidOperationException>()
                .WithMessage($"Residual calls {inner.Name}'s ForwardPropagation for a prediction*Override Predict in Residual*");
            Of(new Predicting(inner)).Predict(s_data.X[0]).Should().BeEquivalentTo(inner.Predict(s_data.X[0]));
        }
    }

    [Fact]
    public void WhatHasParametersOnlyOrNothingTrainsIsSavedAndComesBack()
    {
        static Stack New(int seed) => new(
            new ConvLayer((4, 4, 1), (1, 1), 2, random: Draw.Seeded(seed)),
            BuiltIn.Layer("Tanh"),
            new Stack(new MaxPoolLayer((4, 4, 2), (1, 1), (1, 1)), new ConvLayer((4, 4, 2), (1, 1), 1, random: Draw.Seeded(seed))));
        var registry = new LayerRegistry().Add("stack", (Stack _) => "", _ => New(9));
        var network = Of(New(1)).Add(NewNorm());
        network.Fit(s_data.X, s_data.Y, new FitOptions
        {
            Epochs = 3,
            Seed = 1,
            EarlyStopping = new EarlyStopping(),
            Checkpoint = new Checkpoint(Path.Combine(_folder.Path, "run")) { Registry = registry },
        });

        ModelBytes.Load(ModelBytes.Of(network, registry), registry).Predict(s_data.X[0])
            .Should().BeEquivalentTo(network.Predict(s_data.X[0]));
        network.Clone(registry).Predict(s_data.X[0]).Should().BeEquivalentTo(network.Predict(s_data.X[0]));
    }

    /// <summary>Nothing is refused where no network of the outer layer runs.</summary>
    [Fact]
    public void LayersOnTheirOwnAndNetworksWithinLayersAreLeftAlone()
    {
        var norm = NewNorm();
        norm.ForwardPropagation(s_data.X[0]);
        new Stack(norm, new DropoutLayer(0.5)).ForwardPropagation(s_data.X[0]);
        GradientCheck.Run(new Stack(NewNorm()), s_data.X[0]).WorstRelativeError.Should().BeLessThan(1e-6);

        var inner = Of(NewNorm()).Add(new DropoutLayer(0.5));
        var outer = Of(new UserLayers.Custom(
            x =>
            {
                inner.Fit([x], [x], new FitOptions { Seed = 1 });
                return inner.Predict(x);
            },
            error => error));
        outer.Fit(s_data.X, s_data.Y, 1, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);

        var network = Of(new Stack(BuiltIn.Layer("Tanh"))).Add(norm);
        network.Fit(s_data.X, s_data.Y, new FitOptions { Progress = Trained.Tell<EpochReport>(_ => norm.ForwardPropagation(s_data.X[0])) });
    }

    /// <summary>After an exception out of a user's layer its thread is as before.</summary>
    [Fact]
    public void ALayerThatThrowsLeavesNoTrace()
    {
        var network = Of(new UserLayers.Custom(_ => throw new NotSupportedException(), error => error));
        network.Invoking(one => one.Fit(s_data.X, s_data.Y, 1, 0.1)).Should().Throw<Exception>();
        network.Invoking(one => one.Predict(s_data.X[0])).Should().Throw<Exception>();

        NewNorm().Invoking(norm => norm.ForwardPropagation(s_data.X[0])).Should().NotThrow();
    }

    [Fact]
    public void ALayerThatSharesTheParametersOfOneOfTheNetworkHidesNothing()
    {
        var norm = NewNorm();
        var network = Of(norm).Add(new Sharing(norm));

        network.Fit(s_data.X, s_data.Y, new FitOptions()).StopReason.Should().Be(StopReason.EpochsCompleted);
    }

    private static BatchNormLayer NewNorm() => new((4, 4, 1));

    private static Network Of(Layer layer) => new Network().Add(layer).Use(Losses.Mse, Losses.MsePrime);

    private static LayerRegistry Registry() => new LayerRegistry()
        .Add("residual", (Residual _) => "", _ => new Residual(NewNorm()))
        .Add("stack", (Stack _) => "", _ => new Stack())
        .Add("custom", (UserLayers.Custom _) => "", _ => new UserLayers.Custom(x => x, error => error));

    private static Action[] Fits(Network network) =>
    [
        () => network.Fit(s_data.X, s_data.Y, 1, 0.1),
        () => network.Fit(s_data.X, s_data.Y, new FitOptions { BatchSize = 3, Seed = 1 }),
    ];

    /// <summary>Y = X + F(X).</summary>
    private sealed class Residual(Layer inner, bool lists = true) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters { get; } = lists && inner is TrainableLayer { Parameters: var parameters }
            ? parameters : [];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            return Output = input + inner.ForwardPropagation(input);
        }

        public override Matrix<double> Backward(Matrix<double> outputError) =>
            outputError + (inner is TrainableLayer trainable ? trainable.Backward(outputError) : inner.BackwardPropagation(outputError, 0));
    }

    /// <summary>Knows that a prediction is no training.</summary>
    private sealed class Predicting(Layer inner) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => inner.ForwardPropagation(input);

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
            inner.BackwardPropagation(outputError, learningRate);

        public override Matrix<double> Predict(Matrix<double> input) => inner.Predict(input);
    }

    private sealed class GammaAndBeta : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters { get; } =
            [new Parameter("Gamma", Draw.Row(1)), new Parameter("Beta", Draw.Row(0))];

        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> Backward(Matrix<double> outputError) => outputError;
    }

    private sealed class Sharing(TrainableLayer other) : TrainableLayer
    {
        public override IReadOnlyList<Parameter> Parameters => other.Parameters;

        public override Matrix<double> ForwardPropagation(Matrix<double> input) => input;

        public override Matrix<double> Backward(Matrix<double> outputError) => outputError;
    }
}
