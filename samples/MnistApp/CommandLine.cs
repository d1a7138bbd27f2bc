using System.CommandLine;
using System.CommandLine.Parsing;

namespace MnistApp;

/// <summary>The commands of this application: train, which is what it does without one, predict and export.</summary>
/// <remarks>
/// System.CommandLine finds the words and prints the help. What the words mean is read here, from text: a validator of its own that asks
/// for a value keeps the value and loses the error.
/// </remarks>
internal static class CommandLine
{
    /// <summary>Reads the command line and runs its command.</summary>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="UsageException">The command line is wrong.</exception>
    public static int Run(
        string[] args, Func<Options, int> train, Func<string, string[], int> predict, Func<string, string, bool, int> export)
    {
        var root = new RootCommand("Networks learn handwritten digits. Without a command: train.")
        {
            new TrainCommand(train), Predict(predict), Export(export),
        };
        bool named = args is [var first, ..]
            && (root.Subcommands.Any(command => command.Name == first) || root.Options.Any(option => Names(option).Contains(first)));
        var asWritten = new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null };
        var parsed = root.Parse(named ? args : [TrainCommand.Word, .. args], asWritten);
        if (parsed.Action is not { ClearsParseErrors: true }) // --help and --version do
        {
            RefuseWhatIsWrong(parsed);
        }

        int code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return parsed.CommandResult.Command == root && parsed.Action is System.CommandLine.Help.HelpAction
            ? root.Parse([TrainCommand.Word, "--help"]).Invoke()
            : code;
    }

    /// <summary>The text of an option that names a file or folder; null where it is not given.</summary>
    public static string? PathOf(this ParseResult parsed, Option<string?> option, string expected = "a file") =>
        parsed.GetValue(option) is not { } path ? null
        : path.Trim().Length > 0 ? path
        : throw new UsageException($"{option.Name} expects {expected}, but got '{path}'.");

    private static Command Predict(Func<string, string[], int> run)
    {
        var model = Required("--model", "A network that train --save wrote");
        var images = new Argument<string[]>("image")
        {
            Description = "PNG or JPEG files of a digit each, or IDX files of digits of 28 x 28",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("predict", "Tell which digits are in image files") { model, images };
        command.SetAction(parsed => run(parsed.PathOf(model)!, parsed.GetValue(images)!));
        return command;
    }

    private static Command Export(Func<string, string, bool, int> run)
    {
        var model = Required("--model", "A network that train --save wrote");
        var onnx = Required("--onnx", "Where to write it as an ONNX model");
        var float64 = new Option<bool>("--float64") { Description = "With 64-bit numbers, as the network has them; 32 bits otherwise" };
        var command = new Command("export", "Write a network as an ONNX model") { model, onnx, float64 };
        command.SetAction(parsed => run(parsed.PathOf(model)!, parsed.PathOf(onnx)!, parsed.GetValue(float64)));
        return command;
    }

    private static Option<string?> Required(string name, string description) =>
        new(name) { Description = description, HelpName = "file", Required = true };

    private static void RefuseWhatIsWrong(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string help = $"`{command.Name} --help` lists all.";
        var options = command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(option => option.Recursive)).ToList();
        var names = options.SelectMany(Names).ToHashSet();
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>().Where(result => !result.Implicit))
        {
            Refuse(
                option.Tokens.FirstOrDefault(token => names.Contains(token.Value)),
                token => $"{option.Option.Name} expects a value, but the option {token.Value} follows.");
            if (option.IdentifierTokenCount > 1)
            {
                throw new UsageException(
                    $"{option.Option.Name} is given {option.IdentifierTokenCount} times; it expects to be given once.");
            }
        }

        // A word like an option that is none would otherwise be taken for a network, a file or another option's value.
        Refuse(
            parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).FirstOrDefault(LooksLikeAnOption),
            token =>
            {
                string name = token.Value.Split('=', ':')[0];
                return $"{command.Name} has no option {name}.{Spelling.Suggestion(name, options.Select(option => option.Name))} {help}";
            });
        Refuse(parsed.UnmatchedTokens is [var extra, ..] ? extra : null, word => $"{command.Name} does not expect '{word}' there. {help}");
        Refuse(parsed.Errors is [var first, ..] ? first : null, error => $"{error.Message} {help}");
    }

    private static void Refuse<T>(T? wrong, Func<T, string> message)
        where T : class
    {
        if (wrong is not null)
        {
            throw new UsageException(message(wrong));
        }
    }

    /// <summary>A number below zero does not.</summary>
    private static bool LooksLikeAnOption(Token token) =>
        token is { Type: TokenType.Argument, Value: ['-', var second, ..] } && !char.IsAsciiDigit(second) && second != '.';

    private static IEnumerable<string> Names(Option option) => [option.Name, .. option.Aliases];
}
