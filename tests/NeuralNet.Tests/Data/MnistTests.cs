using System.IO.Compression;
using NeuralNet.Data;
using NeuralNet.Layers;

namespace NeuralNet.Tests.Data;

public class MnistTests
{
    [Fact]
    public void TheDigitsOfTheSampleAreRead()
    {
        var (train, test) = Mnist.Load(Path.Combine(AppContext.BaseDirectory, "digits"));
        (train.Count, test.Count).Should().Be((4000, 1000));
        byte[] pixels = Unzipped("t10k-images-idx3-ubyte.gz")[16..];
        for (int at = 0; at < 5 * 784; at++)
        {
            test.Images[at / 784][at % 784 / 28, at % 28].Should().Be(pixels[at] / 255.0);
            test.Rows[at / 784][0, at % 784].Should().Be(pixels[at] / 255.0);
        }

        train.Labels.Should().Equal(Unzipped("train-labels-idx1-ubyte.gz")[8..].Select(label => (int)label));
        var first = train.Take(7);
        (first.Count, first.Images.Count, first.Rows.Count, first.Labels.Count).Should().Be((7, 7, 7, 7));
        first.Rows[6].Should().Be(train.Rows[6]);
        first.Rows.Should().BeSameAs(first.Rows, "matrices are made once");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3)]
    public void TakeKeepsToWhatThereIs(int count)
    {
        using var folder = Small();
        FluentActions.Invoking(() => Mnist.Load(folder.Path).Train.Take(count))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*1 to 2 digits*got {count}*");
    }

    [Fact]
    public void PlainAndGzippedFilesMix()
    {
        using var folder = Small();
        folder.Write("train-images-idx3-ubyte.gz", IdxBytes.Gzip(folder.Read("train-images-idx3-ubyte")));
        folder.Delete("train-images-idx3-ubyte");
        var (train, _) = Mnist.Load(folder.Path);
        train.Images[1][0, 1].Should().Be(1, "the second image starts 0, 255");
        train.Rows[1][0, 1].Should().Be(1);
        train.Labels.Should().Equal(3, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void FilesWithADotInTheirNamesAreFoundPlainAndGzipped(string extension)
    {
        using var folder = Small();
        foreach (string name in folder.Files.ToArray())
        {
            byte[] file = folder.Read(name);
            folder.Delete(name);
            folder.Write(name.Replace("-idx", ".idx", StringComparison.Ordinal) + extension, extension == "" ? file : IdxBytes.Gzip(file));
        }

        var (train, test) = Mnist.Load(folder.Path);

        (train.Count, test.Count).Should().Be((2, 2));
        train.Labels.Should().Equal(3, 9);
        folder.Delete("t10k-labels.idx1-ubyte" + extension);
        FluentActions.Invoking(() => Mnist.Load(folder.Path)).Should().Throw<FileNotFoundException>()
            .WithMessage(
                "*t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz or t10k-labels.idx1-ubyte or t10k-labels.idx1-ubyte.gz, "
                + "but*has none*");
    }

    public static TheoryData<string, byte[], string> Damages => new()
    {
        { "train-labels-idx1-ubyte", IdxBytes.Of(0x08, [2], 3, 10), "*labels from 0 to 9*label 1 is 10*" },
        { "train-labels-idx1-ubyte", IdxBytes.Of(0x08, [1], 3), "*a label for each image*1 labels and 2 images*" },
        { "train-images-idx3-ubyte", IdxBytes.Of(0x08, [2, 2, 2], new byte[8]), "*n x 28 x 28 bytes*2 x 2 x 2*" },
        { "t10k-images-idx3-ubyte", IdxBytes.Of(0x08, [2, 784], new byte[1568]), "*n x 28 x 28 bytes*2 x 784*" },
        { "t10k-labels-idx1-ubyte", IdxBytes.Of(0x0B, [1], 0, 3), "*n bytes*Short*" },
        { "t10k-labels-idx1-ubyte", [], "*ends within*" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void DamagedFilesAreNamed(string name, byte[] bytes, string message)
    {
        using var folder = Small();
        folder.Write(name, bytes);
        FluentActions.Invoking(() => Mnist.Load(folder.Path))
            .Should().Throw<InvalidDataException>().WithMessage(message).WithMessage($"*{name}*");
    }

    [Fact]
    public void MissingFilesAndFoldersAreNamed()
    {
        using var folder = Small();
        folder.Delete("t10k-labels-idx1-ubyte");
        FluentActions.Invoking(() => Mnist.Load(folder.Path))
            .Should().Throw<FileNotFoundException>().WithMessage("*t10k-labels-idx1-ubyte*Mnist.Download*");
        FluentActions.Invoking(() => Mnist.Load(folder.Path + "-not")).Should().Throw<DirectoryNotFoundException>().WithMessage("*-not*");
        FluentActions.Invoking(() => Mnist.Load(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Mnist.Load("")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void TheDefaultFolderIsTheUsersOwn() => Path.IsPathRooted(Mnist.DefaultFolder).Should().BeTrue();

    private static byte[] Unzipped(string name)
    {
        using var gzip = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "digits", name)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static Folder Small()
    {
        var folder = new Folder();
        byte[] pixels = new byte[2 * 784];
        pixels[785] = 255;
        foreach (string set in new[] { "train", "t10k" })
        {
            folder.Write($"{set}-images-idx3-ubyte", IdxBytes.Of(0x08, [2, 28, 28], pixels));
            folder.Write($"{set}-labels-idx1-ubyte", IdxBytes.Of(0x08, [2], 3, 9));
        }

        return folder;
    }
}
