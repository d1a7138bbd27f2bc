namespace NeuralNet.Tests;

public class ReadmeTests
{
    private static string Readme => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

    [Fact]
    public void EveryCSharpBlockOfReadmeCompilesAndRuns() =>
        ReadmeBlock.Parse(Readme).Select(block => block.FindFault()).Where(fault => fault is not null).Should().BeEmpty();

    [Fact]
    public void ReadmeHasCSharpBlocks() => ReadmeBlock.Parse(Readme).Should().NotBeEmpty();

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
        ReadmeBlock.Parse("```csharp no-run\nfirst\n```\n~~~ cs\nsecond\n~~~\n```C# title=\"x\"\nthird\n```\n").Select(block => block.Code)
            .Should().Equal("first", "second", "third");

    [Fact]
    public void OnlyATextBlockThatFollowsDirectlyIsTheOutput() =>
        ReadmeBlock.Parse("```csharp\na\n```\n\n```text\n1\n```\n```csharp\nb\n```\nprose\n```text\n2\n```\n```csharp\nc\n```\n```sh\n3\n```\n")
            .Should().Equal(new ReadmeBlock(2, "a", "1"), new ReadmeBlock(9, "b", null), new ReadmeBlock(16, "c", null));

    [Fact]
    public void ABlockInsideAnotherBlockIsNotCode() =>
        ReadmeBlock.Parse("````markdown\n```csharp\na\n```\n````\n").Should().BeEmpty();

    private static string? FaultOf(string markdown) => ReadmeBlock.Parse(markdown).Should().ContainSingle().Which.FindFault();
}
