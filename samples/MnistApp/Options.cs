using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace MnistApp;

/// <summary>What the command line asks for; null where it leaves the choice to the network.</summary>
internal sealed record Options(string Network, string? Data, bool Download, int? Samples, int? Epochs, double? LearningRate, int Seed, string? Output, string? Save, string? Checkpoint, bool Resume)
{
    /// <summary>Whether it is one of the article's networks, trained as the article does.</summary>
    public bool IsArticle => Network is "fc" or "conv";

    /// <summary>Whether the network takes images, not rows.</summary>
    public bool TakesImages => Network is "conv" or "lenet";

    /// <summary>Gives a command these options, and what it does with them.</summary>
    public static void Define(Command command, Func<Options, int> run)
    {
        var network = new Argument<string>("network")
        {
            Description = "fc, conv: the article's fully connected and convolutional networks; mlp, lenet: a multi-layer perceptron and a small LeNet, trained by mini-batches with Adam",
            HelpName = "fc|conv|mlp|lenet",
            DefaultValueFactory = _ => "fc",
        };
        var data = new Option<string?>("--data") { Description = "A folder with the four MNIST-named IDX files, gzipped or not [default: the digits of samples/Mnist]" };
        var download = new Option<bool>("--download") { Description = "Fetch MNIST (11 MB) into the folder of --data, or into the user's cache, unless it is there" };
        var samples = new Option<int?>("--samples")
        {
            Description = "How many training digits to take, from the first [default: 1000 for fc and conv, all for mlp and lenet]",
            CustomParser = text => Number<int>(text, "--samples expects a whole number, 1 or more", value => value >= 1),
        };
        var epochs = new Option<int?>("--epochs")
        {
            Description = "How many times to go through them [default: 35 for fc, 100 for conv; for mlp and lenet 5 from 20,000 digits on, 10 below]",
            CustomParser = text => Number<int>(text, "--epochs expects a whole number, 1 or more", value => value >= 1),
        };
        var learningRate = new Option<double?>("--learning-rate")
        {
            Description = "The step against the gradient [default: 0.1 for fc and conv, 0.001 for mlp and lenet, which lower it along a cosine]",
            CustomParser = text => Number<double>(text, "--learning-rate expects a finite number above 0", value => double.IsFinite(value) && value > 0),
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Where the initial weights are drawn from, and for mlp and lenet the order of the digits",
            DefaultValueFactory = _ => 1,
            CustomParser = text => Number<int>(text, "--seed expects a whole number", _ => true) ?? 0,
        };
        var output = new Option<string?>("--output") { Description = "The folder for the pictures of mlp and lenet, made where it is missing [default: mnist-output]" };

        var save = new Option<string?>("--save") { Description = "The file to save the network in when it is trained, for predict and export", HelpName = "file" };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "The file to store the training of mlp and lenet in after each epoch", HelpName = "file" };
        var resume = new Option<bool>("--resume") { Description = "Go on from --checkpoint, where there is one" };

        network.Validators.Add(result => CommandLine.Require(
            result.GetValue(network) is "fc" or "conv" or "mlp" or "lenet", $"The network is fc, conv, mlp or lenet, but got '{result.GetValue(network)}'.", result));
        data.Validators.Add(result => CommandLine.Require(result.GetValue(data) is not "", "--data expects a folder, but got ''.", result));
        output.Validators.Add(result => CommandLine.Require(result.GetValue(output) is not "", "--output expects a folder, but got ''.", result));

        foreach (var file in new[] { save, checkpoint })
        {
            file.Validators.Add(result => CommandLine.Require(
                result.GetValue(file) is { Length: > 0 } path && Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) && !Directory.Exists(path), $"{file.Name} expects a file in a folder that is there, but got '{result.GetValue(file)}'.", result));
        }

        foreach (var symbol in new Option[] { data, download, samples, epochs, learningRate, seed, output, save, checkpoint, resume })
        {
            command.Add(symbol);
        }

        command.Add(network);
        command.Validators.Add(result =>
        {
            bool article = result.GetValue(network) is "fc" or "conv";
            CommandLine.Require(result.GetResult(output) is null || !article, "--output is for mlp and lenet; fc and conv draw no pictures.", result);
            CommandLine.Require(result.GetResult(checkpoint) is null || !article, "--checkpoint is for mlp and lenet; fc and conv train as the article does.", result);
            bool same = result.GetValue(save) is { Length: > 0 } one && result.GetValue(checkpoint) is { Length: > 0 } other && Path.GetFullPath(one) == Path.GetFullPath(other);
            CommandLine.Require(!same, "--save and --checkpoint expect two files; in one, the network would take the place of the training to go on from.", result);
            CommandLine.Require(!result.GetValue(resume) || result.GetResult(checkpoint) is not null, "--resume needs a --checkpoint to go on from.", result);
        });
        command.SetAction(parsed => run(new Options(
            parsed.GetValue(network)!,
            parsed.GetValue(data),
            parsed.GetValue(download),
            parsed.GetValue(samples),
            parsed.GetValue(epochs),
            parsed.GetValue(learningRate),
            parsed.GetValue(seed),
            parsed.GetValue(output),
            parsed.GetValue(save),
            parsed.GetValue(checkpoint),
            parsed.GetValue(resume))));
    }

    private static T? Number<T>(ArgumentResult argument, string expectation, Predicate<T> fits)
        where T : struct, INumberBase<T>
    {
        string text = argument.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && fits(value))
        {
            return value;
        }

        argument.AddError($"{expectation}, but got '{text}'.");
        return null;
    }
}
