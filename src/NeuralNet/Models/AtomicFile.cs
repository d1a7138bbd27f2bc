namespace NeuralNet;

/// <summary>Writes a file whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes to a temporary file beside it, which takes the file's place when all of it is on the disk. Where anything fails, the old file stays and the temporary one goes.</summary>
    /// <remarks>A process that is killed leaves its temporary file, which the next one to write overwrites; two that write at once are told apart by the lock on it.</remarks>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        string temporary = $"{path}.tmp";
        var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None);
        try
        {
            using (file)
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
