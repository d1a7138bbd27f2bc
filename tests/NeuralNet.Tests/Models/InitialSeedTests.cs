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

    [Fact]
    public void FitWithOptionsNotesItsSeedWhereNobodyHasSaid()
    {
        var (x, y) = Trained.Samples(6);
        var (told, first, drawn) = (Trained.Small(), Trained.Small(), Trained.Small());
        told.InitialSeed = 3;

        told.Fit(x, y, new FitOptions { Seed = 7 });
        first.Fit(x, y, new FitOptions { Seed = 7 });
        first.Fit(x, y, new FitOptions { Seed = 8 });
        drawn.Fit(x, y, new FitOptions { Shuffle = true });

        told.InitialSeed.Should().Be(3);
        first.InitialSeed.Should().Be(7);
        var again = Trained.Small();
        again.Fit(x, y, new FitOptions { Shuffle = true, Seed = drawn.InitialSeed });
        again.Bits().Should().Be(drawn.Bits(), "the seed that was drawn repeats the training");
    }

    [Fact]
    public void TheArticlesFitDrawsNoSeed()
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
        byte[] file = ModelBytes.WithHeader(ModelBytes.Of(new Network { InitialSeed = 1 }), header => header.Replace("\\\"seed\\\":1", $"\\\"seed\\\":{seed}", StringComparison.Ordinal));

        FluentActions.Invoking(() => ModelBytes.Load(file)).Should().Throw<ModelFormatException>().WithMessage("*seed*");
    }
}
