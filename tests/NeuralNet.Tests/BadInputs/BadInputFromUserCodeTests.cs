using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Functions and layers of a user that return null, or a matrix of 3 x 2 where 1 x 3 or 1 x 2 is due.</summary>
public class BadInputFromUserCodeTests
{
    private readonly FCLayer _first = new(4, 3, random: Draw.Seeded(1));
    private readonly FCLayer _last = new(3, 2, random: Draw.Seeded(2));
    private readonly Matrix<double>[] _x = Draw.Matrices(3, 1, 4, Draw.Seeded(3));
    private readonly Matrix<double>[] _y = Draw.Matrices(3, 1, 2, Draw.Seeded(4));
    private bool _broken = true;

    public static TheoryData<bool, bool> NullOrNotFastOrNot => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Theory]
    [MemberData(nameof(NullOrNotFastOrNot))]
    public void AnActivationThatReturnsTheWrongThingIsNamed(bool isNull, bool fast) =>
        FitShouldFail<InvalidOperationException>(
            NetworkOf(fast, new ActivationLayer(Broken(Activations.Tanh, isNull), Activations.TanhPrime)),
            "ActivationLayer(custom)", "its activation", "1 x 3", isNull ? "null" : "3 x 2");

    [Theory]
    [MemberData(nameof(NullOrNotFastOrNot))]
    public void ALossPrimeThatReturnsTheWrongThingIsNamed(bool isNull, bool fast)
    {
        var network = NetworkOf(fast, new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
        network.Use(Losses.Mse, (yTrue, yPred) => Broken(y => Losses.MsePrime(yTrue, y), isNull)(yPred));

        FitShouldFail<InvalidOperationException>(network, "lossPrime", "1 x 2", isNull ? "null" : "3 x 2");
    }

    [Theory]
    [MemberData(nameof(NullOrNotFastOrNot))]
    public void AnActivationPrimeThatReturnsTheWrongThingIsNamed(bool isNull, bool fast)
    {
        var network = NetworkOf(fast, new ActivationLayer(Activations.Tanh, Broken(Activations.TanhPrime, isNull)));

        network.Invoking(FitOnce).Should().ThrowExactly<InvalidOperationException>()
            .Which.Message.Should().ContainAll("ActivationLayer(custom)", "its activationPrime", "1 x 3", isNull ? "null" : "3 x 2");
        ShouldTrainOnceMended(network);
    }

    [Fact]
    public void AUsersLayerWhoseForwardPropagationReturnsNullIsNamed() =>
        FitShouldFail<InvalidOperationException>(
            NetworkOf(true, new UserLayers.Custom(Broken(x => x, true), error => error)),
            "Custom's ForwardPropagation returned null",
            "must return Y");

    [Fact]
    public void TheLayerAfterAUsersLayerNamesTheShapeItWasGiven() =>
        FitShouldFail<ArgumentException>(
            NetworkOf(true, new UserLayers.Custom(Broken(x => x, false), error => error)),
            "FCLayer(3 -> 2) expects a 1 x 3 input, but got 3 x 2.");

    [Fact]
    public void AUsersLastLayerThatGivesAnotherShapeThanTheTargetsIsNamed()
    {
        var network = new Network().Add(new FCLayer(4, 2)).Add(new UserLayers.Custom(Broken(x => x, false), error => error))
            .Use(Losses.Mse, Losses.MsePrime);

        FitShouldFail<ArgumentException>(network, "Custom gives 3 x 2", "yTrain", "1 x 2");
    }

    [Fact]
    public void AUsersLayerWhoseBackwardPropagationReturnsNullIsNamed()
    {
        var network = NetworkOf(true, new UserLayers.Custom(x => x, Broken(error => error, true)));

        network.Invoking(FitOnce).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("Custom's BackwardPropagation returned null*must return dE/dX*");
        ShouldTrainOnceMended(network);
    }

    [Fact]
    public void AUsersLayerWhoseBackwardPropagationReturnsAnotherShapeIsNamed()
    {
        var network = NetworkOf(true, new UserLayers.Custom(x => x, Broken(error => error, false)));

        network.Invoking(FitOnce).Should().ThrowExactly<InvalidOperationException>()
            .WithMessage("Custom's BackwardPropagation returned 3 x 2; it must return dE/dX in the shape of its input, 1 x 3.");
        ShouldTrainOnceMended(network);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PredictNamesAFunctionThatReturnsTheWrongThing(bool isNull)
    {
        string got = isNull ? "null" : "3 x 2";
        var withFunction = NetworkOf(true, new ActivationLayer(Broken(Activations.Tanh, isNull), Activations.TanhPrime));
        withFunction.Invoking(network => network.Predict(_x[0])).Should().ThrowExactly<InvalidOperationException>()
            .Which.Message.Should().ContainAll("ActivationLayer(custom)", "1 x 3", got);

        var withLayer = NetworkOf(true, new UserLayers.Custom(Broken(x => x, isNull), error => error));
        withLayer.Invoking(network => network.Predict(_x)).Should().Throw<Exception>()
            .Where(exception => exception.GetType() == (isNull ? typeof(InvalidOperationException) : typeof(ArgumentException)))
            .Which.Message
            .Should().Contain(isNull ? "Custom's Predict returned null" : "FCLayer(3 -> 2) expects a 1 x 3 input, but got 3 x 2.");
    }

    private Network NetworkOf(bool fast, Layer middle)
    {
        var network = new Network().Add(_first);
        if (!fast)
        {
            network.Add(new UserLayers.Activation(Activations.Linear, Activations.LinearPrime));
        }

        return network.Add(middle).Add(_last).Use(Losses.Mse, Losses.MsePrime);
    }

    private Func<Matrix<double>, Matrix<double>> Broken(Func<Matrix<double>, Matrix<double>> function, bool isNull) =>
        x => !_broken ? function(x) : isNull ? null! : Matrix<double>.Build.Dense(3, 2);

    private void FitOnce(Network network) => network.Fit(_x, _y, 1, 0.1);

    private void FitShouldFail<TException>(Network network, params string[] says)
        where TException : Exception
    {
        string before = Fingerprint.OfParameters(network.Layers);

        network.Invoking(FitOnce).Should().ThrowExactly<TException>().Which.Message.Should().ContainAll(says);

        Fingerprint.OfParameters(network.Layers).Should().Be(before);
        ShouldTrainOnceMended(network);
    }

    private void ShouldTrainOnceMended(Network network)
    {
        _broken = false;
        network.Fit(_x, _y, 2, 0.1).StopReason.Should().Be(StopReason.EpochsCompleted);
    }
}
