using System.Diagnostics;
using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Models;

public sealed class AtomicFileTests : IDisposable
{
    private readonly Folder _folder = new();

    private string File => Path.Combine(_folder.Path, "model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatAKilledProcessLeftIsDeletedAndNoOtherFileIsLookedAt()
    {
        var left = Guid.NewGuid();
        _folder.Write($"model.{left:N}.tmp", [1]);
        _folder.Write("model.saving", System.Text.Encoding.ASCII.GetBytes($"{left:N}"));
        string[] others =
            ["model.tmp", "model.old.tmp", $"model2.{left:N}.tmp", $"model.{left:N}", $"model.{Guid.NewGuid():N}.tmp", "model.saving.tmp"];
        foreach (string name in others)
        {
            _folder.Write(name, [1]);
        }

        AtomicFile.Write(File, stream => stream.WriteByte(2));

        _folder.Files.Should().BeEquivalentTo(others.Append("model"));
        _folder.Read("model").Should().Equal(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("my own notes")]
    [InlineData("my own notes of 32 bytes, no more")]
    public void AFileOfTheUsersThatHasTheNotesNameIsLeftAlone(string text)
    {
        _folder.Write("model.saving", System.Text.Encoding.ASCII.GetBytes(text));

        AtomicFile.Write(File, stream => stream.WriteByte(2));

        _folder.Files.Should().Equal("model", "model.saving");
        _folder.Read("model.saving").Should().Equal(System.Text.Encoding.ASCII.GetBytes(text));
    }

    [Fact]
    public void WhatIsBeingWrittenIsNotTakenForALeftover()
    {
        AtomicFile.Write(File, first =>
        {
            var during = _folder.Files.ToArray();
            during.Should().HaveCount(2).And.Contain("model.saving");
            FluentActions.Invoking(() => AtomicFile.Write(File, _ => throw new IOException("full"))).Should().Throw<IOException>();
            _folder.Files.Should().Equal(during);
            first.WriteByte(1);
        });

        _folder.Files.Should().Equal("model");
    }

    [Fact]
    public void OfTwoThatWriteAtOnceTheLastToEndWins()
    {
        AtomicFile.Write(File, first =>
        {
            AtomicFile.Write(File, second => second.WriteByte(2));
            _folder.Read("model").Should().Equal(2);
            first.WriteByte(1);
        });

        _folder.Read("model").Should().Equal(1);
        _folder.Files.Should().Equal("model");
    }

    [Fact]
    public async Task AFifoIsWrittenToAndStays()
    {
        if (!Run("mkfifo", File))
        {
            return;
        }

        foreach (int seed in new[] { 1, 2 })
        {
            var network = Draw.XorNetwork(seed);
            var reader = Task.Run(() => System.IO.File.ReadAllBytes(File));
            await Task.Run(() => network.Save(File)).WaitAsync(TimeSpan.FromMinutes(1));
            (await reader.WaitAsync(TimeSpan.FromMinutes(1))).Should().Equal(ModelBytes.Of(network));
        }

        _folder.Files.Should().Equal("model");
        Run("test", "-p", File).Should().BeTrue();
    }

    /// <summary>/dev/full takes bytes as a full disk does.</summary>
    [Fact]
    public void ADeviceIsWrittenToThroughALinkAndBothStay()
    {
        const string Full = "/dev/full";
        if (!System.IO.File.Exists(Full))
        {
            return;
        }

        System.IO.File.CreateSymbolicLink(File, Full);

        Draw.XorNetwork(1).Invoking(network => network.Save(File)).Should().Throw<IOException>().WithMessage("*space*");

        new FileInfo(File).LinkTarget.Should().Be(Full);
        _folder.Files.Should().Equal("model");
        Run("test", "-c", Full).Should().BeTrue();
    }

    /// <summary>/dev/stdout, where a program's output goes into a file, is such a path.</summary>
    [Fact]
    public void AFileThatAProcessHasOpenIsWrittenToWhereItsDescriptorIsTheName()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _folder.Write("model", new byte[100]);
        using var output = new FileStream(File, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        string descriptor = $"/proc/self/fd/{output.SafeFileHandle.DangerousGetHandle()}";
        System.IO.File.CreateSymbolicLink($"{File}.link", descriptor);

        foreach (string path in new[] { descriptor, $"{File}.link" })
        {
            AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
            output.Length.Should().Be(3);
        }

        _folder.Files.Should().Equal("model", "model.link");
    }

    /// <summary>0666 and 0775 are what the usual umasks take bits from.</summary>
    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(Read | Write)]
    [InlineData(Read | Write | UnixFileMode.UserExecute | UnixFileMode.GroupExecute)]
    [InlineData(UnixFileMode.UserWrite)]
    public void AFileKeepsItsPermissionsWhateverTheUmask(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _folder.Write("model", [1]);
        System.IO.File.SetUnixFileMode(File, mode);

        AtomicFile.Write(File, stream => stream.WriteByte(2));

        System.IO.File.GetUnixFileMode(File).Should().Be(mode);
        System.IO.File.SetUnixFileMode(File, Read | Write);
        _folder.Read("model").Should().Equal(2);
    }

    /// <summary>By root too, whom the system would let.</summary>
    [Fact]
    public void AReadOnlyFileIsRefusedAndStays()
    {
        _folder.Write("model", [1]);
        System.IO.File.SetAttributes(File, FileAttributes.ReadOnly);

        Draw.XorNetwork(1).Invoking(network => network.Save(File)).Should().Throw<UnauthorizedAccessException>().WithMessage($"*{File}*");

        _folder.Files.Should().Equal("model");
        _folder.Read("model").Should().Equal(1);
        System.IO.File.SetAttributes(File, FileAttributes.Normal);
    }

    /// <summary>Root may write everywhere: then there is nothing to refuse.</summary>
    [Fact]
    public void AFolderThatMayNotBeWrittenToIsNamed()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            return;
        }

