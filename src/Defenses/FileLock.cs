namespace Defenses;

/// <summary>A file that one process, or several which share it, holds open while it works in a folder. It goes when its last holder does, also when that
/// one is killed.</summary>
internal sealed class FileLock : IDisposable
{
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35, WindowsSharing = 0x20, WindowsLocked = 0x21;
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock.</summary>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="isShared">Whether others may share it, too. A shared one leaves its file behind.</param>
    /// <returns>The lock; null where another process has it.</returns>
    /// <exception cref="IOException">The file cannot be made, for another reason than that.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    internal static FileLock? Take(string path, bool isShared = false)
    {
        try
        {
            if (isShared && !File.Exists(path)) using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite)) { }
            return new FileLock(isShared
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException error) when (IsHeld(error))
        {
            return null;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static bool IsHeld(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is WindowsSharing or WindowsLocked
        : error.HResult is LinuxWouldBlock or MacWouldBlock;
}
