using System.Reflection;

namespace NeuralNet.Samples.Tests;

/// <summary>samples/MnistApp, run in this process by its entry point, as the runtime would run it.</summary>
internal static class Application
{
    private static readonly MethodInfo s_main = Assembly.Load("MnistApp").EntryPoint!;

    // The console is one for the process.
    private static readonly Lock s_console = new();

    public static (int Code, string Output, string Error) Run(params string[] args)
    {
        lock (s_console)
        {
            var (output, error) = (Console.Out, Console.Error);
            using var newOutput = new StringWriter();
            using var newError = new StringWriter();
            try
            {
                Console.SetOut(newOutput);
                Console.SetError(newError);
                int code = (int)s_main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [args], null)!;
                return (code, newOutput.ToString(), newError.ToString());
            }
            finally
            {
                Console.SetOut(output);
                Console.SetError(error);
            }
        }
    }

    /// <summary>Runs what must be refused: exit code 1, one line of error, nothing printed before.</summary>
    /// <returns>The line.</returns>
    public static string Refusal(params string[] args)
    {
        var (code, output, error) = Run(args);
        code.Should().Be(1);
        output.Should().BeEmpty();
        error.TrimEnd().Should().NotBeEmpty().And.NotContain("\n");
        return error.TrimEnd();
    }
}
