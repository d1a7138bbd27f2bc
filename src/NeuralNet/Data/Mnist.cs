namespace NeuralNet.Data;

/// <summary>The MNIST database of handwritten digits, or any other data in its four files.</summary>
public static class Mnist
{
    internal static readonly MnistFile[] Files =
    [
        new("train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        new("train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        new("t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        new("t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ];

    private static readonly Uri[] s_mirrors =
    [
        new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
        new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
    ];

    /// <summary>Where <see cref="Download"/> puts the files unless told otherwise: a folder of the user's cache.</summary>
    public static string DefaultFolder => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache)
            ? cache
            : OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify)
                : Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
                    ".cache"),
        "NeuralNet",
        "mnist");

    /// <summary>Reads the training and the test set.</summary>
    /// <param name="folder">
    /// A folder with <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, <c>t10k-images-idx3-ubyte</c> and
    /// <c>t10k-labels-idx1-ubyte</c>, each gzipped (<c>.gz</c>) or not, or with a dot for the second hyphen, as many mirrors have them
    /// (<c>train-images.idx3-ubyte</c>).
    /// </param>
    /// <returns>Both sets.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or does not hold 28 x 28 images or as many labels from 0 to 9.</exception>
    public static (MnistSet Train, MnistSet Test) Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"Mnist.Load expects a folder with the four MNIST files, but there is no folder {folder}. Mnist.Download fetches them.");
        }

        return (LoadSet(folder, "train"), LoadSet(folder, "t10k"));
    }

    /// <summary>
    /// Fetches the four files of MNIST, 11 MB, into a folder; what is there already with the right checksum is not fetched again.
    /// </summary>
    /// <param name="folder">
    /// The folder, made where missing, and removed again where no file arrives; <see cref="DefaultFolder"/> where none is given.
    /// </param>
    /// <param name="progress">Told of the bytes as they arrive.</param>
    /// <param name="cancellationToken">Gives up; files that are complete stay, nothing half-written does.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="HttpRequestException">
    /// No mirror gave a file with the right SHA-256 sum; the message says what each one answered.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <remarks>
    /// Each file is written under another name beside its place, checked, flushed to the disk and renamed: a file under its own name is
    /// whole. What has one of the four names and any other checksum is replaced, once its successor has been checked.
    /// </remarks>
    public static async Task<string> DownloadAsync(
        string? folder = null, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        folder ??= DefaultFolder;
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var downloader = new Downloader(client, s_mirrors, TimeSpan.FromSeconds(60));
        await downloader.FetchAsync(Files, folder, progress, cancellationToken).ConfigureAwait(false);
        return folder;
    }

    /// <summary>As <see cref="DownloadAsync"/>, waiting for its end.</summary>
    /// <inheritdoc cref="DownloadAsync"/>
    public static string Download(
        string? folder = null, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => DownloadAsync(folder, progress, cancellationToken), CancellationToken.None).GetAwaiter().GetResult();

    private static MnistSet LoadSet(string folder, string set)
    {
        var (imagesPath, images) = ReadFile(folder, $"{set}-images", "idx3-ubyte");
        var (labelsPath, labels) = ReadFile(folder, $"{set}-labels", "idx1-ubyte");
        Require(
            imagesPath,
            images,
            "n x 28 x 28 bytes",
            images is { Type: IdxType.UnsignedByte, Dimensions: [_, MnistSet.Side, MnistSet.Side] });
        Require(labelsPath, labels, "n bytes", labels is { Type: IdxType.UnsignedByte, Dimensions: [_] });
        if (images.Dimensions[0] != labels.Dimensions[0])
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{labelsPath} must hold a label for each image of {imagesPath}, but there are {labels.Dimensions[0]} labels and ")
                + FormattableString.Invariant($"{images.Dimensions[0]} images."));
        }

        int wrong = labels.Bytes.IndexOfAnyExceptInRange((byte)0, (byte)9);
        if (wrong >= 0)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"{labelsPath} must hold labels from 0 to 9, but label {wrong} is {labels.Bytes[wrong]}."));
        }

        return new MnistSet(images.Bytes.ToArray(), [.. labels.Bytes.ToArray().Select(label => (int)label)]);
    }

    private static void Require(string path, IdxArray array, string expected, bool holds)
    {
        if (!holds)
        {
            throw new InvalidDataException(
                $"{path} must hold {expected}, but holds {string.Join(" x ", array.Dimensions)} of type {array.Type}.");
        }
    }

    private static (string Path, IdxArray Array) ReadFile(string folder, string set, string format)
    {
        string[] names = [$"{set}-{format}", $"{set}-{format}.gz", $"{set}.{format}", $"{set}.{format}.gz"];
        string path = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"Mnist.Load expects {string.Join(" or ", names)}, but {folder} has none. Mnist.Download fetches them.",
                Path.Combine(folder, names[0]));
        return (path, Idx.Read(path));
    }
}
