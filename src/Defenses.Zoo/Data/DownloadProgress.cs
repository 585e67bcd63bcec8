namespace Defenses.Zoo;

/// <summary>How far a download has come.</summary>
/// <param name="File">The name of the file being fetched.</param>
/// <param name="Received">Bytes received so far of this file, as transferred (compressed).</param>
/// <param name="Total">Bytes to expect, where the server says so.</param>
public readonly record struct DownloadProgress(string File, long Received, long? Total);
