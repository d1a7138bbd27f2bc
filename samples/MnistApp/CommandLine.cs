using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace MnistApp;

/// <summary>The commands of this sample: train, which is what it does without one, predict and export.</summary>
internal static class CommandLine
{
    /// <summary>Reads the command line, and runs the command or says what is wrong.</summary>
    /// <returns>The program's exit code.</returns>
    public static int Run(string[] args, Func<Options, int> train, Func<string, string[], int> predict, Func<string, string, bool, int> export)
    {
        var root = new RootCommand("Networks learn handwritten digits.");
        Options.Define(root, train);

        var training = new Command("train", "Train a network, as without a command");
        Options.Define(training, train);
        root.Add(training);

        var model = Required("--model", "A network that train --save wrote");
        var images = new Argument<string[]>("image")
        {
            Description = "PNG or JPEG files of a digit each, or IDX files of digits of 28 x 28",
            Arity = ArgumentArity.OneOrMore,
        };
        var prediction = new Command("predict", "Tell which digits are in image files") { model, images };
        prediction.SetAction(parsed => predict(parsed.GetValue(model)!, parsed.GetValue(images)!));
        root.Add(prediction);

        var source = Required("--model", "A network that train --save wrote");
        var onnx = Required("--onnx", "Where to write it as an ONNX model");
        var float64 = new Option<bool>("--float64") { Description = "With 64-bit numbers, as the network has them; 32 bits otherwise" };
        var exporting = new Command("export", "Write a network as an ONNX model") { source, onnx, float64 };
        exporting.SetAction(parsed => export(parsed.GetValue(source)!, parsed.GetValue(onnx)!, parsed.GetValue(float64)));
        root.Add(exporting);

        var commandLine = root.Parse(args);
        if (commandLine.Action is ParseErrorAction)
        {
            Console.Error.WriteLine(string.Join(' ', commandLine.Errors.Select(error => error.Message)));
            return 1;
        }

        return commandLine.Invoke();
    }

    public static void Require(bool holds, string message, SymbolResult result)
    {
        if (!holds)
        {
            result.AddError(message);
        }
    }

    private static Option<string> Required(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "file", Required = true };
        option.Validators.Add(result => Require(result.GetValue(option) is not "", $"{name} expects a file, but got ''.", result));
        return option;
    }
}
