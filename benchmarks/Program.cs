using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BenchmarkDotNet.Running;
using NeuralNet.Benchmarks;

// `train ...` and `product` are our side of compare.sh, `threads` compares numbers of threads, with `busy` processes beside it;
// `own` a layer of a user's with FCLayer; `sequences` trains layers for sequences, `functions` the activations;
// `stream` times steps of a sequence that come one by one;
// all else goes to BenchmarkDotNet, such as --filter '*' --job Dry --inProcess.
if (args is ["busy"])
{
    ThreadsCommand.BeBusy();
}

if (args is not ["train" or "product" or "threads" or "own" or "sequences" or "functions" or "stream", ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(args);
    return 0;
}

var kind = new Argument<string>("kind") { Description = "fc, dense (fc on inputs without zeros), conv1, lenet or xor" };
kind.AcceptOnlyFromAmong("xor", "fc", "conv1", "lenet", "dense");
var batch = new Argument<int>("batch") { Description = "Samples per update; 1 on 1 thread is the article's Fit" };
var samples = new Argument<int>("samples") { Description = "Samples per epoch, more than a batch" };
var epochs = new Argument<int>("epochs") { Description = "Epochs, 2 or more" };
var threads = new Argument<int>("threads") { Description = "Threads, at most" };
var data = new Option<string>("--data")
{
    Description = "A folder of MNIST files",
    DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "digits")
};
batch.Validators.Add(result => AtLeast(1, result.Tokens, "batch", result.AddError));
samples.Validators.Add(result => AtLeast(2, result.Tokens, "samples", result.AddError));
epochs.Validators.Add(result => AtLeast(2, result.Tokens, "epochs", result.AddError));
threads.Validators.Add(result => AtLeast(1, result.Tokens, "threads", result.AddError));
var train = new Command("train", "Trains and prints the time per sample.") { kind, batch, samples, epochs, threads, data };
train.Validators.Add(result =>
{
    if (result.Errors.Any() || result.Children.Any(child => child.Errors.Any()))
    {
        return;
    }

    if (result.GetValue(samples) <= result.GetValue(batch))
    {
        result.AddError("samples must be more than batch: what a step allocates is measured from one step to another.");
    }
});
train.SetAction(options =>
{
    try
    {
        new TrainCommand(
            options.GetValue(kind)!, options.GetValue(batch), options.GetValue(samples), options.GetValue(epochs),
            options.GetValue(threads), options.GetValue(data)!).Run();
        return 0;
    }
    catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
var product = new Command("product", "Prints the speed of the matrix products of a batch, on one thread.");
product.SetAction(_ => ProductSpeed.Run());
var kinds = new Argument<string[]>("networks")
{
    Description = $"Of {string.Join(", ", ThreadsCommand.AllKinds)}; all by default",
    DefaultValueFactory = _ => ThreadsCommand.AllKinds,
};
kinds.AcceptOnlyFromAmong(ThreadsCommand.AllKinds);
var busy = new Option<int>("--busy") { Description = "Processes that are busy meanwhile" };
var seconds = new Option<double>("--seconds") { Description = "Seconds of one measurement, at least", DefaultValueFactory = _ => 1 };
var rounds = new Option<int>("--rounds") { Description = "Measurements of each", DefaultValueFactory = _ => 5 };
var ofBatch = new Option<int>("--batch") { Description = "Samples per update", DefaultValueFactory = _ => 32 };
var compare = new Command("threads", "Compares one thread, two, and as many as the library takes by default, in training and prediction.")
{
    kinds, busy, seconds, rounds, ofBatch,
};
compare.SetAction(options =>
{
    var (processes, times) = (options.GetValue(busy), options.GetValue(rounds));
    new ThreadsCommand(options.GetValue(ofBatch), processes, options.GetValue(seconds), times, options.GetValue(kinds)!).Run();
});
var ofRounds = new Argument<int>("rounds") { Description = "How often each is trained, in turn" };
ofRounds.Validators.Add(result => AtLeast(1, result.Tokens, "rounds", result.AddError));
var own = new Command("own", "Compares FCLayer with a layer of a user's that repeats its formulas.") { samples, epochs, ofRounds, data };
own.SetAction(options =>
    OwnLayerCommand.Run(options.GetValue(samples), options.GetValue(epochs), options.GetValue(ofRounds), options.GetValue(data)!));
var layer = new Argument<string>("layer") { Description = $"Of {string.Join(", ", SequenceCommand.AllKinds)}" };
layer.AcceptOnlyFromAmong(SequenceCommand.AllKinds);
var sequences = new Command("sequences", "Trains a layer on sequences of 64 steps and prints the time per sample.")
{
    layer, epochs, threads,
};
sequences.SetAction(options =>
    new SequenceCommand(options.GetValue(layer)!, options.GetValue(epochs), options.GetValue(threads)).Run());
var functions = new Command("functions", "Compares activations with relu in a whole network, on one thread.") { ofRounds };
functions.SetAction(options => FunctionsCommand.Run(options.GetValue(ofRounds)));
var stream = new Command("stream", "Prints the time of one step through Stream, for recurrent layers and a causal convolution.");
stream.SetAction(_ => StreamCommand.Run());
return new RootCommand { train, product, compare, own, sequences, functions, stream }.Parse(args).Invoke();

static void AtLeast(int least, IReadOnlyList<Token> given, string name, Action<string> addError)
{
    if (given.Any(token => !int.TryParse(token.Value, CultureInfo.InvariantCulture, out int value) || value < least))
    {
        addError(FormattableString.Invariant($"{name} must be a whole number, {least} or more."));
    }
}
