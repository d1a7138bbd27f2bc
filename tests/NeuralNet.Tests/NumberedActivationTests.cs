using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Tests.Models;

namespace NeuralNet.Tests;

/// <summary>Activations that have a number of their own, and all of them against PyTorch's figures.</summary>
public class NumberedActivationTests
{
    private const double Tolerance = 1e-10;

    public static TheoryData<string> Activations =>
        [.. GoldenFile.Read("functions.json").GetProperty("activations").EnumerateObject().Select(property => property.Name)];

    public static TheoryData<string> Losses =>
        [.. GoldenFile.Read("functions.json").GetProperty("losses").EnumerateObject().Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Activations))]
    public void ValuesAndDerivativesAgreeWithPyTorch(string name)
    {
        var golden = GoldenFile.Read("functions.json").GetProperty("activations").GetProperty(name);
        var function = ActivationFunction.Named(Capital(name))!;
        var x = golden.GetProperty("x").Row();

        // PyTorch takes hardSigmoid's 1/6 as a float.
        double tolerance = name == "hardSigmoid" ? 1e-7 : Tolerance;
        function.Function(x).ShouldBeNear(golden.GetProperty("y").Row(), Tolerance, what: name);
        function.Derivative(x).ShouldBeNear(golden.GetProperty("derivative").Row(), tolerance, what: $"{name}'");
        function.Name.Should().Be(Capital(name));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void LossesAndDerivativesAgreeWithPyTorch(string name)
    {
        var golden = GoldenFile.Read("functions.json").GetProperty("losses").GetProperty(name);
        var loss = LossFunction.Named(Capital(name))!;
        var (yTrue, yPred) = (golden.GetProperty("yTrue").Matrix(), golden.GetProperty("yPred").Matrix());

        loss.Function(yTrue, yPred).ShouldBeNear(golden.Double("loss"), Tolerance);
        loss.Derivative(yTrue, yPred).ShouldBeNear(golden.GetProperty("derivative").Matrix(), Tolerance, what: name);
    }

    [Theory]
    [InlineData("LeakyRelu(0.2)")]
    [InlineData("LeakyRelu(-1.5)")]
    [InlineData("LeakyRelu(0)")]
    [InlineData("Elu(0.30000000000000004)")]
    [InlineData("Elu(1E-20)")]
    public void ItIsSavedAndLoadedWithItsNumberAndItsDerivativeIsThatOfFiniteDifferences(string name)
    {
        var function = ActivationFunction.Named(name)!;
        var x = Draw.Row(-2, -0.5, 0.5, 3);
        var net = new Network().Add(new ActivationLayer(function));
        var loaded = ModelBytes.Load(ModelBytes.Of(net));

        function.ToString().Should().Be(name);
        net.Layers[0].ToString().Should().Be($"ActivationLayer({name})");
        loaded.Layers[0].ToString().Should().Be($"ActivationLayer({name})");
        loaded.Predict(x).ShouldBeBitForBit(net.Predict(x));
        GradientCheck.Run(net.Layers[0], x).WorstRelativeError.Should().BeLessThan(1e-6);
        new ActivationLayer(function.Function, function.Derivative).ToString().Should().Be($"ActivationLayer({name})");
        ModelBytes.Of(net.Clone()).Should().Equal(ModelBytes.Of(net));
    }

    [Fact]
    public void TheUsualNumbersAreTheUsualFunctions()
    {
        ActivationFunction.LeakyReluWith(0.01).Should().BeSameAs(ActivationFunction.LeakyRelu);
        ActivationFunction.EluWith(1).Should().BeSameAs(ActivationFunction.Elu);
        ActivationFunction.LeakyReluWith(0.25).Function(Draw.Row(-4, 4)).ShouldBeBitForBit(Draw.Row(-1, 4));
    }

    [Theory]
    [InlineData("Elu(NaN)")]
    [InlineData("LeakyRelu(Infinity)")]
    [InlineData("Tanh(1)")]
    [InlineData("LeakyRelu(0.1")]
    public void AnotherNameIsNone(string name) => ActivationFunction.Named(name).Should().BeNull();

    [Fact]
    public void NumbersThatAreNotFiniteAreRefused()
    {
        foreach (double number in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            FluentActions.Invoking(() => ActivationFunction.LeakyReluWith(number)).Should().ThrowExactly<ArgumentOutOfRangeException>()
                .WithMessage("LeakyRelu's slope must be a finite number, but is*");
            FluentActions.Invoking(() => ActivationFunction.EluWith(number)).Should().ThrowExactly<ArgumentOutOfRangeException>()
                .WithMessage("Elu's alpha must be a finite number, but is*");
        }
    }

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
