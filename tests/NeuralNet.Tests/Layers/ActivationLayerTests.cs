using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Layers;

public class ActivationLayerTests
{
    public static TheoryData<string> Names => [.. BuiltIn.Activation.Keys];

    [Fact]
    public void OutputIsTheFunctionOfEachValueAndTheErrorIsTimesItsDerivative()
    {
        var layer = new ActivationLayer(Activations.Relu, Activations.ReluPrime);

        layer.ForwardPropagation(Matrices.Of([1, -2], [-3, 4])).ShouldBeBitForBit(Matrices.Of([1, 0], [0, 4]));
        layer.BackwardPropagation(Matrices.Of([5, 6], [7, 8]), 0.1).ShouldBeBitForBit(Matrices.Of([5, 0], [0, 8]));
    }

    [Fact]
    public void AnyTwoFunctionsWillDo()
    {
        var layer = new ActivationLayer(x => x.PointwisePower(2), x => 2 * x);

        layer.ForwardPropagation(Matrices.Of([1, -2, 3])).ShouldBeNear(Matrices.Of([1, 4, 9]), 1e-15);
        layer.BackwardPropagation(Matrices.Of([1, 10, 100]), 0).ShouldBeBitForBit(Matrices.Of([2, -40, 600]));
        layer.ToString().Should().Be("ActivationLayer(custom)");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AFunctionTheLayerDoesNotKnowGivesTheSameBitsAsTheBuiltInOne(string name)
    {
        var (function, prime) = BuiltIn.Activation[name];
        var builtIn = new ActivationLayer(function, prime);
        var custom = new ActivationLayer(x => function(x), x => prime(x));
        var x = Matrices.Uniform(5, 7, Draw.Seeded(1), -5, 5);
        var outputError = Draw.Matrix(5, 7, Draw.Seeded(2));

        custom.Predict(x).ShouldBeBitForBit(builtIn.Predict(x));
        custom.ForwardPropagation(x).ShouldBeBitForBit(builtIn.ForwardPropagation(x));
        custom.BackwardPropagation(outputError, 0.1).ShouldBeBitForBit(builtIn.BackwardPropagation(outputError, 0.1));
        builtIn.ToString().Should().Be($"ActivationLayer({name})");
    }
}
