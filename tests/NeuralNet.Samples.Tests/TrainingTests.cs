namespace NeuralNet.Samples.Tests;

public class TrainingTests
{
    [Theory]
    [InlineData("fc")]
    [InlineData("conv")]
    [InlineData("mlp")]
    [InlineData("lenet")]
    public void ANetworkIsTrainedDrawnSavedAndReadBack(string network)
    {
        using var folder = new TemporaryFolder();
        string model = folder["net.safetensors"];
        var (code, output, error) = Application.Run(
            network, "--epochs", "2", "--samples", "60", "--output", folder.Path, "--save", model, "--checkpoint", folder["run"]);
        (code, error).Should().Be((0, ""));
        output.Should().Contain("epoch 2/2   error=").And.Contain("validation error=").And.Contain("test accuracy");
        folder.Names.Should().Equal($"{network}-mistakes.png", $"{network}-training.png", "net.safetensors", "run");

        string seven = Path.Combine(AppContext.BaseDirectory, "digits", "seven.png");
        Application.Run("predict", "--model", model, seven).Output.Should().MatchRegex(@"seven\.png: \d \([-0-9.]+( %)?\), then \d ");
        Application.Run("export", "--model", model, "--onnx", folder["net.onnx"]).Code.Should().Be(0);
        Application.Run("export", "--model", model, "--onnx", folder["net.onnx"], "--float64").Output.Should().Contain("Float64");
    }

    [Fact]
    public void TrainingGoesOnFromItsCheckpoint()
    {
        using var folder = new TemporaryFolder();
        string[] words = ["fc", "--samples", "20", "--output", folder.Path, "--checkpoint", folder["run"]];
        Application.Run([.. words, "--epochs", "2"]).Code.Should().Be(0);
        var (code, output, _) = Application.Run([.. words, "--epochs", "3", "--resume"]);
        code.Should().Be(0);
        output.Should().Contain("epoch 3/3").And.NotContain("epoch 1/3");
        Application.Run("mlp", "--samples", "20", "--output", folder.Path, "--checkpoint", folder["run"], "--resume").Code.Should().Be(1);
    }

    [Fact]
    public void ALossOfManyDigitsIsPrintedShort()
    {
        using var folder = new TemporaryFolder();
        Application.Run("mlp", "--epochs", "2", "--samples", "64", "--learning-rate", "1e9", "--output", folder.Path).Output
            .Should().MatchRegex(@"validation error=[0-9.]+E\+\d+ ").And.NotMatchRegex("error=[0-9]{7}");
    }
}
