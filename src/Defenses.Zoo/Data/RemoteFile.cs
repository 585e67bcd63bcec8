namespace Defenses.Zoo;

/// <summary>A file that can be fetched: where from, and how to know that it is the right one.</summary>
/// <param name="Name">Its name at the source and, unless unpacked, in the folder.</param>
/// <param name="Sha256">SHA-256 in lower-case digits: of the decompressed content when <paramref name="SumOfContent"/>, else of the file.</param>
/// <param name="SumOfContent">Whether the file is gzip and the sum that of its content: gzip files of one content differ between mirrors.</param>
/// <param name="Mirrors">Base addresses, tried in order; each ends with a slash.</param>
internal sealed record RemoteFile(string Name, string Sha256, bool SumOfContent, IReadOnlyList<Uri> Mirrors);
