using MathNet.Numerics.Random;
using MnistApp;
using MnistApp.Pictures;
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

try
{
    return CommandLine.Run(args, Train, Prediction.Run, Export.Run);
}
catch (Exception e) when (e is UsageException or IOException or InvalidDataException or UnauthorizedAccessException
    or HttpRequestException or ModelFormatException or ArgumentException or InvalidOperationException or NotSupportedException)
{
    Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Canceled before training began.");
    return 1;
}

int Train(Options options)
{
    Output.RequireFile("--save", options.Save);
    Output.RequireFile("--checkpoint", options.Checkpoint);
    var (train, test) = Load(options.Data, options.Download);
    ctrlC.Token.ThrowIfCancellationRequested();
    int samples = options.Samples ?? options.Recipe.Samples(train.Count);
    if (samples > train.Count)
    {
        throw new UsageException(FormattableString.Invariant(
            $"--samples expects 1 to {train.Count}, the training digits there are, but got {samples}."));
    }

    train = train.Take(samples);
    var album = new Album(options.Output, options.Recipe);
    var net = options.Recipe.Make(new Xoshiro256StarStar(options.Seed));
    Console.WriteLine(net.Summary());
    Console.WriteLine("Validation is by the test digits.");
    var history = Training.Run(options, net, train, test, ctrlC.Token);
    if (options.Save is { } file)
    {
        net.Save(file);
        Console.WriteLine($"saved network: {file}");
    }

    var confusion = new Confusion(Labels.ArgMax(net.Predict(options.Recipe.X(test))), test.Labels);
    confusion.Print();
    album.Draw(history, confusion, test.Images);
    return history.StopReason == StopReason.NumericOverflow ? 1 : 0;
}

(MnistSet Train, MnistSet Test) Load(string? folder, bool fetch)
{
    if (fetch)
    {
        folder ??= Mnist.DefaultFolder;
        Console.WriteLine($"MNIST's files go to {folder}, unless they are there");
        folder = Screen.Show<DownloadProgress, string>(
            "Fetching MNIST",
            p => ($"fetching {p.File}", p.Received, p.Total),
            progress => Mnist.Download(folder, progress, ctrlC.Token));
    }
    else if (folder is not null && !Directory.Exists(folder))
    {
        throw new UsageException(
            $"--data expects a folder with the four MNIST files, but there is no folder {folder}. "
            + "With --download, MNIST is fetched there.");
    }

    else if (folder is not null)
    {
        _ = Directory.EnumerateFiles(folder).Any(); // a folder that may not be read looks like an empty one to who asks for files by name
    }

    folder ??= Path.Combine(AppContext.BaseDirectory, "digits");
    var sets = Screen.Wait("Reading digits", () => Mnist.Load(folder));
    Console.WriteLine(FormattableString.Invariant($"{folder}: {sets.Train.Count} digits to train, {sets.Test.Count} to test"));
    return sets;
}
