using MathNet.Numerics.Random;
using NeuralNet.Kernels;
using NeuralNet.Tests.Training;

namespace NeuralNet.Tests.Models;

public class InitialSeedTests
{
    [Fact]
    public void ItIsSavedLoadedAndCopied()
    {
        foreach (int? seed in new int?[] { null, 0, -1, int.MaxValue, int.MinValue })
        {
            var network = new Network { InitialSeed = seed }.Add(new FCLayer(2, 1));

            ModelBytes.Load(ModelBytes.Of(network)).InitialSeed.Should().Be(seed);
            network.Clone().InitialSeed.Should().Be(seed);
        }
    }

    /// <summary>FC, convolution, every way to start, dropout between.</summary>
    private static Network Seeded(int? seed) => new Network { InitialSeed = seed }
        .Add(new ConvLayer((5, 5, 1), (3, 3), 2))
        .Add(new FlattenLayer())
        .Add(new DropoutLayer(0.5))
        .Add(new FCLayer(18, 18, Initializer.HeNormal))
        .Add(new FCLayer(18, 18, Initializer.HeNormal))
        .Add(new FCLayer(18, 2))
        .Use(Losses.Mse, Losses.MsePrime);

    [Fact]
    public void OneLineSeedsANetwork()
    {
        Seeded(1).Bits().Should().Be(Seeded(1).Bits()).And.NotBe(Seeded(2).Bits());
        Seeded(0).Bits().Should().NotBe(Seeded(-1).Bits());
        Seeded(null).Bits().Should().NotBe(Seeded(null).Bits(), "nobody asked for the same");
        var layers = Seeded(1).Layers;
        ((FCLayer)layers[3]).Weights.Should().NotBeEquivalentTo(((FCLayer)layers[4]).Weights, "each place has numbers of its own");
    }

    [Fact]
    public void SeededNetworksTrainToTheSameBits()
    {
        var (x, y) = (Draw.Matrices(6, 5, 5, Draw.Seeded(1)), Draw.Matrices(6, 1, 2, Draw.Seeded(2)));
        string Train(Network network)
        {
            network.Fit(x, y, new FitOptions { Epochs = 2, BatchSize = 2, Shuffle = true, Seed = 1 });
            return network.Bits();
        }

        Train(Seeded(1)).Should().Be(Train(Seeded(1)));
    }

    [Fact]
    public void TheOrderInWhichLayersAreMadeDoesNotMatter()
    {
        var (first, second) = (new FCLayer(3, 4), new FCLayer(4, 2));
        var (last, before) = (new FCLayer(4, 2), new FCLayer(3, 4));

        new Network { InitialSeed = 5 }.Add(first).Add(second).Bits()
            .Should().Be(new Network { InitialSeed = 5 }.Add(before).Add(last).Bits());
    }

    [Fact]
    public void WeightsAndBiasStayUniformAroundZeroAsInTheArticle()
    {
        var layer = new FCLayer(200, 100);
        new Network { InitialSeed = 3 }.Add(layer);

        var values = layer.Parameters.SelectMany(parameter => parameter.Value.Enumerate()).ToArray();
        values.Should().AllSatisfy(value => value.Should().BeInRange(-0.5, 0.5));
        values.Average().Should().BeApproximately(0, 0.01);
        values.Select(value => value * value).Average().Should().BeApproximately(1.0 / 12, 0.003);
    }

    /// <summary>The algorithm that the documentation of InitialSeed states.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(-7, 2)]
    public void TheGeneratorOfAPlaceIsTheOneThatIsDocumented(int seed, int place)
    {
        var network = new Network { InitialSeed = seed };
        for (int i = 0; i <= place; i++)
        {
            network.Add(new FCLayer(2, 2));
        }

        int mixed = unchecked((int)Hash.Mix(((ulong)(uint)seed << 32) + uint.MaxValue - (uint)place));
        network.Layers[place]
            .Should().BeOfType<FCLayer>().Which.Weights.ShouldBeBitForBit(new FCLayer(2, 2, random: new Xoshiro256StarStar(mixed)).Weights);
    }

    [Fact]
    public void ALayerWithAGeneratorOfItsOwnKeepsWhatItDrew()
    {
        var (layer, twin) = (new FCLayer(3, 4, random: Draw.Seeded(1)), new FCLayer(3, 4, random: Draw.Seeded(1)));

        new Network { InitialSeed = 5 }.Add(layer);

        Fingerprint.OfParameters([layer]).Should().Be(Fingerprint.OfParameters([twin]));
    }