        System.IO.File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Draw.XorNetwork(1).Invoking(network => network.Save(File)).Should().Throw<UnauthorizedAccessException>()
            .WithMessage($"{File} cannot be written: no new file may be made in {_folder.Path}*");
        System.IO.File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void ALinkStaysAndTheFileItLeadsToIsReplaced()
    {
        string deep = Path.Combine(_folder.Path, "deep", "deeper");
        Directory.CreateDirectory(deep);
        System.IO.File.CreateSymbolicLink(Path.Combine(deep, "up"), Path.Combine("..", "run1"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "short"), deep);
        System.IO.File.CreateSymbolicLink(File, Path.Combine("short", "up"));
        System.IO.File.WriteAllBytes(Path.Combine(_folder.Path, "deep", "run1"), [1]);

        AtomicFile.Write(File, stream => stream.WriteByte(2));

        System.IO.File.ReadAllBytes(Path.Combine(_folder.Path, "deep", "run1")).Should().Equal(2);
        new FileInfo(File).LinkTarget.Should().Be(Path.Combine("short", "up"));
        _folder.Files.Should().Equal("model");
        Directory.EnumerateFiles(deep).Should().Equal(Path.Combine(deep, "up"));
    }

    [Fact]
    public void ALinkToNothingMakesTheFileAndLinksInACircleAreRefused()
    {
        System.IO.File.CreateSymbolicLink(File, "run1");
        System.IO.File.CreateSymbolicLink($"{File}.a", "model.b");
        System.IO.File.CreateSymbolicLink($"{File}.b", "model.a");

        AtomicFile.Write(File, stream => stream.WriteByte(2));
        FluentActions.Invoking(() => AtomicFile.Write($"{File}.a", stream => stream.WriteByte(3))).Should().Throw<IOException>();

        _folder.Files.Should().Equal("model", "model.a", "model.b", "run1");
        new FileInfo(File).LinkTarget.Should().Be("run1");
        _folder.Read("run1").Should().Equal(2);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("model.best")]
    public void ACheckpointThatMayNotBeWrittenIsRefusedBeforeTraining(string readOnly)
    {
        _folder.Write(readOnly, [1]);
        System.IO.File.SetAttributes(Path.Combine(_folder.Path, readOnly), FileAttributes.ReadOnly);
        int epochs = 0;
        var options = new FitOptions
        {
            Checkpoint = new Checkpoint(File) { KeepBest = true },
            Progress = new SynchronousProgress<EpochReport>(_ => epochs++),
        };

        Draw.XorNetwork(1).Invoking(network => network.Fit(Draw.XorX(), Draw.XorY(), options))
            .Should().Throw<UnauthorizedAccessException>();

        epochs.Should().Be(0);
        _folder.Files.Should().Equal(readOnly);
        System.IO.File.SetAttributes(Path.Combine(_folder.Path, readOnly), FileAttributes.Normal);
    }

    private const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Write = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Whether a program of the system's says yes; no where there is none.</summary>
    private static bool Run(string program, params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
