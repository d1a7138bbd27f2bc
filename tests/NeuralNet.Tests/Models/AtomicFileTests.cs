using NeuralNet.Tests.Data;

namespace NeuralNet.Tests.Models;

public sealed class AtomicFileTests : IDisposable
{
    private readonly Folder _folder = new();

    private string File => Path.Combine(_folder.Path, "model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatAKilledProcessLeftIsDeletedAndNothingElse()
    {
        string left = $"model.{Guid.NewGuid():N}.tmp";
        string[] others = ["model.tmp", "model.old.tmp", $"model2.{Guid.NewGuid():N}.tmp", $"model.{Guid.NewGuid():N}"];
        foreach (string name in others.Append(left))
        {
            _folder.Write(name, [1]);
        }

        AtomicFile.Write(File, stream => stream.WriteByte(2));

        _folder.Files.Should().BeEquivalentTo(others.Append("model"));
        _folder.Read("model").Should().Equal(2);
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
    public void AFileKeepsItsPermissionsAndALinkIsReplaced()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        AtomicFile.Write(File, stream => stream.WriteByte(1));
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.IO.File.CreateSymbolicLink($"{File}.link", File);

        AtomicFile.Write(File, stream => stream.WriteByte(2));
        AtomicFile.Write($"{File}.link", stream => stream.WriteByte(3));

        System.IO.File.GetUnixFileMode(File).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _folder.Read("model").Should().Equal(2);
        _folder.Read("model.link").Should().Equal(3);
    }
}