    public static TheoryData<string, Action<FCLayer>> Changes => new()
    {
        { "weights", layer => layer.Weights = Draw.Matrix(2, 2, Draw.Seeded(1)) },
        { "bias", layer => layer.Bias = Draw.Row(0, 0) },
        { "one value of the live matrix", layer => layer.Weights[1, 1] = 0.25 },
        { "a step", layer => layer.BackwardPropagation(layer.ForwardPropagation(Draw.Row(1, 1)), 0.1) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void WhatWasChangedBeforeStays(string what, Action<FCLayer> change)
    {
        var layer = new FCLayer(2, 2);
        change(layer);
        string before = Fingerprint.OfParameters([layer]);

        new Network { InitialSeed = 5 }.Add(layer);

        Fingerprint.OfParameters([layer]).Should().Be(before, what);
    }

    [Fact]
    public void ALayerOfOneNetworkIsNotDrawnAnewByAnother()
    {
        var (layer, other, fresh) = (new FCLayer(2, 2), new FCLayer(2, 2), new FCLayer(2, 2));
        new Network { InitialSeed = 5 }.Add(layer);
        string seeded = Fingerprint.OfParameters([layer]);
        new Network { InitialSeed = 6 }.Add(layer);
        new Network().Add(other);
        new Network { InitialSeed = 6 }.Add(other);
        new Network { InitialSeed = 6 }.Add(fresh);

        Fingerprint.OfParameters([layer]).Should().Be(seeded);
        Fingerprint.OfParameters([other]).Should().Be(Fingerprint.OfParameters([fresh]), "a network without a seed draws nothing");
    }

    [Fact]
    public void LoadedAndCopiedNetworksKeepTheirWeightsAndDrawWhatIsAddedLater()
    {
        var network = Seeded(1);
        string before = network.Bits();
        var (loaded, clone) = (ModelBytes.Load(ModelBytes.Of(network)), network.Clone());

        loaded.Bits().Should().Be(before);
        clone.Bits().Should().Be(before);
        string grown = network.Add(new FCLayer(2, 2)).Bits();
        loaded.Add(new FCLayer(2, 2)).Bits().Should().Be(grown);
        clone.Add(new FCLayer(2, 2)).Bits().Should().Be(grown);
    }

    [Fact]
    public void LayersWithinAUsersLayerThatListsTheirParametersAreSeededToo()
    {
        static Network Make(int seed) => new Network { InitialSeed = seed }.Add(new Stack(new FCLayer(2, 3), new FCLayer(3, 2)));

        Make(1).Bits().Should().Be(Make(1).Bits()).And.NotBe(Make(2).Bits());
    }

    /// <summary>Layers within others draw from the first network with a seed that they come into, whatever they were in before.</summary>
    [Fact]
    public void LayersWithinOthersAreSeededWhateverTheOrder()
    {
        static Layer Within(string how)
        {
            var (first, second) = (new FCLayer(3, 3), new FCLayer(3, 3));
            var inner = new Network();
            var block = new ConcatenateLayer([new ResidualLayer([first])], [second]);
            return how switch
            {
                "at once" => new NetworkLayer(inner.Add(block)),
                "one by one" => new NetworkLayer(new Network().Add(new NetworkLayer(inner.Add(block)))),
                _ => new NetworkLayer(inner.Add(new FCLayer(3, 3)).Add(new ResidualLayer([new NetworkLayer(new Network().Add(first))]))),
            };
        }

        static string Bits(string how, int seed) => new Network { InitialSeed = seed }.Add(Within(how)).Bits();
        foreach (string how in (string[])["at once", "one by one", "in another"])
        {
            Bits(how, 1).Should().Be(Bits(how, 1), how).And.NotBe(Bits(how, 2), how);
        }

        Bits("at once", 3).Should().Be(Bits("one by one", 3));
    }

    [Fact]
    public void WhatANetworkWithinHasLearntOrDrawnFromItsOwnSeedStays()
    {
        var (seeded, trained, loaded) = (new Network { InitialSeed = 5 }, new Network().Use(LossFunction.Mse), new Network());
        foreach (var inner in (Network[])[seeded, trained, loaded])
        {
            inner.Add(new FCLayer(2, 2));
        }

        trained.Fit([Draw.Row(1, 2)], [Draw.Row(3, 4)], 1, 0.1);
        loaded = ModelBytes.Load(ModelBytes.Of(loaded));
        foreach (var inner in (Network[])[seeded, trained, loaded, loaded.Clone()])
        {
            string before = inner.Bits();
            new Network { InitialSeed = 6 }.Add(new NetworkLayer(inner));
            inner.Bits().Should().Be(before);
        }
    }

    [Fact]
    public void SettingItAfterLayersWereAddedIsRefused()
    {
        var network = Seeded(1);

        network.Invoking(one => one.InitialSeed = 2).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("*has layers already*new Network { InitialSeed = 1 }*");
        network.InitialSeed = 1;
        new Network { InitialSeed = 1 }.InitialSeed.Should().Be(1);
    }

    [Fact]
    public void TrainingLeavesItAndTellsItsOwnSeedInTheHistory()
    {
        var (x, y) = Trained.Samples(6);
        var (told, drawn, again) = (Trained.Small(), Trained.Small(), Trained.Small());

        told.Fit(x, y, new FitOptions { Seed = 7 }).Seed.Should().Be(7);
        int seed = drawn.Fit(x, y, new FitOptions { Shuffle = true }).Seed;
        again.Fit(x, y, new FitOptions { Shuffle = true, Seed = seed });

        again.Bits().Should().Be(drawn.Bits(), "the seed that was drawn repeats the training");
        told.InitialSeed.Should().BeNull();
    }

    [Fact]
    public void TheArticlesFitLeavesItToo()
    {
        var (x, y) = Trained.Samples(6);
        var network = Trained.Small();

        network.Fit(x, y, 1, 0.1);

        network.InitialSeed.Should().BeNull();
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("\\\"1\\\"")]
    [InlineData("2147483648")]
    [InlineData("1,\\\"seed\\\":1")]
    public void AnyOtherSeedIsRefused(string seed)
    {
        byte[] file = ModelBytes.WithHeader(
            ModelBytes.Of(new Network { InitialSeed = 1 }),
            header => header.Replace("\\\"seed\\\":1", $"\\\"seed\\\":{seed}", StringComparison.Ordinal));

        FluentActions.Invoking(() => ModelBytes.Load(file)).Should().Throw<ModelFormatException>().WithMessage("*seed*");
    }
}
