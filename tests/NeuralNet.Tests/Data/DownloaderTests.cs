using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using NeuralNet.Data;

namespace NeuralNet.Tests.Data;

public class DownloaderTests
{
    private static readonly byte[] s_body = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7))];
    private static readonly MnistFile s_file = new("digits.gz", Convert.ToHexStringLower(SHA256.HashData(s_body)));

    [Fact]
    public async Task AGoodAnswerIsWrittenAndReported()
    {
        using var folder = new Folder();
        using var server = LocalServer.Sending(s_body);
        var reports = new List<DownloadProgress>();
        await Fetch(folder, new SynchronousProgress<DownloadProgress>(reports.Add), default, server);
        folder.Files.Should().Equal("digits.gz");
        folder.Read("digits.gz").Should().Equal(s_body);
        reports[^1].Should().Be(new DownloadProgress("digits.gz", s_body.Length, s_body.Length));
        reports.Select(report => report.Received).Should().BeInAscendingOrder();
        server.Requests.Should().Equal("/digits.gz");
    }

    [Fact]
    public async Task AFileThatIsThereIsNotFetchedAgainUnlessItIsDamaged()
    {
        using var folder = new Folder();
        using var server = LocalServer.Sending(s_body);
        folder.Write("digits.gz", s_body);
        await Fetch(folder, null, default, server);
        server.Requests.Should().BeEmpty();
        folder.Write("digits.gz", s_body[..1000]);
        await Fetch(folder, null, default, server);
        server.Requests.Should().ContainSingle();
        folder.Read("digits.gz").Should().Equal(s_body);
    }

    [Fact]
    public async Task WhatAKilledDownloadLeftIsDeleted()
    {
        using var folder = new Folder();
        using var server = LocalServer.Sending(s_body);
        string left = $"{Guid.NewGuid():N}";
        folder.Write("digits.gz.saving", System.Text.Encoding.ASCII.GetBytes(left));
        folder.Write($"digits.gz.{left}.tmp", s_body[..1000]);

        await Fetch(folder, null, default, server);

        folder.Files.Should().Equal("digits.gz");
    }

    [Theory]
    [InlineData("missing", "*404*")]
    [InlineData("failing", "*500*")]
    [InlineData("corrupt", "*SHA-256*in place of*")]
    [InlineData("short", "*")]
    [InlineData("broken off", "*")]
    [InlineData("endless", "*more than*")]
    [InlineData("silent", "*silent*")]
    public async Task AfterABadAnswerTheSecondMirrorIsAskedAndNothingHalfWrittenStays(string answer, string message)
    {
        using var never = new CancellationTokenSource();
        using var bad = Bad(answer, never.Token);
        using var good = LocalServer.Sending(s_body);
        using var folder = new Folder();
        await Fetch(folder, null, default, bad, good);
        folder.Files.Should().Equal("digits.gz");
        folder.Read("digits.gz").Should().Equal(s_body);

        folder.Write("digits.gz", [1, 2, 3]);
        var fetch = () => Fetch(folder, null, default, bad);
        (await fetch.Should().ThrowAsync<HttpRequestException>()).WithMessage(message)
            .WithMessage($"digits.gz could not be fetched. {bad.Address}digits.gz: *");
        folder.Files.Should().Equal("digits.gz");
        folder.Read("digits.gz").Should().Equal(1, 2, 3);
        never.Cancel();
    }

    [Fact]
    public async Task BothMirrorsAreNamedWhereBothFail()
    {
        using var one = LocalServer.Sending([], 503);
        using var two = LocalServer.Sending([1, 2, 3]);
        using var folder = new Folder();
        var fetch = () => Fetch(folder, null, default, one, two);
        (await fetch.Should().ThrowAsync<HttpRequestException>()).WithMessage($"*{one.Address}*503*{two.Address}*sent 3 bytes*");
        folder.Files.Should().BeEmpty();
    }

    [Fact]
    public async Task AConnectionResetWithinTheBodySendsUsToTheSecondMirror()
    {
        var started = new TaskCompletionSource();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var reset = ResetAsync(listener, started.Task);
        var first = new Uri($"http://{listener.LocalEndpoint}/");
        using var good = LocalServer.Sending(s_body);
        using var folder = new Folder();
        using var client = new HttpClient();

        await new Downloader(client, [first, good.Address], TimeSpan.FromMinutes(1))
            .FetchAsync([s_file], folder.Path, new SynchronousProgress<DownloadProgress>(_ => started.TrySetResult()), default);

        await reset;
        folder.Files.Should().Equal("digits.gz");
        folder.Read("digits.gz").Should().Equal(s_body);
    }

    [Fact]
    public async Task AMirrorThatOffersTooMuchIsNotListenedTo()
    {
        using var never = new CancellationTokenSource();
        using var server = new LocalServer(async context =>
        {
            context.Response.ContentLength64 = 9_000_000_000;
            await context.Response.OutputStream.WriteAsync(s_body.AsMemory(0, 1000));
            await Until(never.Token);
            context.Response.Abort();
        });
        using var folder = new Folder();
        int reports = 0;
        var fetch = () => Fetch(folder, new SynchronousProgress<DownloadProgress>(_ => reports++), default, server);
        (await fetch.Should().ThrowAsync<HttpRequestException>()).WithMessage("*offered 9000000000 bytes*at most 33554432*");
        reports.Should().Be(0);
        folder.Files.Should().BeEmpty();
        never.Cancel();
    }

    [Fact]
    public async Task AFolderThatCannotBeWrittenIsNotTheMirrorsFault()
    {
        using var folder = new Folder();
        folder.Write("file", []);
        using var server = LocalServer.Sending(s_body);
        using var client = new HttpClient();
        var fetch = () => new Downloader(client, [server.Address], TimeSpan.FromSeconds(2))
            .FetchAsync([s_file], Path.Combine(folder.Path, "file"), null, default);
        await fetch.Should().ThrowAsync<IOException>();
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public void AnEmptyFolderNameIsRefused() =>
        FluentActions.Invoking(() => Mnist.Download("")).Should().Throw<ArgumentException>().WithParameterName("folder");

    [Fact]
    public async Task CancellingLeavesNothingBehind()
    {
        using var cancel = new CancellationTokenSource();
        using var server = new LocalServer(async context =>
        {
            context.Response.ContentLength64 = s_body.Length;
            await context.Response.OutputStream.WriteAsync(s_body.AsMemory(0, 1000));
            await context.Response.OutputStream.FlushAsync();
            await Until(cancel.Token);
            context.Response.Abort();
        });
        using var folder = new Folder();
        var fetch = () => Fetch(folder, new SynchronousProgress<DownloadProgress>(_ => cancel.Cancel()), cancel.Token, server);
        await fetch.Should().ThrowAsync<OperationCanceledException>();
        folder.Files.Should().BeEmpty();
    }

    [Fact]
    public void MnistIsFourFilesWithTheirPublishedSums()
    {
        Mnist.Files.Select(file => file.Name).Should().Equal(
            "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz");
        Mnist.Files.Should().OnlyContain(file => file.Sha256.Length == 64);
    }

    [Fact]
    public void ADownloadCanceledBeforeItStartsFetchesNothing()
    {
        using var folder = new Folder();
        FluentActions.Invoking(() => Mnist.Download(folder.Path, cancellationToken: new CancellationToken(true)))
            .Should().Throw<OperationCanceledException>();
        folder.Files.Should().BeEmpty();
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("corrupt")]
    [InlineData("broken off")]
    public async Task WhereNothingArrivedNoFolderIsLeft(string answer)
    {
        using var never = new CancellationTokenSource();
        using var bad = Bad(answer, never.Token);
        using var folder = new Folder();
        string inner = Path.Combine(folder.Path, "a", "b");
        await FluentActions.Awaiting(() => Fetch(inner, bad)).Should().ThrowAsync<HttpRequestException>();
        Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();

        Directory.CreateDirectory(inner);
        await FluentActions.Awaiting(() => Fetch(inner, bad)).Should().ThrowAsync<HttpRequestException>();
        Directory.Exists(inner).Should().BeTrue("it was there before");
        never.Cancel();
    }

    [Fact]
    public async Task AFolderWithAFileThatArrivedStays()
    {
        int asked = 0;
        using var server = new LocalServer(async context =>
        {
            context.Response.StatusCode = asked++ == 0 ? 200 : 404;
            await context.Response.OutputStream.WriteAsync(s_body);
            context.Response.Close();
        });
        using var folder = new Folder();
        using var client = new HttpClient();
        string inner = Path.Combine(folder.Path, "a");
        var fetch = () => new Downloader(client, [server.Address], TimeSpan.FromMinutes(1))
            .FetchAsync([s_file, new MnistFile("second.gz", s_file.Sha256)], inner, null, default);
        await fetch.Should().ThrowAsync<HttpRequestException>();
        Directory.EnumerateFiles(inner).Select(Path.GetFileName).Should().Equal("digits.gz");
    }

    private static async Task Fetch(string folder, LocalServer mirror)
    {
        using var client = new HttpClient();
        await new Downloader(client, [mirror.Address], TimeSpan.FromMinutes(1)).FetchAsync([s_file], folder, null, default);
    }

    private static LocalServer Bad(string answer, CancellationToken never) => answer switch
    {
        "missing" => LocalServer.Sending([], 404),
        "failing" => LocalServer.Sending(s_body, 500),
        "corrupt" => LocalServer.Sending([.. s_body[..^1], (byte)~s_body[^1]]),
        "short" => LocalServer.Sending(s_body[..1000]),
        "endless" => new LocalServer(async context =>
        {
            context.Response.SendChunked = true;
            await context.Response.OutputStream.WriteAsync(new byte[(32 << 20) + 1]);
            context.Response.Close();
        }),
        "broken off" => new LocalServer(async context =>
        {
            context.Response.ContentLength64 = s_body.Length;
            await context.Response.OutputStream.WriteAsync(s_body.AsMemory(0, 1000));
            context.Response.Abort();
        }),
        _ => new LocalServer(_ => Until(never)),
    };

    /// <summary>Sends the start of a body, and resets the connection when the client has it.</summary>
    private static async Task ResetAsync(TcpListener listener, Task started)
    {
        using var socket = await listener.AcceptSocketAsync();
        await socket.ReceiveAsync(new byte[4096]);
        await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\nabc"u8.ToArray());
        await started;
        socket.Close(timeout: 0);
    }

    private static Task Until(CancellationToken token)
    {
        var canceled = new TaskCompletionSource();
        token.Register(canceled.SetResult);
        return canceled.Task;
    }

    private static async Task Fetch(
        Folder folder, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken, params LocalServer[] mirrors)
    {
        using var client = new HttpClient();
        await new Downloader(client, [.. mirrors.Select(server => server.Address)], TimeSpan.FromSeconds(6))
            .FetchAsync([s_file], folder.Path, progress, cancellationToken);
    }
}
