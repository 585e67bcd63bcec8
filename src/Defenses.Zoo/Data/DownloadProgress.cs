namespace Defenses.Zoo;

/// <summary>The progress of a download.</summary>
/// <param name="File">The name of the current file.</param>
/// <param name="Received">Bytes received so far of this file, as transferred (compressed).</param>
/// <param name="Total">The total number of bytes, if the server reports it.</param>
public readonly record struct DownloadProgress(string File, long Received, long? Total);
