using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NeuralNet.Models;

/// <summary>Whose a file is: what .NET has no name for.</summary>
internal static class UnixOwner
{
    private const int EmptyPath = 0x1000;
    private const uint OwnerAndGroup = 0x18;
    private const uint AsItIs = uint.MaxValue;

    /// <summary>Gives a file to the owner and the group that another has, as far as this user may; on Linux only, elsewhere it does nothing.</summary>
    public static void Copy(SafeFileHandle from, SafeFileHandle to)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // struct statx, the same on every processor: the owner in bytes 20 to 23, the group in 24 to 27.
            byte[] status = new byte[256];
            if (StatX(from, [0], EmptyPath, OwnerAndGroup, status) == 0)
            {
                uint owner = BitConverter.ToUInt32(status, 20);
                uint group = BitConverter.ToUInt32(status, 24);
                _ = ChangeOwner(to, owner, group) == 0 || ChangeOwner(to, AsItIs, group) == 0;
            }
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
        }
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(SafeFileHandle file, byte[] path, int flags, uint wanted, byte[] status);

    [DllImport("libc", EntryPoint = "fchown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner(SafeFileHandle file, uint owner, uint group);
}
