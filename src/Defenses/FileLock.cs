namespace Defenses;

/// <summary>A file that a process holds open while it works in a folder, alone or together with other processes.</summary>
/// <remarks>The operating system ends the lock with the process, also when the process is killed.</remarks>
public sealed class FileLock : IDisposable
{
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35, WindowsSharing = 0x20, WindowsLocked = 0x21;
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock if it is free.</summary>
    /// <param name="path">The file that is held; its folder must exist.</param>
    /// <param name="isShared">Whether other processes may share it. The file of a shared lock remains; the file of any other lock is deleted.</param>
    /// <returns>The lock; null where another process holds it.</returns>
    /// <exception cref="IOException">The file cannot be created for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static FileLock? Take(string path, bool isShared = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
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

    /// <summary>Ends the lock.</summary>
    public void Dispose() => _stream.Dispose();

    private static bool IsHeld(IOException error) => OperatingSystem.IsWindows()
        ? (error.HResult & 0xFFFF) is WindowsSharing or WindowsLocked
        : error.HResult is LinuxWouldBlock or MacWouldBlock;
}
