using System.Text;

namespace NeuralNet.Models;

/// <summary>A file that is written whole or not at all: what is written takes the place of what was there when it is committed.</summary>
/// <remarks>
/// <para>
/// The bytes go into a new file beside the old one, which a single rename then replaces. The new file has a name that no other has ever
/// had, so that neither another process that saves at the same time nor a link that lies there can make it something else: the last to
/// end wins. Its name is noted in a small file while it is written, so that the next one to save finds and deletes what a killed process
/// leaves without looking at any other file of what may be a large folder.
/// </para>
/// <para>
/// What is not a regular file, such as a FIFO, a device or a process's standard output, holds nothing that could stay whole: it is
/// written to. A link leads to the file that is replaced, as it does for everything else that writes. A file that is replaced keeps its
/// permissions; it belongs to the user who saves.
/// </para>
/// </remarks>
internal sealed class AtomicFile : IDisposable
{
    private const UnixFileMode AnyWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly string _path;
    private readonly Guid? _name;
    private bool _isWhole;

    /// <summary>Opens what is to be written to. A regular file that is there stays as it is until <see cref="Commit"/>.</summary>
    /// <exception cref="DirectoryNotFoundException">The file's folder is not there.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written to, or the path is a folder's.</exception>
    public AtomicFile(string path)
    {
        _path = Path.GetFullPath(path);
        var old = OpenIfThere(_path);
        bool isRegular = old is null || IsRegular(old);
        string? target = isRegular ? Target(_path) : null;
        if (old is not null && target is null)
        {
            if (isRegular)
            {
                old.SetLength(0);
            }

            Stream = old;
            return;
        }

        using (old)
        {
            _path = target ?? _path;
            _name = Guid.NewGuid();
            Stream = CreateBeside(old);
        }
    }

    /// <summary>What to write to.</summary>
    public FileStream Stream { get; }

    private string Temporary => TemporaryOf(_name!.Value);

    /// <summary>Where the name of the temporary file stands as long as that is there.</summary>
    private string Note => $"{_path}.saving";

    /// <summary>
    /// Writes a file; where anything fails, the old one stays and nothing else does. It throws what the constructor throws.
    /// </summary>
    public static void Write(string path, Action<Stream> write)
    {
        using var file = new AtomicFile(path);
        write(file.Stream);
        file.Commit();
    }

    /// <summary>Throws what the constructor would later, as far as that can be told now, and changes nothing.</summary>
    public static void RequireWritable(string path)
    {
        // What is there without bytes may be a FIFO, whose reader would see it end.
        if (new FileInfo(path) is not { Exists: true, Length: 0 })
        {
            new AtomicFile(path).Dispose();
        }
    }

    /// <summary>Puts what was written in its place, when all of it is on the disk.</summary>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        if (_name is not null)
        {
            // While it is open: the lock on it says until then that it is in use.
            File.Move(Temporary, _path, overwrite: true);
            _isWhole = true;
        }
    }

    /// <summary>Closes the file, and deletes what was not committed.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        finally
        {
            Clear();
        }
    }

    private void Clear()
    {
        if (_name is not null && !_isWhole)
        {
            File.Delete(Temporary);
        }

        if (_name is not null && Noted() == _name)
        {
            File.Delete(Note);
        }
    }

    /// <summary>What is there, open to be written to, with no byte of it changed; null where nothing is.</summary>
    private static FileStream? OpenIfThere(string path)
    {
        try
        {
            const FileShare Everything = FileShare.ReadWrite | FileShare.Delete;
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, Share = Everything });
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether it is a file with bytes of its own: of what has none, such as /dev/null, only an empty file takes a length.
    /// </summary>
    private static bool IsRegular(FileStream file)
    {
        try
        {
            if (file.CanSeek && file.Length == 0)
            {
                file.SetLength(0);
            }

            return file.CanSeek;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>
    /// The file that a path leads to, which need not be there; null where that is by what a process has open, such as /dev/stdout: others
    /// go on writing to that, whatever then has its name.
    /// </summary>
    /// <remarks>
    /// As the system finds it and <see cref="File.ResolveLinkTarget"/> does not: ".." in a link goes up from where its folder really is.
    /// </remarks>
    private static string? Target(string path)
    {
        const int MostLinks = 64;
        int links = 0;
        bool isOpen = false;
        string target = new FileInfo(path).LinkTarget is null ? path : Real(path);
        return isOpen ? null : target;

        string Real(string at)
        {
            if (Path.GetDirectoryName(at) is not { } parent)
            {
                return at;
            }

            string folder = Real(parent);
            string file = Path.Join(folder, Path.GetFileName(at));
            if (new FileInfo(file).LinkTarget is not { } link)
            {
                return file;
            }

            isOpen |= folder.StartsWith("/proc/", StringComparison.Ordinal) && folder.EndsWith("/fd", StringComparison.Ordinal);
            return ++links <= MostLinks
                ? Real(Path.GetFullPath(link, folder))
                : throw new IOException(
                    FormattableString.Invariant($"{path} cannot be written: it leads through more than {MostLinks} links."));
        }
    }

    private FileStream CreateBeside(FileStream? old)
    {
        // Shared, so that it can be renamed while the lock on it still says that it is in use.
        var options =
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete };
        UnixFileMode? mode = null;
        if (old is not null && !OperatingSystem.IsWindows())
        {
            mode = File.GetUnixFileMode(old.SafeFileHandle);

            // The system lets root write to it all the same, which is not what a file is made read-only for.
            if ((mode & AnyWrite) == 0)
            {
                throw new UnauthorizedAccessException(
                    $"{_path} may not be written to: it is read-only. Make it writable, or save under another name.");
            }

            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        DeleteLeftovers();
        TakeNote();
        FileStream? file = null;
        try
        {
            file = new FileStream(Temporary, options);
            if (!OperatingSystem.IsWindows() && mode is { } given && File.GetUnixFileMode(file.SafeFileHandle) != given)
            {
                File.SetUnixFileMode(file.SafeFileHandle, given);
            }

            return file;
        }
        catch (Exception e)
        {
            file?.Dispose();
            Clear();
            if (e is not UnauthorizedAccessException || file is not null)
            {
                throw;
            }

            string? folder = Path.GetDirectoryName(_path);
            throw new UnauthorizedAccessException(
                $"{_path} cannot be written: no new file may be made in {folder}, which saving needs.", e);
        }
    }

    private string TemporaryOf(Guid name) => $"{_path}.{name:N}.tmp";

    /// <summary>Deletes the temporary file of a process that was killed, which the lock on it tells, and the note of it.</summary>
    private void DeleteLeftovers()
    {
        if (Noted() is { } left && IsUnlocked(TemporaryOf(left)))
        {
            File.Delete(TemporaryOf(left));
            File.Delete(Note);
        }
    }

    private void TakeNote()
    {
        try
        {
            using var note = new FileStream(Note, FileMode.CreateNew, FileAccess.Write);
            note.Write(Encoding.ASCII.GetBytes($"{_name:N}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process saves here too, or a file of the user's has the name: without a note, all that a kill leaves is the file.
        }
    }

    /// <summary>The name in the note; null where there is none, or something else of its name.</summary>
    private Guid? Noted()
    {
        const int Length = 32;
        try
        {
            return new FileInfo(Note) is { Exists: true, Length: Length } && Guid.TryParseExact(File.ReadAllText(Note), "N", out var name)
                ? name
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether nobody writes to the file; true where it is not there.</summary>
    private static bool IsUnlocked(string file)
    {
        try
        {
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                return true;
            }
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
