using System.CommandLine;
using System.CommandLine.Invocation;
using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using MnistSample;
using NeuralNet;
using NeuralNet.Data;

var network = new Argument<string>("network") { Description = "fc: fully connected; conv: convolutional", DefaultValueFactory = _ => "fc" };
network.AcceptOnlyFromAmong("fc", "conv");
var data = new Option<string?>("--data") { Description = "A folder with the four MNIST-named IDX files, gzipped or not [default: the digits of this sample]" };
var download = new Option<bool>("--download") { Description = "Fetch MNIST (11 MB) into the folder of --data, or into the user's cache, unless it is there" };
var samples = new Option<int>("--samples") { Description = "How many training digits to take", DefaultValueFactory = _ => 1000 };
var epochs = new Option<int?>("--epochs") { Description = "How many times to go through them [default: 35 for fc, 100 for conv]" };
var learningRate = new Option<double>("--learning-rate") { Description = "The step against the gradient", DefaultValueFactory = _ => 0.1 };
var seed = new Option<int>("--seed") { Description = "Where the initial weights are drawn from", DefaultValueFactory = _ => 1 };
samples.Validators.Add(result => Require(result.GetValue(samples) >= 1, "--samples must be 1 or more.", result.AddError));
epochs.Validators.Add(result => Require(result.GetValue(epochs) is not < 1, "--epochs must be 1 or more.", result.AddError));
learningRate.Validators.Add(result => Require(double.IsFinite(result.GetValue(learningRate)) && result.GetValue(learningRate) > 0, "--learning-rate must be above 0.", result.AddError));

using var ctrlC = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = !ctrlC.IsCancellationRequested; // the first ends training after its epoch, the second ends the program
    ctrlC.Cancel();
};

var command = new RootCommand("The article's networks learn handwritten digits.") { network, data, download, samples, epochs, learningRate, seed };
command.SetAction(Run);
var parsed = command.Parse(args);
if (parsed.Action is ParseErrorAction error)
{
    error.ShowHelp = false;
}

return parsed.Invoke();

int Run(ParseResult options)
{
    try
    {
        bool convolutional = options.GetValue(network) == "conv";
        var (train, test) = Load(options.GetValue(data), options.GetValue(download));
        if (options.GetValue(samples) > train.Count)
        {
            throw new InvalidDataException(FormattableString.Invariant($"--samples asks for {options.GetValue(samples)} training digits, but there are {train.Count}."));
        }

        train = train.Take(options.GetValue(samples));
        var xTrain = convolutional ? train.Images : train.Rows;
        var yTrain = Labels.OneHot(train.Labels, 10);
        var xTest = convolutional ? test.Images : test.Rows;

        var random = new Xoshiro256StarStar(options.GetValue(seed));
        var net = convolutional ? Convolutional(random) : FullyConnected(random);
        net.Use(Losses.Mse, Losses.MsePrime);
        Console.WriteLine(net.Summary());

        int count = options.GetValue(epochs) ?? (convolutional ? 100 : 35);
        var history = Train(net, xTrain, yTrain, count, options.GetValue(learningRate));
        Test(net, xTest, test.Labels);
        return history.StopReason == StopReason.NumericOverflow ? 1 : 0;
    }
    catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or HttpRequestException or OperationCanceledException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}

(MnistSet Train, MnistSet Test) Load(string? folder, bool fetch)
{
    if (fetch)
    {
        folder = Screen.Show<DownloadProgress, string>(
            "Fetching MNIST", p => (p.File, p.Received, p.Total), progress => Mnist.Download(folder, progress, ctrlC.Token));
    }

    folder ??= Path.Combine(AppContext.BaseDirectory, "digits");
    var sets = Screen.Wait("Reading digits", () => Mnist.Load(folder));
    Console.WriteLine(FormattableString.Invariant($"{folder}: {sets.Train.Count} digits to train, {sets.Test.Count} to test"));
    return sets;
}

static Network FullyConnected(Random random)
{
    var net = new Network();
    net.Add(new FCLayer(28 * 28, 100, random: random));                             // 1 x 784  ->  1 x 100
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    net.Add(new FCLayer(100, 50, random: random));                                  // 1 x 100  ->  1 x 50
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    net.Add(new FCLayer(50, 10, random: random));                                   // 1 x 50   ->  1 x 10
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    return net;
}

static Network Convolutional(Random random)
{
    var net = new Network();
    net.Add(new ConvLayer((28, 28, 1), (3, 3), 1, random: random));                 // 28 x 28  ->  26 x 26
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    net.Add(new FlattenLayer());                                                    // 26 x 26  ->  1 x 676
    net.Add(new FCLayer(26 * 26 * 1, 100, random: random));                         // 1 x 676  ->  1 x 100
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    net.Add(new FCLayer(100, 10, random: random));                                  // 1 x 100  ->  1 x 10
    net.Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime));
    return net;
}

TrainingHistory Train(Network net, IReadOnlyList<Matrix<double>> xTrain, IReadOnlyList<Matrix<double>> yTrain, int count, double rate)
{
    var watch = Stopwatch.StartNew();
    var history = Screen.Show<EpochReport, TrainingHistory>(
        "Training", report => (report.ToString(), report.Epoch, report.Epochs), progress => net.Fit(xTrain, yTrain, count, rate, progress, ctrlC.Token));
    double speed = history.Losses.Count * xTrain.Count / watch.Elapsed.TotalSeconds;
    Console.WriteLine(FormattableString.Invariant($"{history.StopMessage} {speed:F0} samples per second"));
    return history;
}

static void Test(Network net, IReadOnlyList<Matrix<double>> xTest, IReadOnlyList<int> labels)
{
    // test on 3 samples
    Console.WriteLine("\npredicted values :");
    foreach (var y in net.Predict([.. xTest.Take(3)]))
    {
        Console.WriteLine(Values(y));
    }

    Console.WriteLine("true values :");
    foreach (var y in Labels.OneHot([.. labels.Take(3)], 10))
    {
        Console.WriteLine(Values(y));
    }

    // and on all of them
    var confusion = new int[10, 10];
    foreach (var (guess, label) in Labels.ArgMax(net.Predict(xTest)).Zip(labels))
    {
        confusion[label, guess]++;
    }

    int right = Enumerable.Range(0, 10).Sum(digit => confusion[digit, digit]);
    Console.WriteLine(FormattableString.Invariant($"\ntest accuracy {(double)right / labels.Count:P2} ({right} of {labels.Count})"));
    Console.WriteLine("\n true |  0    1    2    3    4    5    6    7    8    9   <- predicted");
    for (int digit = 0; digit < 10; digit++)
    {
        Console.WriteLine($"{digit,5} |{string.Concat(Enumerable.Range(0, 10).Select(guess => $"{confusion[digit, guess],3}  "))}".TrimEnd());
    }
}

static string Values(Matrix<double> y) => $"[{string.Join(' ', y.Enumerate().Select(v => FormattableString.Invariant($"{v,6:F3}")))}]";

static void Require(bool holds, string message, Action<string> addError)
{
    if (!holds)
    {
        addError(message);
    }
}
