using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

public class NetworkOverflowTests
{
    private const double TooLarge = 3.7;

    private readonly Matrix<double>[] _x = Draw.Matrices(5, 1, 4, Draw.Seeded(1));
    private readonly Matrix<double>[] _y = Draw.Matrices(5, 1, 2, Draw.Seeded(2));

    public static TheoryData<string> Kinds => ["built-in", "custom loss", "user's layer"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AHugeLearningRateLeavesTheWeightsOfTheLastGoodEpoch(string kind)
    {
        var network = Linear(kind);
        var history = network.Fit(_x, _y, 10_000, TooLarge);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().HaveCountGreaterThan(2).And.OnlyContain(loss => double.IsFinite(loss));
        history.StopMessage.Should()
            .MatchRegex($@"epoch {history.Losses.Count + 1}:.* sample [1-4] ", "an overflow in mid-epoch has updates to take back").And
            .Contain("smaller learning rate");
        history.ToString().Should().Be(history.StopMessage);

        var twin = Linear(kind);
        var twinHistory = twin.Fit(_x, _y, history.Losses.Count, TooLarge);
        twinHistory.StopReason.Should().Be(StopReason.EpochsCompleted);
        twinHistory.Losses.Should().Equal(history.Losses);
        Fingerprint.OfParameters(network.Layers).Should().Be(Fingerprint.OfParameters(twin.Layers));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnOverflowInTheFirstEpochLeavesTheInitialWeights(string kind)
    {
        var network = Linear(kind);
        string before = Fingerprint.OfParameters(network.Layers);

        var history = network.Fit(_x, _y, 10, 1e200);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().BeEmpty();
        history.StopMessage.Should().Contain("epoch 1:").And.Contain("sample 1 ");
        Fingerprint.OfParameters(network.Layers).Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AParameterThatOverflowsAfterTheLastFiniteLossIsFoundToo(string kind)
    {
        var network = Linear(kind);
        string before = Fingerprint.OfParameters(network.Layers);

        var history = network.Fit([1e100 * _x[0]], [_y[0]], 10, 1e250);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().BeEmpty();
        history.StopMessage.Should().ContainAll("epoch 1:", "layers.0.Weights of FCLayer(4 -> 2) is no longer finite after sample 0.");
        Fingerprint.OfParameters(network.Layers).Should().Be(before);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void AUsersLossThatIsNotFiniteEndsTrainingAtThatSample(double value)
    {
        int calls = 0;
        var network = Linear("built-in").Use((yTrue, yPred) => ++calls == 14 ? value : Losses.Mse(yTrue, yPred), Losses.MsePrime);

        var history = network.Fit(_x, _y, 10, 0.1);

        calls.Should().Be(14);
        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.StopMessage.Should().Contain($"epoch 3: the loss of sample 3 is {value}");
        var twin = Linear("custom loss");
        twin.Fit(_x, _y, 2, 0.1).Losses.Should().Equal(history.Losses);
        Fingerprint.OfParameters(network.Layers).Should().Be(Fingerprint.OfParameters(twin.Layers));
    }

    [Fact]
    public void LossesThatAreFiniteOneByOneButNotInSumAreAnOverflow()
    {
        var network = Linear("built-in").Use((_, _) => 1e308, (_, yPred) => 0 * yPred);

        var history = network.Fit(_x, _y, 2, 0.1);

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        history.Losses.Should().BeEmpty();
        history.StopMessage.Should().ContainAll("epoch 1:", "sample 1 ");
    }

    [Fact]
    public void TheParametersOfAUsersTrainableLayerGoBackToo()
    {
        static Network Make() => new Network()
            .Add(new UserLayers.Scale(Draw.Row(0.5, -0.25, 1, 2)))
            .Add(new FCLayer(4, 2, random: Draw.Seeded(3)))
            .Use(Losses.Mse, Losses.MsePrime);
        var network = Make();
        var history = network.Fit(_x, _y, 10_000, TooLarge);
        var twin = Make();
        if (history.Losses.Count > 0)
        {
            twin.Fit(_x, _y, history.Losses.Count, TooLarge);
        }

        history.StopReason.Should().Be(StopReason.NumericOverflow);
        Fingerprint.OfParameters(network.Layers).Should().Be(Fingerprint.OfParameters(twin.Layers));
    }

    [Fact]
    public void ANetworkThatOverflowedLearnsAgainAtASmallerRate()
    {
        var network = Linear("built-in");
        network.Fit(_x, _y, 10_000, TooLarge).StopReason.Should().Be(StopReason.NumericOverflow);
        network = Linear("built-in");
        network.Fit(_x, _y, 10, 1e200).StopReason.Should().Be(StopReason.NumericOverflow);

        var history = network.Fit(_x, _y, 50, 0.05);

        history.StopReason.Should().Be(StopReason.EpochsCompleted);
        history.Losses[^1].Should().BeLessThan(history.Losses[0]);
    }

    /// <summary>One linear layer: at a learning rate that is too large its error grows by about the same factor each epoch.</summary>
    private static Network Linear(string kind)
    {
        var network = new Network().Add(new FCLayer(4, 2, random: Draw.Seeded(3)));
        if (kind == "user's layer")
        {
            network.Add(new UserLayers.Activation(Activations.Linear, Activations.LinearPrime));
        }

        return kind == "custom loss"
            ? network.Use((yTrue, yPred) => Losses.Mse(yTrue, yPred), (yTrue, yPred) => Losses.MsePrime(yTrue, yPred))
            : network.Use(Losses.Mse, Losses.MsePrime);
    }
}
