using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BenchmarkDotNet.Running;
using NeuralNet.Benchmarks;

// `train ...` is our side of compare.sh; all else goes to BenchmarkDotNet, such as --filter '*' --job Dry --inProcess.
if (args is not ["train", ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args);
    return 0;
}

var kind = new Argument<string>("kind") { Description = "fc, dense (fc on inputs without zeros), conv1 or xor" };
kind.AcceptOnlyFromAmong("xor", "fc", "conv1", "dense");
var batch = new Argument<int>("batch") { Description = "Samples per update: 1" };
var samples = new Argument<int>("samples") { Description = "Samples per epoch" };
var epochs = new Argument<int>("epochs") { Description = "Epochs, 2 or more" };
var threads = new Argument<int>("threads") { Description = "Threads: 1" };
var data = new Option<string>("--data") { Description = "A folder of MNIST files", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "digits") };
samples.Validators.Add(result => AtLeast(1, result.Tokens, "samples", result.AddError));
epochs.Validators.Add(result => AtLeast(2, result.Tokens, "epochs", result.AddError));
batch.Validators.Add(result => Only("1", result.Tokens, "batch", result.AddError));
threads.Validators.Add(result => Only("1", result.Tokens, "threads", result.AddError));
var train = new Command("train", "Trains and prints the time per sample.") { kind, batch, samples, epochs, threads, data };
train.SetAction(options =>
{
    try
    {
        TrainCommand.Run(options.GetValue(kind)!, options.GetValue(samples), options.GetValue(epochs), options.GetValue(data)!);
        return 0;
    }
    catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
return new RootCommand { train }.Parse(args).Invoke();

static void Only(string expected, IReadOnlyList<Token> given, string name, Action<string> addError)
{
    if (given.Any(token => token.Value != expected))
    {
        addError($"{name} must be {expected}: the library trains sample by sample on one thread.");
    }
}

static void AtLeast(int least, IReadOnlyList<Token> given, string name, Action<string> addError)
{
    if (given.Any(token => !int.TryParse(token.Value, CultureInfo.InvariantCulture, out int value) || value < least))
    {
        addError(FormattableString.Invariant($"{name} must be a whole number, {least} or more."));
    }
}
