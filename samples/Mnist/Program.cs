using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using MnistSample;
using NeuralNet;
using NeuralNet.Data;

var network = new Argument<string>("network") { Description = "fc: fully connected; conv: convolutional", HelpName = "fc|conv", DefaultValueFactory = _ => "fc" };
var data = new Option<string?>("--data") { Description = "A folder with the four MNIST-named IDX files, gzipped or not [default: the digits of this sample]" };
var download = new Option<bool>("--download") { Description = "Fetch MNIST (11 MB) into the folder of --data, or into the user's cache, unless it is there" };
var samples = new Option<int>("--samples")
{
    Description = "How many training digits to take, from the first",
    DefaultValueFactory = _ => 1000,
    CustomParser = text => Number<int>(text, "--samples expects a whole number, 1 or more", value => value >= 1),
};
var epochs = new Option<int?>("--epochs")
{
    Description = "How many times to go through them [default: 35 for fc, 100 for conv]",
    CustomParser = text => Number<int>(text, "--epochs expects a whole number, 1 or more", value => value >= 1),
};
var learningRate = new Option<double>("--learning-rate")
{
    Description = "The step against the gradient",
    DefaultValueFactory = _ => 0.1,
    CustomParser = text => Number<double>(text, "--learning-rate expects a finite number above 0", value => double.IsFinite(value) && value > 0),
};
var seed = new Option<int>("--seed")
{
    Description = "Where the initial weights are drawn from",
    DefaultValueFactory = _ => 1,
    CustomParser = text => Number<int>(text, "--seed expects a whole number", _ => true),
};
network.Validators.Add(result => Require(result.GetValue(network) is "fc" or "conv", $"The network is fc or conv, but got '{result.GetValue(network)}'.", result.AddError));
data.Validators.Add(result => Require(result.GetValue(data) is not "", "--data expects a folder, but got ''.", result.AddError));

using var ctrlC = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = !ctrlC.IsCancellationRequested; // the first ends training after its epoch, the second ends the program
    if (!key.Cancel)
    {
        Screen.Leave();
    }

    ctrlC.Cancel();
};

var command = new RootCommand("The article's networks learn handwritten digits.") { network, data, download, samples, epochs, learningRate, seed };
command.SetAction(Run);
var parsed = command.Parse(args);
if (parsed.Action is ParseErrorAction)
{
    Console.Error.WriteLine(string.Join(' ', parsed.Errors.Select(error => error.Message)));
    return 1;
}

return parsed.Invoke();

int Run(ParseResult options)
{
    try
    {
        bool convolutional = options.GetValue(network) == "conv";
        var (train, test) = Load(options.GetValue(data), options.GetValue(download));
        ctrlC.Token.ThrowIfCancellationRequested();
        if (options.GetValue(samples) > train.Count)
        {
            throw new InvalidDataException(FormattableString.Invariant($"--samples expects 1 to {train.Count}, the training digits there are, but got {options.GetValue(samples)}."));
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
    catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or HttpRequestException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Canceled before training began.");
        return 1;
    }
}

(MnistSet Train, MnistSet Test) Load(string? folder, bool fetch)
{
    if (fetch)
    {
        folder ??= Mnist.DefaultFolder;
        Console.WriteLine($"MNIST's files go to {folder}, unless they are there");
        folder = Screen.Show<DownloadProgress, string>(
            "Fetching MNIST", p => ($"fetching {p.File}", p.Received, p.Total), progress => Mnist.Download(folder, progress, ctrlC.Token));
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
    Console.WriteLine("\n true |    0    1    2    3    4    5    6    7    8    9  <- predicted");
    for (int digit = 0; digit < 10; digit++)
    {
        Console.WriteLine($"{digit,5} |{string.Concat(Enumerable.Range(0, 10).Select(guess => $"{confusion[digit, guess],5}"))}");
    }
}

static string Values(Matrix<double> y) => $"[{string.Join(' ', y.Enumerate().Select(v => FormattableString.Invariant($"{v,6:F3}")))}]";

static T Number<T>(ArgumentResult argument, string expectation, Predicate<T> fits)
    where T : struct, INumberBase<T>
{
    string text = argument.Tokens[0].Value;
    if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && fits(value))
    {
        return value;
    }

    argument.AddError($"{expectation}, but got '{text}'.");
    return default;
}

static void Require(bool holds, string message, Action<string> addError)
{
    if (!holds)
    {
        addError(message);
    }
}
