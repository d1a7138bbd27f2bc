using System.Diagnostics;
using NeuralNet.Tests.Data;
using Xunit.Abstractions;

namespace NeuralNet.Tests.Models;

public class KilledTrainingTests(ITestOutputHelper output)
{
    private const int Epochs = 60;
    private const int Kills = 16;

    /// <summary>
    /// A process is killed after one to three epochs, again and again until one comes to the end: half of the time just when it is
    /// seen writing.
    /// </summary>
    [Fact]
    public void ProcessesKilledAtAnyTimeEndWithTheBitsOfOneThatWasNot()
    {
        using var folder = new Folder();
        string whole = Hash(Path.Combine(folder.Path, "whole.safetensors"));
        string path = Path.Combine(folder.Path, "killed.safetensors");
        var random = Draw.Seeded(1);
        int leftovers = 0;

        for (int kill = 0; kill < Kills; kill++)
        {
            using var trainee = Start(path);
            for (int lines = random.Next(1, 4); lines > 0 && trainee.StandardOutput.ReadLine() is { } line; lines--)
            {
                output.WriteLine(line);
            }

            if (kill % 2 == 0)
            {
                SpinWait.SpinUntil(() => Leftovers() > 0 || trainee.HasExited);
            }

            trainee.Kill();
            trainee.WaitForExit();
            leftovers += Leftovers();
        }

        output.WriteLine($"{leftovers} of {Kills} kills while writing");
        Hash(path).Should().Be(whole);
        folder.Files.Should().Equal("killed.best.safetensors", "killed.safetensors", "whole.best.safetensors", "whole.safetensors");
        folder.Read("killed.best.safetensors").Should().Equal(folder.Read("whole.best.safetensors"));

        int Leftovers() => folder.Files.Count(file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    private static string Hash(string path)
    {
        using var trainee = Start(path);
        string[] lines = trainee.StandardOutput.ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        trainee.WaitForExit();
        trainee.ExitCode.Should().Be(0);
        return lines[^1].Should().StartWith("hash ").And.Subject!;
    }

    private static Process Start(string path)
    {
        string program =
            typeof(KilledTrainingTests).Assembly.Location.Replace("NeuralNet.Tests", "NeuralNet.Trainee", StringComparison.Ordinal);
        return Process.Start(
            new ProcessStartInfo(ReadmeBlock.DotnetHost(), [program, $"{Epochs}", path]) { RedirectStandardOutput = true })!;
    }
}
