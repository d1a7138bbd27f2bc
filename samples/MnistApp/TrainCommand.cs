using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace MnistApp;

/// <summary>The words of the command train.</summary>
internal sealed class TrainCommand : Command
{
    public const string Word = "train";

    private static readonly string s_networks = string.Join('|', Recipe.All.Select(recipe => recipe.Name));

    private readonly Argument<string> _network = new("network")
    {
        Description = "fc, conv: the article's fully connected and convolutional networks, trained as there; "
            + "mlp, lenet: a multi-layer perceptron and a small LeNet, trained by mini-batches with Adam",
        HelpName = s_networks,
        DefaultValueFactory = _ => Recipe.All[0].Name,
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "A folder with the four MNIST-named IDX files, gzipped or not [default: the digits of samples/Mnist]",
        HelpName = "folder",
    };

    private readonly Option<bool> _download = new("--download")
    {
        Description = "Fetch MNIST (11 MB) into the folder of --data, or into the user's cache, unless it is there",
    };

    private readonly Option<string?> _samples = new("--samples")
    {
        Description = "How many training digits to take, from the first [default: 1000 for fc and conv, all for mlp and lenet]",
        HelpName = "n",
    };

    private readonly Option<string?> _epochs = new("--epochs")
    {
        Description = "How many times to go through them "
            + "[default: 35 for fc, 100 for conv; for mlp and lenet 5 from 20,000 digits on, 10 below]",
        HelpName = "n",
    };

    private readonly Option<string?> _learningRate = new("--learning-rate")
    {
        Description = "The step against the gradient "
            + "[default: 0.1 for fc and conv, 0.001 for mlp and lenet, which lower it along a cosine]",
        HelpName = "number",
    };

    private readonly Option<string?> _seed = new("--seed")
    {
        Description = "Where the initial weights are drawn from, and for mlp and lenet the order of the digits [default: 1]",
        HelpName = "n",
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "The folder for the pictures, made where it is missing [default: mnist-output]",
        HelpName = "folder",
    };

    private readonly Option<string?> _save = new("--save")
    {
        Description = "The file to save the network in when it is trained, for predict and export",
        HelpName = "file",
    };

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "The file to store the training in after each epoch",
        HelpName = "file",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from --checkpoint, where there is one" };

    public TrainCommand(Func<Options, int> run)
        : base(Word, "Train a network, as without a command")
    {
        Add(_network);
        foreach (var option in new Option[]
            { _data, _download, _samples, _epochs, _learningRate, _seed, _output, _save, _checkpoint, _resume })
        {
            Add(option);
        }

        SetAction(parsed => run(Read(parsed)));
    }

    private Options Read(ParseResult parsed)
    {
        var options = new Options
        {
            Recipe = Network(parsed.GetValue(_network)!),
            Data = parsed.PathOf(_data, "a folder"),
            Download = parsed.GetValue(_download),
            Samples = Number<int>(parsed, _samples, "a whole number, 1 or more", value => value >= 1),
            Epochs = Number<int>(parsed, _epochs, "a whole number, 1 or more", value => value >= 1),
            LearningRate = Number<double>(parsed, _learningRate, "a finite number above 0", value => double.IsFinite(value) && value > 0),
            Seed = Number<int>(parsed, _seed, "a whole number", _ => true) ?? 1,
            Output = parsed.PathOf(_output, "a folder") ?? "mnist-output",
            Save = parsed.PathOf(_save),
            Checkpoint = parsed.PathOf(_checkpoint),
            Resume = parsed.GetValue(_resume),
        };
        if (options is { Save: { } save, Checkpoint: { } checkpoint } && Path.GetFullPath(save) == Path.GetFullPath(checkpoint))
        {
            throw new UsageException(
                "--save and --checkpoint expect two files; in one, the network would take the place of the training to go on from.");
        }

        if (options is { Resume: true, Checkpoint: null })
        {
            throw new UsageException("--resume needs a --checkpoint to go on from.");
        }

        return options;
    }

    private static Recipe Network(string name)
    {
        if (Recipe.All.FirstOrDefault(recipe => recipe.Name == name) is { } recipe)
        {
            return recipe;
        }

        string[] commands = ["train", "predict", "export"];
        string suggestion = Spelling.Suggestion(name, [.. Recipe.All.Select(one => one.Name), .. commands]);
        throw new UsageException(commands.Contains(name)
            ? $"The command {name} comes first, before its options and the network."
            : $"There is no network or command '{name}'.{suggestion} The networks are {s_networks.Replace("|", ", ")}.");
    }

    private static T? Number<T>(ParseResult parsed, Option<string?> option, string expected, Predicate<T> fits)
        where T : struct, INumberBase<T>
    {
        if (parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        return T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && fits(value)
            ? value
            : throw new UsageException($"{option.Name} expects {expected}, but got '{text}'.");
    }
}
