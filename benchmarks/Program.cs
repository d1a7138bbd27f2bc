using System.CommandLine;
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
var data = new Option<string>("--data") { Description = "A folder of MNIST files [default: the digits of samples/Mnist]", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "digits") };
batch.Validators.Add(result => Only(1, result.GetValue(batch), "batch", result.AddError));
threads.Validators.Add(result => Only(1, result.GetValue(threads), "threads", result.AddError));
var train = new Command("train", "Trains and prints the time per sample.") { kind, batch, samples, epochs, threads, data };
train.SetAction(options => TrainCommand.Run(options.GetValue(kind)!, options.GetValue(samples), options.GetValue(epochs), options.GetValue(data)!));
return new RootCommand { train }.Parse(args).Invoke();

static void Only(int expected, int value, string name, Action<string> addError)
{
    if (value != expected)
    {
        addError(FormattableString.Invariant($"{name} must be {expected}: the library trains sample by sample on one thread."));
    }
}
