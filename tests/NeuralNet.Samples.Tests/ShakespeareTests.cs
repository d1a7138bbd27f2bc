using System.Globalization;
using System.Text.RegularExpressions;

namespace NeuralNet.Samples.Tests;

public partial class ShakespeareTests
{
    [Fact]
    public void BothNetworksLearnAndWriteText()
    {
        using var folder = new TemporaryFolder();
        var (code, output, error) = SampleProgram.Run(folder, "Shakespeare", "--epochs", "2", "--characters", "30000");
        (code, error).Should().Be((0, ""));
        output.Should().StartWith("30000 characters to train on, 111540 to test on, 65 different ones");

        var losses = EpochRow().Matches(output).Select(row => double.Parse(row.Groups["error"].Value, CultureInfo.InvariantCulture));
        losses.Should().HaveCount(4);
        losses.Chunk(2).Should().OnlyContain(epochs => epochs[1] < epochs[0]);

        var perplexities = PerplexityRow().Matches(output).ToDictionary(
            row => row.Groups["name"].Value, row => double.Parse(row.Groups["value"].Value, CultureInfo.InvariantCulture));
        perplexities.Keys.Should().Equal("bigrams", "trigrams", "4-grams", "5-grams", "GRU", "Transformer");
        perplexities["trigrams"].Should().BeLessThan(perplexities["bigrams"]).And.BeGreaterThan(7.76, "that is all text's");
        perplexities["GRU"].Should().BeLessThan(20, "one of 65 characters at random has 65");
        perplexities["Transformer"].Should().BeLessThan(20);

        output.Should().Contain("\nGRU writes, at a temperature of 0.8:\n\nROMEO:\n")
            .And.Contain("\nTransformer writes, at a temperature of 0.8:\n\nROMEO:\n");
    }

    [Theory]
    [InlineData("--epochs")]
    [InlineData("--epochs", "0")]
    [InlineData("--epochs", "-1")]
    [InlineData("--characters", "1e3")]
    [InlineData("--epochs", "1", "--fast", "2")]
    [InlineData("--epochs", "1", "now")]
    public void OptionsThatAreNotThereAreRefused(params string[] args) => SampleProgram.Refusal("Shakespeare", args).Should()
        .StartWith("samples/Shakespeare expects --epochs and --characters, each with a whole number of 1 or more, but got ");

    [GeneratedRegex(@"^epoch \d/2 +error=(?<error>\d\.\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex EpochRow();

    [GeneratedRegex(@"^(?<name>\S+) +(?<value>\d+\.\d\d)\r?$", RegexOptions.Multiline)]
    private static partial Regex PerplexityRow();
}
