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

var network = new Argument<string>("network") { Description = "fc, conv: the article's, sample by sample; mlp, lenet: mini-batches with Adam, pictures at the end", HelpName = "fc|conv|mlp|lenet", DefaultValueFactory = _ => "fc" };
var data = new Option<string?>("--data") { Description = "A folder with the four MNIST-named IDX files, gzipped or not [default: the digits of this sample]" };
var download = new Option<bool>("--download") { Description = "Fetch MNIST (11 MB) into the folder of --data, or into the user's cache, unless it is there" };
var samples = new Option<int?>("--samples")
{
    Description = "How many training digits to take, from the first [default: 1000 for fc and conv, all for mlp and lenet]",
    CustomParser = text => Number<int>(text, "--samples expects a whole number, 1 or more", value => value >= 1),
};
var epochs = new Option<int?>("--epochs")
{
    Description = "How many times to go through them [default: 35 for fc, 100 for conv, 10 for mlp and lenet]",
    CustomParser = text => Number<int>(text, "--epochs expects a whole number, 1 or more", value => value >= 1),
};
var learningRate = new Option<double?>("--learning-rate")
{
    Description = "The step against the gradient [default: 0.1 for fc and conv, 0.001 for mlp and lenet, which lower it along a cosine]",
    CustomParser = text => Number<double>(text, "--learning-rate expects a finite number above 0", value => double.IsFinite(value) && value > 0),
};
var seed = new Option<int>("--seed")
{
    Description = "Where the initial weights are drawn from, and the order of the digits for mlp and lenet",
    DefaultValueFactory = _ => 1,
    CustomParser = text => Number<int>(text, "--seed expects a whole number", _ => true),
};
var output = new Option<string>("--output") { Description = "The folder for the pictures of mlp and lenet", DefaultValueFactory = _ => "mnist-pictures" };
network.Validators.Add(result => Require(result.GetValue(network) is "fc" or "conv" or "mlp" or "lenet", $"The network is fc, conv, mlp or lenet, but got '{result.GetValue(network)}'.", result.AddError));
data.Validators.Add(result => Require(result.GetValue(data) is not "", "--data expects a folder, but got ''.", result.AddError));
output.Validators.Add(result => Require(result.GetValue(output) is not "", "--output expects a folder, but got ''.", result.AddError));

using var ctrlC = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = !ctrlC.IsCancellationRequested; // the first ends training after its epoch (its batch for mlp and lenet), the second ends the program
    if (!key.Cancel)
    {
        Screen.Leave();
    }

    ctrlC.Cancel();
};

var command = new RootCommand("Networks learn handwritten digits.") { network, data, download, samples, epochs, learningRate, seed, output };
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
        string kind = options.GetValue(network)!;
        bool article = kind is "fc" or "conv";
        var (train, test) = Load(options.GetValue(data), options.GetValue(download));
        ctrlC.Token.ThrowIfCancellationRequested();
        int take = options.GetValue(samples) ?? (article ? Math.Min(1000, train.Count) : train.Count);
        if (take > train.Count)
        {
            throw new InvalidDataException(FormattableString.Invariant($"--samples expects 1 to {train.Count}, the training digits there are, but got {take}."));
        }

        train = train.Take(take);
        IReadOnlyList<Matrix<double>> Inputs(MnistSet set) => kind is "conv" or "lenet" ? set.Images : set.Rows;
        var random = new Xoshiro256StarStar(options.GetValue(seed));
        var net = kind switch
        {
            "fc" => Networks.FullyConnected(random),
            "conv" => Networks.Convolutional(random),
            "mlp" => Networks.Mlp(random),
            _ => Networks.LeNet(random),
        };
        string folder = article ? "" : Directory.CreateDirectory(options.GetValue(output)!).FullName;
        Console.WriteLine(net.Summary());

        int count = options.GetValue(epochs) ?? (kind switch { "fc" => 35, "conv" => 100, _ => 10 });
        var data10 = (Inputs(train), Labels.OneHot(train.Labels, 10));
        var history = article
            ? Train(net, data10, count, options.GetValue(learningRate) ?? 0.1)
            : TrainByBatches(net, data10, (Inputs(test), Labels.OneHot(test.Labels, 10)), count, options.GetValue(learningRate) ?? 0.001, options.GetValue(seed));
        Report.Test(net, Inputs(test), test.Labels);
        if (!article)
        {
            Draw(net, Inputs(test), test, history, kind, folder);
        }

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

// as the article trains: an update after each sample, in order
TrainingHistory Train(Network net, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) train, int count, double rate)
{
    net.Use(Losses.Mse, Losses.MsePrime);
    var watch = Stopwatch.StartNew();
    var history = Screen.Show<EpochReport, TrainingHistory>(
        "Training", report => (report.ToString(), report.Epoch, report.Epochs), progress => net.Fit(train.X, train.Y, count, rate, progress, ctrlC.Token));
    PrintSpeed(history, train.X.Count, watch.Elapsed);
    return history;
}

// as people train today
TrainingHistory TrainByBatches(
    Network net, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) train, (IReadOnlyList<Matrix<double>> X, IReadOnlyList<Matrix<double>> Y) test, int count, double rate, int seed)
{
    Console.WriteLine("The validation digits are the test digits.");
    var watch = Stopwatch.StartNew();
    var history = EpochTable.Show((batches, epochs) => net.Fit(
        train.X,
        train.Y,
        new FitOptions
        {
            Epochs = count,
            BatchSize = 32,
            Optimizer = new Adam(rate),
            Schedule = Schedule.Cosine(count),
            Shuffle = true,
            Seed = seed,
            Validation = test,
            Metrics = [Metric.Accuracy],
            BatchProgress = batches,
            Progress = epochs,
        },
        ctrlC.Token));
    PrintSpeed(history, train.X.Count, watch.Elapsed);
    return history;
}

static void PrintSpeed(TrainingHistory history, int samples, TimeSpan elapsed) =>
    Console.WriteLine(FormattableString.Invariant($"{history.StopMessage} {history.Losses.Count * samples / elapsed.TotalSeconds:F0} samples per second"));

static void Draw(Network net, IReadOnlyList<Matrix<double>> xTest, MnistSet test, TrainingHistory history, string kind, string folder)
{
    const int Most = 60;
    var mistakes = Labels.ArgMax(net.Predict(xTest)).Select((guess, i) => (Image: test.Images[i], Label: test.Labels[i], Guess: guess)).Where(digit => digit.Guess != digit.Label).ToArray();
    string first = mistakes.Length > Most ? FormattableString.Invariant($"the first {Most} of ") : "";
    string sheet = Path.Combine(folder, $"{kind}-mistakes.png");
    Pictures.ContactSheet([.. mistakes.Take(Most)], FormattableString.Invariant($"{kind}: {first}{mistakes.Length} of {test.Count} test digits taken for another (true \u2192 predicted)"), sheet);
    Console.WriteLine($"\nthe digits it got wrong: {sheet}");
    if (history.Epochs.Count > 0)
    {
        string curve = Path.Combine(folder, $"{kind}-training.png");
        Pictures.TrainingCurve(history, FormattableString.Invariant($"{kind}: {history.Epochs.Count} epochs, test accuracy {history.Metrics[Metric.Accuracy.Name][^1]:P2}"), curve);
        Console.WriteLine($"training: {curve}");
    }

    if (!Pictures.HaveText)
    {
        Console.WriteLine("This machine has no font: the pictures are without text. Install one, such as fonts-dejavu-core on Debian.");
    }
}

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
