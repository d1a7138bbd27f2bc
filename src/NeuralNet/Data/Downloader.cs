using System.Security.Cryptography;
using NeuralNet.Models;

namespace NeuralNet.Data;

/// <summary>Fetches files whose checksums are known from the first of several mirrors that has them right.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="mirrors">Folders to ask, each ending in a slash, in this order.</param>
/// <param name="patience">How long a mirror may stay silent.</param>
internal sealed class Downloader(HttpClient client, IReadOnlyList<Uri> mirrors, TimeSpan patience)
{
    /// <summary>No file of MNIST is larger: what goes on after that is not the file.</summary>
    private const long GreatestSize = 32 << 20;

    public async Task FetchAsync(
        IEnumerable<MnistFile> files, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var missing = Missing(folder).ToList();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!await IsThereAsync(file, folder, cancellationToken).ConfigureAwait(false))
                {
                    await FetchAsync(file, folder, progress, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            RemoveEmpty(missing);
        }
    }

    /// <summary>The folder and those around it that are not there, the innermost first.</summary>
    private static IEnumerable<string> Missing(string folder)
    {
        string? path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        for (; path is not null && !Path.Exists(path); path = Path.GetDirectoryName(path))
        {
            yield return path;
        }
    }

    /// <summary>Takes back folders that were made for files of which none arrived.</summary>
    private static void RemoveEmpty(IEnumerable<string> folders)
    {
        try
        {
            foreach (string path in folders.Where(Directory.Exists).TakeWhile(path => !Directory.EnumerateFileSystemEntries(path).Any()))
            {
                Directory.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Why the files did not arrive matters more than a folder that stays.
        }
    }

    private static async Task<bool> IsThereAsync(MnistFile file, string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, file.Name);
        if (!File.Exists(path))
        {
            return false;
        }

        await using var stream = File.OpenRead(path);
        return Matches(file, await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    private static bool Matches(MnistFile file, byte[] hash) => Convert.ToHexStringLower(hash) == file.Sha256;

    private async Task FetchAsync(MnistFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var answers = new List<string>();
        foreach (var mirror in mirrors)
        {
            var address = new Uri(mirror, file.Name);
            try
            {
                await FetchAsync(address, file, Path.Combine(folder, file.Name), progress, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HttpRequestException e)
            {
                answers.Add($"{address}: {e.Message}");
            }
            catch (InvalidDataException e)
            {
                answers.Add($"{address}: {e.Message}");
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                answers.Add(FormattableString.Invariant($"{address}: silent for {patience.TotalSeconds} seconds"));
            }
        }

        throw new HttpRequestException(
            $"{file.Name} could not be fetched. {string.Join(" ", answers.Select(answer => answer.TrimEnd('.') + "."))}");
    }

    private async Task FetchAsync(
        Uri address, MnistFile file, string path, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(patience);
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        long? total = response.Content.Headers.ContentLength;
        if (total > GreatestSize)
        {
            throw new InvalidDataException(FormattableString.Invariant($"offered {total} bytes, but expected at most {GreatestSize}"));
        }

        await using var body = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        using var target = new AtomicFile(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        long received = 0;
        while (true)
        {
            silence.CancelAfter(patience);
            int count = await ReadAsync(body, buffer, silence.Token).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            received += count;
            if (received > GreatestSize)
            {
                throw new InvalidDataException(FormattableString.Invariant($"sent more than {GreatestSize} bytes"));
            }

            hash.AppendData(buffer, 0, count);
            await target.Stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            progress?.Report(new DownloadProgress(file.Name, received, total));
        }

        byte[] sum = hash.GetHashAndReset();
        if (!Matches(file, sum))
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"sent {received} bytes with SHA-256 {Convert.ToHexStringLower(sum)} in place of {file.Sha256}"));
        }

        target.Commit();
    }

    /// <summary>
    /// Reads, telling a connection that breaks, which the next mirror may cure, from a disk that fails, which it may not.
    /// </summary>
    private static async Task<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new HttpRequestException(e.Message, e);
        }
    }
}
