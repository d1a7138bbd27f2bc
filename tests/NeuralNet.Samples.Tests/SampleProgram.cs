using System.Diagnostics;
using System.Runtime.InteropServices;

namespace NeuralNet.Samples.Tests;

/// <summary>A sample, run as a process of its own in a folder of its own, where it saves what it makes.</summary>
internal static class SampleProgram
{
    public static (int Code, string Output, string Error) Run(TemporaryFolder folder, string sample, params string[] args)
    {
        string host = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        var start = new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, $"{sample}.dll"), .. args])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Runs what must be refused: exit code 1, one line of error, nothing printed or written.</summary>
    /// <returns>The line.</returns>
    public static string Refusal(string sample, params string[] args)
    {
        using var folder = new TemporaryFolder();
        var (code, output, error) = Run(folder, sample, args);
        (code, output).Should().Be((1, ""));
        folder.Names.Should().BeEmpty();
        error.TrimEnd().Should().NotBeEmpty().And.NotContain("\n");
        return error.TrimEnd();
    }
}
