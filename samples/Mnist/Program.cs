using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Random;
using MnistSample;
using MnistSample.Pictures;
using NeuralNet;
using NeuralNet.Data;

using var ctrlC = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = !ctrlC.IsCancellationRequested; // the first ends training after its epoch or mini-batch, the second ends the program
    if (!key.Cancel)
    {
        Screen.Leave();
    }

    ctrlC.Cancel();
};

return CommandLine.Run(
    args,
    options => Try(() => Train(options)),
    (model, images) => Try(() => Prediction.Run(model, images)),
    (model, path, float64) => Try(() => Export.Run(model, path, float64)));

static int Try(Func<int> run)
{
    try
    {
        return run();
    }
    catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or HttpRequestException or ModelFormatException or ArgumentException or NotSupportedException)
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

int Train(Options options)
{
    var album = options.IsArticle ? null : new Album(options.Output ?? "mnist-output", options.Network);
    var (train, test) = Load(options.Data, options.Download);
    ctrlC.Token.ThrowIfCancellationRequested();
    int samples = options.Samples ?? (options.IsArticle ? 1000 : train.Count);
    if (samples > train.Count)
    {
        throw new InvalidDataException(FormattableString.Invariant($"--samples expects 1 to {train.Count}, the training digits there are, but got {samples}."));
    }

    train = train.Take(samples);
    var (xTrain, xTest) = options.TakesImages ? (train.Images, test.Images) : (train.Rows, test.Rows);
    var (yTrain, yTest) = (Labels.OneHot(train.Labels, 10), Labels.OneHot(test.Labels, 10));

    var random = new Xoshiro256StarStar(options.Seed);
    var net = options.Network switch
    {
        "conv" => Networks.Convolutional(random),
        "mlp" => Networks.Mlp(random),
        "lenet" => Networks.LeNet(random),
        _ => Networks.FullyConnected(random),
    };
    Console.WriteLine(net.Summary());

    TrainingHistory history;
    if (options.IsArticle)
    {
        int epochs = options.Epochs ?? (options.Network == "conv" ? 100 : 35);
        history = Training.Article(net, xTrain, yTrain, epochs, options.LearningRate ?? 0.1, ctrlC.Token);
        PrintThree(net, xTest, yTest);
    }
    else
    {
        int epochs = options.Epochs ?? (samples >= 20_000 ? 5 : 10);
        Console.WriteLine("Validation is by the test digits.");
        var checkpoint = options.Checkpoint is { } path ? new Checkpoint(path) { Resume = options.Resume } : null;
        history = Training.MiniBatches(net, (xTrain, yTrain), (xTest, yTest), epochs, options.LearningRate ?? 0.001, options.Seed, checkpoint, ctrlC.Token);
    }

    var confusion = new Confusion(Labels.ArgMax(net.Predict(xTest)), test.Labels);
    confusion.Print();
    album?.Draw(history, confusion, test.Images);
    if (options.Save is { } file)
    {
        net.Save(file);
        Console.WriteLine($"saved network: {file}");
    }

    return history.StopReason == StopReason.NumericOverflow ? 1 : 0;
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

static void PrintThree(Network net, IReadOnlyList<Matrix<double>> xTest, IReadOnlyList<Matrix<double>> yTest)
{
    Console.WriteLine("\npredicted values :");
    foreach (var y in net.Predict([.. xTest.Take(3)]))
    {
        Console.WriteLine(Values(y));
    }

    Console.WriteLine("true values :");
    foreach (var y in yTest.Take(3))
    {
        Console.WriteLine(Values(y));
    }
}

static string Values(Matrix<double> y) => $"[{string.Join(' ', y.Enumerate().Select(v => FormattableString.Invariant($"{v,6:F3}")))}]";
