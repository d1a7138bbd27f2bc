using System.Globalization;
using System.Text.RegularExpressions;

namespace NeuralNet.Samples.Tests;

/// <summary>samples/Penguins, run as a process of its own in a folder of its own, where it saves what it has learnt.</summary>
public partial class PenguinsTests
{
    [Fact]
    public void TheSpeciesOfPenguinsAreLearntSavedAndTold()
    {
        using var folder = new TemporaryFolder();
        var accuracies = new List<double>();
        for (int seed = 1; seed <= 5; seed++)
        {
            var (code, output, error) = Run(folder, $"{seed}");
            (code, error).Should().Be((0, ""));
            output.Should().Contain("precision    recall  f1-score   support").And.Contain("true \\ predicted  Adelie  Chinstrap  Gentoo");
            var confusion = ConfusionRow().Matches(output).Select(row =>
                row.Groups["count"].Captures.Select(count => int.Parse(count.Value, CultureInfo.InvariantCulture)).ToArray()).ToArray();
            confusion.Select(row => row.Sum()).Should().Equal([38, 17, 31], "each species is in the test by its share");
            accuracies.Add(confusion.Select((row, species) => row[species]).Sum() / 86.0);
        }

        accuracies.Average().Should().BeGreaterThanOrEqualTo(0.98);
        folder.Names.Should().Equal("penguins.safetensors", "species.json");
        Run(folder, "predict", "Biscoe", "46.1", "13.2", "211", "4500").Output.Should().MatchRegex(@"^Gentoo, with probability \d+\.\d %");
        Run(folder, "predict", "Torgersen", "39.1", "18.7", "181", "3750").Output.Should().StartWith("Adelie, ");
        Run(folder, "predict", "Dream", "46.5", "17.9", "192", "3500").Output.Should().StartWith("Chinstrap, ");
        Run(folder, "predict", "Madagascar", "46.5", "17.9", "192", "3500").Error.Should().Contain(
            "LabelEncoder knows Biscoe, Dream, Torgersen, but got 'Madagascar'.");
    }

    [Theory]
    [InlineData("'many'", "many")]
    [InlineData("'1 2'", "1", "2")]
    [InlineData("'predict Biscoe 46.1 13.2 211'", "predict", "Biscoe", "46.1", "13.2", "211")]
    [InlineData("'heavy'", "predict", "Biscoe", "46.1", "13.2", "211", "heavy")]
    [InlineData("LabelEncoder knows Biscoe, Dream, Torgersen", "predict", "Madagascar", "46.1", "13.2", "211", "4500")]
    [InlineData("penguins.safetensors", "predict", "Biscoe", "46.1", "13.2", "211", "4500")]
    public void AWrongWordEndsInOneLineAndExitCode1(string says, params string[] args)
    {
        using var folder = new TemporaryFolder();

        var (code, output, error) = Run(folder, args);

        (code, output).Should().Be((1, ""));
        error.TrimEnd().Split('\n').Should().ContainSingle().Which.Should().Contain(says)
            .And.EndWith("Say nothing, a seed, or: predict ISLAND and four numbers.");
    }

    private static (int Code, string Output, string Error) Run(TemporaryFolder folder, params string[] args) =>
        SampleProgram.Run(folder, "Penguins", args);

    [GeneratedRegex(@"^ *(Adelie|Chinstrap|Gentoo)(  +(?<count>\d+)){3}\r?$", RegexOptions.Multiline)]
    private static partial Regex ConfusionRow();
}
