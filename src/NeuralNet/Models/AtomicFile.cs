namespace NeuralNet;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    private const string Extension = ".tmp";

    private static readonly EnumerationOptions s_whatMayBeSeen = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.Directory };

    /// <summary>Writes to a temporary file beside it, which takes the file's place, and its permissions, when all of it is on the disk. Where anything fails, the old file stays and the temporary one goes.</summary>
    /// <remarks>
    /// The temporary file is a new one with a name of its own, so that neither another process that writes at the same time nor a link that lies there can make it something else: the last to end wins.
    /// A process that is killed leaves its temporary file, which the next one to write deletes.
    /// </remarks>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        DeleteLeftovers(path);
        string temporary = $"{path}.{Guid.NewGuid():N}{Extension}";

        // Shared, so that it can be renamed while the lock on it still says that it is in use.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete };
        if (!OperatingSystem.IsWindows() && new FileInfo(path) is { Exists: true } old)
        {
            options.UnixCreateMode = old.UnixFileMode;
        }

        var file = new FileStream(temporary, options);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
                File.Move(temporary, path, overwrite: true);
            }
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Deletes the temporary files that nobody writes to any more, which the lock on them tells.</summary>
    private static void DeleteLeftovers(string path)
    {
        string prefix = $"{Path.GetFileName(path)}.";
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path) ?? path, "*", s_whatMayBeSeen))
        {
            var name = Path.GetFileName(file.AsSpan());
            bool isTemporary = name.Length > prefix.Length + Extension.Length && name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
                && Guid.TryParseExact(name[prefix.Length..^Extension.Length], "N", out _);
            if (isTemporary && IsUnlocked(file))
            {
                File.Delete(file);
            }
        }
    }

    private static bool IsUnlocked(string file)
    {
        try
        {
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
