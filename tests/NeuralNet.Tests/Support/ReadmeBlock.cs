using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace NeuralNet.Tests.Support;

/// <summary>A C# block of a Markdown text, with the output that the text shows for it.</summary>
/// <param name="Text">The text's file, which error messages name.</param>
/// <param name="Line">The 1-based line of the block's first line of code.</param>
/// <param name="Code">The code, a program of its own.</param>
/// <param name="ExpectedOutput">The <c>text</c> block that follows directly, or null where none does. A line <c>...</c> stands for any
/// lines.</param>
/// <remarks>
/// The block is compiled as the only file of a new console project that references both packages: implicit usings, nullable on, the
/// framework, NeuralNet and NeuralNet.Onnx with their dependencies, and nothing that the tests happen to reference. It runs as a process
/// of its own, because the console and the working folder belong to the whole test process.
/// </remarks>
internal sealed partial record ReadmeBlock(string Text, int Line, string Code, string? ExpectedOutput)
{
    private static readonly TimeSpan s_hung = TimeSpan.FromMinutes(5);

    private static readonly string[] s_packageAssemblies =
        ["NeuralNet.dll", "MathNet.Numerics.dll", "System.Numerics.Tensors.dll", "NeuralNet.Onnx.dll", "Google.Protobuf.dll"];

    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => path.StartsWith(RuntimeEnvironment.GetRuntimeDirectory(), StringComparison.Ordinal))
            .Concat(s_packageAssemblies.Select(name => Path.Combine(AppContext.BaseDirectory, name)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <summary>Every C# block, whatever stands behind the language's name: a block cannot be exempted.</summary>
    public static IReadOnlyList<ReadmeBlock> Parse(string markdown, string text = "README.md")
    {
        string[] lines = markdown.ReplaceLineEndings("\n").Split('\n');
        List<Fence> fences = ParseFences(lines);
        var blocks = new List<ReadmeBlock>();
        for (int i = 0; i < fences.Count; i++)
        {
            if (fences[i].Language is not ("csharp" or "cs" or "c#"))
            {
                continue;
            }

            bool outputFollows = i + 1 < fences.Count && fences[i + 1].Language == "text"
                && lines[(fences[i].Close + 1)..fences[i + 1].Open].All(string.IsNullOrWhiteSpace);
            string? output = outputFollows ? Content(lines, fences[i + 1]) : null;
            blocks.Add(new ReadmeBlock(text, fences[i].Open + 2, Content(lines, fences[i]), output));
        }

        return blocks;
    }

    /// <summary>The targets of the links in the text's prose, which is what stands outside its blocks.</summary>
    public static IEnumerable<string> Links(string markdown)
    {
        string[] lines = markdown.ReplaceLineEndings("\n").Split('\n');
        List<Fence> fences = ParseFences(lines);
        IEnumerable<string> prose = lines.Where((_, i) => !fences.Any(fence => i >= fence.Open && i <= fence.Close));
        return prose.SelectMany(line => LinkTarget().Matches(line)).Select(match => match.Groups["target"].Value);
    }

    /// <summary>Compiles and runs the block; returns what is wrong with it, or null.</summary>
    public string? FindFault()
    {
        string folder = Directory.CreateTempSubdirectory("readme-").FullName;
        try
        {
            string program = Path.Combine(folder, "Readme.dll");
            string? fault = Compile(program) ?? Run(program);
            return fault is null ? null : $"The C# block at line {Line} of {Text} {fault}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string? Compile(string program)
    {
        var compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(program),
            [Source(ImplicitUsings, "Usings.cs"), Source($"#line {Line} \"{Text}\"\n{Code}", "Program.cs")],
            s_references.Value,
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication,
                optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable)
                // The SDK turns these two off as well: MathNet was built against older versions of the framework's assemblies.
                .WithSpecificDiagnosticOptions([new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)]));
        EmitResult result;
        using (FileStream stream = File.Create(program))
        {
            result = compilation.Emit(stream, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.Embedded));
        }

        Diagnostic[] faults = [.. result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
        return result.Success && faults.Length == 0
            ? null
            : $"does not compile without warnings:\n{string.Join('\n', faults.AsEnumerable())}";
    }

    private string? Run(string program)
    {
        string folder = Path.GetDirectoryName(program)!;
        foreach (string name in s_packageAssemblies)
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(folder, name));
        }

        File.WriteAllText(Path.ChangeExtension(program, ".runtimeconfig.json"), $$"""
            {
              "runtimeOptions": {
                "framework": { "name": "Microsoft.NETCore.App", "version": "{{Environment.Version}}" },
                "configProperties": { "System.Globalization.Invariant": true }
              }
            }
            """);
        var start = new ProcessStartInfo(DotnetHost(), [program])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_hung))
        {
            process.Kill(entireProcessTree: true);
            return $"was still running after {s_hung.TotalMinutes} minutes; it had printed:\n{output.Result}{error.Result}";
        }

        if (process.ExitCode != 0 || error.Result.Length > 0)
        {
            return $"ended with exit code {process.ExitCode} and printed:\n{output.Result}{error.Result}";
        }

        return ExpectedOutput is null || Matches(ExpectedOutput, output.Result)
            ? null
            : $"should print:\n{ExpectedOutput}\nbut printed:\n{output.Result}";
    }

    private static bool Matches(string expected, string actual)
    {
        IEnumerable<string> patterns =
            TrimmedLines(expected).Select(line => line.Trim() == "..." ? "(?:[^\n]*\n)*?" : Regex.Escape(line) + "\n");
        string text = string.Concat(TrimmedLines(actual).Select(line => line + "\n"));
        return Regex.IsMatch(text, $@"\A{string.Concat(patterns)}\z", RegexOptions.CultureInvariant);
    }

    private static IEnumerable<string> TrimmedLines(string text) =>
        text.TrimEnd().ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd());

    private static SyntaxTree Source(string code, string path) =>
        CSharpSyntaxTree.ParseText(SourceText.From(code, Encoding.UTF8), path: path);

    // Under an IDE this process is testhost, not dotnet; the runtime's folder is <dotnet>/shared/Microsoft.NETCore.App/<version>/.
    public static string DotnetHost() =>
        Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    private static string Content(string[] lines, Fence fence) => string.Join('\n', lines[(fence.Open + 1)..fence.Close]);

    private static List<Fence> ParseFences(string[] lines)
    {
        var fences = new List<Fence>();
        for (int open = 0; open < lines.Length; open++)
        {
            Match match = FenceLine().Match(lines[open]);
            if (!match.Success)
            {
                continue;
            }

            string marker = match.Groups["marker"].Value;
            int close = Array.FindIndex(
                lines, open + 1, line => line.Trim() is var end && end.Length >= marker.Length && end.All(c => c == marker[0]));
            close = close < 0 ? lines.Length : close;
            fences.Add(new Fence(match.Groups["language"].Value.ToLowerInvariant(), open, close));
            open = close;
        }

        return fences;
    }

    [GeneratedRegex(@"^\s*(?<marker>`{3,}|~{3,})\s*(?<language>[^\s`]*)[^`]*$")]
    private static partial Regex FenceLine();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex LinkTarget();

    private readonly record struct Fence(string Language, int Open, int Close);
}
