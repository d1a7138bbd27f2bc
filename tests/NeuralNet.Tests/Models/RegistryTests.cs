using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Models;

public class RegistryTests
{
    private static readonly LayerRegistry s_registry = new LayerRegistry()
        .Add(
            "scale",
            (UserLayers.Scale scale) => scale.Parameters[0].Value.ColumnCount.ToString(CultureInfo.InvariantCulture),
            size => new UserLayers.Scale(Draw.Row(new double[int.Parse(size, CultureInfo.InvariantCulture)])))
        .Add(
            "stack",
            (Stack stack) => $"{stack.Layers.Count}",
            count => new Stack([.. Enumerable.Range(0, int.Parse(count, CultureInfo.InvariantCulture)).Select(_ => new FCLayer(2, 2))]))
        .AddActivation("square", Square, SquarePrime)
        .AddLoss("double", Double, DoublePrime);

    [Fact]
    public void AUsersLayersActivationsAndLossesComeBackByTheirNames()
    {
        var network = Own();

        var loaded = ModelBytes.Load(ModelBytes.Of(network, s_registry), s_registry);

        Fingerprint.OfParameters(loaded.Layers).Should().Be(Fingerprint.OfParameters(network.Layers));
        ((TrainableLayer)loaded.Layers[0]).Parameters[0].L2.Should().Be(0.5);
        var (x, y) = (Draw.Matrices(3, 1, 2, Draw.Seeded(1)), Draw.Matrices(3, 1, 2, Draw.Seeded(2)));
        loaded.Fit(x, y, 3, 0.01).Losses.Should().Equal(network.Fit(x, y, 3, 0.01).Losses);
    }

    [Fact]
    public void ParametersOfTheSameNameAreToldApartByANumber() =>
        ModelBytes.HeaderOf(ModelBytes.Of(Own(), s_registry))
            .Should().ContainAll("\"layers.2.Weights\"", "\"layers.2.Bias\"", "\"layers.2.Weights.2\"", "\"layers.2.Bias.2\"");

    [Fact]
    public void WithoutARegistryLoadingNamesWhatIsMissing()
    {
        byte[] layer = ModelBytes.Of(new Network().Add(new UserLayers.Scale(Draw.Row(1))), s_registry);

        FluentActions.Invoking(() => ModelBytes.Load(layer)).Should().Throw<ModelFormatException>()
            .WithMessage("The stream: layer 0: The layer 'scale' is not the library's own. Pass a LayerRegistry*");
    }

    [Fact]
    public void WithoutARegistrySavingNamesWhatIsMissing()
    {
        Saving(new Network().Add(new FCLayer(1, 1)).Add(new UserLayers.Scale(Draw.Row(1))))
            .Should().Throw<ArgumentException>().WithMessage("Layer 1, Scale,*registry.Add<Scale>*");
        Saving(new Network().Add(new ActivationLayer(Square, SquarePrime)))
            .Should().Throw<ArgumentException>().WithMessage("Layer 0, ActivationLayer(custom)*registry.AddActivation*");
        Saving(new Network().Use(Double, DoublePrime))
            .Should().Throw<ArgumentException>().WithMessage("The network's loss*registry.AddLoss*");

        static Action Saving(Network network) => () => network.Save(new MemoryStream());
    }

    [Fact]
    public void FunctionsThatDoNotBelongTogetherGetNoName()
    {
        var registry = new LayerRegistry();

        registry.Invoking(one => one.AddActivation("own", Activations.Tanh, Activations.ReluPrime)).Should().Throw<ArgumentException>()
            .WithMessage("*Activations.Tanh and Activations.ReluPrime*").WithParameterName("activationPrime");
        registry.Invoking(one => one.AddLoss("own", Losses.Mse, Losses.MaePrime)).Should().Throw<ArgumentException>()
            .WithMessage("*Losses.Mse and Losses.MaePrime*").WithParameterName("lossPrime");
    }

    [Theory]
    [InlineData("\\\"config\\\":\\\"1\\\"", "\\\"config\\\":\\\"many\\\"", "layer 0: The registry's load for 'scale' refused its text")]
    [InlineData(
        "\\\"config\\\":\\\"1\\\"", "\\\"config\\\":\\\"2\\\"", "layer 0: Its parameter layers.0.Scale is [1, 2], but the file has [1, 1]")]
    [InlineData("\\\"parameters\\\":[\\\"Scale\\\"]", "\\\"parameters\\\":[]", "'layers.0.Scale' belongs to no layer")]
    public void ATextThatAUsersLayerCannotTakeIsRefused(string was, string becomes, string says)
    {
        byte[] file = ModelBytes.WithHeader(
            ModelBytes.Of(new Network().Add(new UserLayers.Scale(Draw.Row(1))), s_registry),
            header => header.Replace(was, becomes, StringComparison.Ordinal));

        FluentActions.Invoking(() => ModelBytes.Load(file, s_registry)).Should().Throw<ModelFormatException>().WithMessage($"*{says}*");
    }

    private static Network Own()
    {
        var network = new Network()
            .Add(new UserLayers.Scale(Draw.Row(1, 2)))
            .Add(new ActivationLayer(Square, SquarePrime))
            .Add(new Stack(new FCLayer(2, 2, random: Draw.Seeded(1)), new FCLayer(2, 2, random: Draw.Seeded(2))))
            .Use(Double, DoublePrime);
        ((TrainableLayer)network.Layers[0]).Parameters[0].L2 = 0.5;
        return network;
    }

    private static Matrix<double> Square(Matrix<double> x) => x.PointwiseMultiply(x);

    private static Matrix<double> SquarePrime(Matrix<double> x) => 2 * x;

    private static double Double(Matrix<double> yTrue, Matrix<double> yPred) => 2 * Losses.Mse(yTrue, yPred);

    private static Matrix<double> DoublePrime(Matrix<double> yTrue, Matrix<double> yPred) => 2 * Losses.MsePrime(yTrue, yPred);
}
