using CsCheck;

namespace NeuralNet.Tests.Models;

public class CloneTests
{
    [Fact]
    public void ACloneHasTheSameBitsAndTrainsAlike() => RandomNetwork.WithBatchNorm.Sample(
        recipe =>
        {
            var (network, (x, y)) = ((recipe with { OwnRandom = false }).Make(), recipe.Samples(3));
            var options = new FitOptions { Epochs = 2, BatchSize = 2, Seed = 3 };

            var clone = network.Clone();

            Fingerprint.Of(clone.Predict(x)).Should().Be(Fingerprint.Of(network.Predict(x)));
            clone.Fit(x, y, options).Losses.Should().Equal(network.Fit(x, y, options).Losses);
            Fingerprint.OfParameters(clone.Layers).Should().Be(Fingerprint.OfParameters(network.Layers));
        },
        iter: 200);

    [Fact]
    public void EveryKindOfLayerIsCopiedWithItsStatisticsAndSettings()
    {
        var network = SavedNetworks.All(3);

        ModelBytes.Of(network.Clone()).Should().Equal(ModelBytes.Of(network));
    }

    [Fact]
    public void TrainingEitherLeavesTheOther()
    {
        var network = SavedNetworks.All(3);
        byte[] before = ModelBytes.Of(network);
        var clone = network.Clone();

        SavedNetworks.Train(clone, 3);
        ModelBytes.Of(network).Should().Equal(before);
        byte[] trained = ModelBytes.Of(clone);
        SavedNetworks.Train(network, 4);

        ModelBytes.Of(clone).Should().Equal(trained).And.NotEqual(ModelBytes.Of(network));
    }

    [Fact]
    public void ALayerOfAUsersIsCopiedThroughTheRegistry()
    {
        var network = new Network().Add(new UserLayers.Scale(Draw.Row(1, 2))).Use(Losses.Mse, Losses.MsePrime);
        var registry = new LayerRegistry()
            .Add("scale", (UserLayers.Scale scale) => "2", size => new UserLayers.Scale(Draw.Row(new double[int.Parse(size)])));

        var clone = network.Clone(registry);
        clone.Fit([Draw.Row(1, 1)], [Draw.Row(0, 0)], 1, 0.1);

        network.Predict(Draw.Row(1, 1)).Should().BeEquivalentTo(Draw.Row(1, 2));
        clone.Predict(Draw.Row(1, 1)).Should().NotBeEquivalentTo(Draw.Row(1, 2));
        network.Invoking(own => own.Clone())
            .Should().Throw<ArgumentException>().WithMessage("Layer 0, Scale, is not the library's own*registry.Add<Scale>*");
    }

    [Fact]
    public void ARegistryThatGivesTheSameLayerAgainIsCaught()
    {
        var layer = new UserLayers.Scale(Draw.Row(1, 2));
        var registry = new LayerRegistry().Add("scale", (UserLayers.Scale scale) => "", _ => layer);

        new Network().Add(layer).Invoking(network => network.Clone(registry))
            .Should().Throw<ArgumentException>().WithMessage("*must make a new layer*");
    }
}
