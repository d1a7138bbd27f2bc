namespace MnistApp;

/// <summary>Finds out before training whether what it ends in can be written.</summary>
internal static class Output
{
    /// <summary>Refuses a file that cannot be written; leaves everything as it was.</summary>
    /// <exception cref="UsageException">It cannot.</exception>
    public static void RequireFile(string option, string? path)
    {
        if (path is null)
        {
            return;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (Directory.Exists(path) || !Directory.Exists(folder))
        {
            string found = Directory.Exists(path) ? $"{path} is a folder" : $"there is no folder {folder} for {path}";
            throw new UsageException($"{option} expects a file, but {found}.");
        }

        Try(option, path, () =>
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                File.OpenWrite(path).Dispose();
                File.Delete(path);
            }
            else if (file.Length > 0) // a pipe, which would wait for its reader, has no length
            {
                File.OpenWrite(path).Dispose();
            }
        });
    }

    /// <summary>Refuses a folder that cannot be made, or in which the files cannot be written; leaves everything as it was.</summary>
    /// <exception cref="UsageException">It or one of them cannot.</exception>
    public static void RequireFolder(string option, string path, params IEnumerable<string> files)
    {
        if (File.Exists(path))
        {
            throw new UsageException($"{option} expects a folder, but {path} is a file.");
        }

        Try(option, path, () =>
        {
            bool isNew = !Directory.Exists(path);
            Directory.CreateDirectory(path);
            foreach (string file in files)
            {
                RequireFile(option, file);
            }

            if (isNew)
            {
                Directory.Delete(path);
            }
        });
    }

    private static void Try(string option, string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new UsageException($"{option} cannot be written to {path}: {e.Message}");
        }
    }
}
