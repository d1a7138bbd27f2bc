namespace NeuralNet.Tests;

public class ReadmeTests
{
    private const int LongestReadme = 130;
    private const int LongestLine = 139;

    private static readonly string s_root = Repository.Root;

    private static readonly string[] s_docs =
    [
        .. Directory.GetFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(s_root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>README and the guide, by their paths in the repository.</summary>
    public static TheoryData<string> Texts => [.. s_docs.Prepend("README.md")];

    [Theory]
    [MemberData(nameof(Texts))]
    public void EveryCSharpBlockCompilesAndRunsAndPrintsWhatIsShown(string text) =>
        ReadmeBlock.Parse(Read(text), text).Select(block => block.FindFault()).Where(fault => fault is not null).Should().BeEmpty();

    [Fact]
    public void ReadmeHasCSharpBlocks() => ReadmeBlock.Parse(Read("README.md")).Should().NotBeEmpty();

    [Fact]
    public void ReadmeIsReadInAFewMinutes() =>
        File.ReadAllLines(Path.Combine(s_root, "README.md")).Length.Should().BeLessThanOrEqualTo(LongestReadme);

    [Fact]
    public void ReadmeLeadsToEveryTextOfTheGuide() =>
        ReadmeBlock.Links(Read("README.md")).Should().Contain(s_docs);

    [Theory]
    [MemberData(nameof(Texts))]
    public void EveryRelativeLinkLeadsToAFile(string text) => DeadLinks(Read(text), text).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Texts))]
    [InlineData("CHANGELOG.md")]
    public void LinesFitAScreen(string text) => Read(text).Split('\n').Where(line => line.Length > LongestLine).Should().BeEmpty();

    [Fact]
    public void ALinkThatLeadsNowhereIsCaught() =>
        DeadLinks("[a](nowhere.md) and [b](layers.md#no-such), [c](layers.md) [d](https://example.org) [e](#losses)", "docs/training.md")
            .Should().Equal("nowhere.md", "layers.md#no-such");

    [Fact]
    public void ABlockThatPrintsWhatIsShownPasses() => FaultOf("""
        ```csharp
        using MathNet.Numerics.LinearAlgebra;

        Matrix<double> x = Matrix<double>.Build.DenseOfArray(new double[,] { { 1, 2.5 } });
        foreach (int i in Enumerable.Range(0, 5))
        {
            Console.WriteLine(x[0, 1] + i);
        }
        ```

        ```text
        2.5
        ...
        6.5
        ```
        """).Should().BeNull();

    [Fact]
    public void ABlockThatDoesNotCompileIsCaughtWithItsLineInReadme() => FaultOf("""
        A line of prose.

        ```csharp
        Console.WriteLine("fine");
        Console.WriteLine(nowhereDeclared);
        ```
        """).Should().Contain("line 4").And.Contain("README.md(5,19): error CS0103");

    [Fact]
    public void ABlockThatCompilesWithAWarningIsCaught() => FaultOf("""
        ```csharp
        string text = null;
        Console.WriteLine(text);
        ```
        """).Should().Contain("warning CS8600");

    [Fact]
    public void ABlockThatUsesWhatOnlyTheTestsReferenceIsCaught() => FaultOf("""
        ```csharp
        Xunit.Assert.True(true);
        ```
        """).Should().Contain("error CS0103");

    [Fact]
    public void ABlockThatThrowsIsCaughtWithItsLineInReadme() => FaultOf("""
        ```csharp
        Console.WriteLine("before");
        throw new InvalidOperationException("on purpose");
        ```
        """).Should().Contain("before").And.Contain("on purpose").And.Contain("README.md:line 3");

    [Fact]
    public void ABlockThatEndsWithAnErrorCodeIsCaught() => FaultOf("""
        ```csharp
        return 3;
        ```
        """).Should().Contain("exit code 3");

    [Theory]
    [InlineData("1\n2", "a line is missing")]
    [InlineData("1\n2\n3\n4", "a line too many")]
    [InlineData("1\n2\n4", "another last line")]
    [InlineData("...\n1\n3", "the dots stand at the start only")]
    public void ABlockWhoseOutputDiffersIsCaught(string shown, string because) => FaultOf($"""
        ```csharp
        Console.Write("1\n2\n3\n");
        ```
        ```text
        {shown}
        ```
        """).Should().Contain("should print", because);

    [Fact]
    public void NoWordBehindTheLanguageExemptsABlock() =>
        ReadmeBlock.Parse("```csharp no-run\nfirst\n```\n~~~ cs\nsecond\n~~~\n```C# title=\"x\"\nthird\n```\n")
            .Select(block => block.Code)
            .Should().Equal("first", "second", "third");

    [Fact]
    public void OnlyATextBlockThatFollowsDirectlyIsTheOutput() =>
        ReadmeBlock.Parse(
            "```csharp\na\n```\n\n```text\n1\n```\n```csharp\nb\n```\nprose\n```text\n2\n```\n```csharp\nc\n```\n```sh\n3\n```\n",
            "a.md")
            .Should()
            .Equal(new ReadmeBlock("a.md", 2, "a", "1"), new ReadmeBlock("a.md", 9, "b", null), new ReadmeBlock("a.md", 16, "c", null));

    [Fact]
    public void ABlockInsideAnotherBlockIsNotCode() =>
        ReadmeBlock.Parse("````markdown\n```csharp\na\n```\n````\n").Should().BeEmpty();

    private static string? FaultOf(string markdown) => ReadmeBlock.Parse(markdown).Should().ContainSingle().Which.FindFault();

    private static IEnumerable<string> DeadLinks(string markdown, string text) =>
        ReadmeBlock.Links(markdown).Where(link => !Uri.IsWellFormedUriString(link, UriKind.Absolute) && !LeadsSomewhere(link, text));

    private static bool LeadsSomewhere(string link, string text)
    {
        string[] parts = link.Split('#', 2);
        string path = parts[0].Length == 0
            ? Path.Combine(s_root, text)
            : Path.GetFullPath(Path.Combine(s_root, Path.GetDirectoryName(text)!, parts[0]));
        return parts.Length == 1 ? Path.Exists(path) : File.Exists(path) && File.ReadLines(path).Any(line => AnchorOf(line) == parts[1]);
    }

    /// <summary>What a heading is called in links: its letters, digits and hyphens, with a hyphen for each space.</summary>
    private static string? AnchorOf(string line)
    {
        string heading = line.TrimStart('#').Trim().ToLowerInvariant().Replace(' ', '-');
        return line.StartsWith('#') ? string.Concat(heading.Where(c => char.IsLetterOrDigit(c) || c is '-' or '_')) : null;
    }

    private static string Read(string text) => File.ReadAllText(Path.Combine(s_root, text)).ReplaceLineEndings("\n");
}
