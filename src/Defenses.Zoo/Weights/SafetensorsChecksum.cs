using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Defenses.Zoo;

/// <summary>The checksum in the notes of a safetensors file: it covers every byte of the file, the header too.</summary>
/// <remarks>
/// The note is <c>defenses.checksum</c> with the value <c>defenses-sha256:</c> and 64 hexadecimal digits: the SHA-256 of the file in which these digits
/// are zeros. Name and value each tell that there is a checksum, so a damaged name does not switch the check off.
/// </remarks>
internal static class SafetensorsChecksum
{
    public const string Key = "defenses.checksum";

    private const string Prefix = "defenses-sha256:";

    private static readonly string Digits = new('0', 64);

    /// <summary>The note of a file whose checksum is not known yet.</summary>
    public static string Empty => Prefix + Digits;

    /// <summary>Writes the checksum into the header of a file that was written with <see cref="Empty"/>; the stream can be read.</summary>
    public static void Complete(FileStream file, byte[] header)
    {
        var place = header.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Empty));
        file.Flush();
        var sum = Compute(file, header);
        file.Position = 8 + place + Prefix.Length;
        file.Write(Encoding.ASCII.GetBytes(sum));
    }

    /// <summary>The checksum that the file states, taken out of the notes; null when it states none.</summary>
    /// <exception cref="InvalidDataException">The file has other bytes than the checksum says, or the checksum is damaged.</exception>
    public static string? Verify(string path, FileStream file, byte[] header, Dictionary<string, string> notes)
    {
        var stated = notes.Where(note => note.Key == Key || note.Value.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        if (stated.Length == 0) return null;
        var (key, text) = (stated[0].Key, stated[0].Value);
        var place = header.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        if (stated.Length > 1 || key != Key || text.Length != Empty.Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || place < 0)
            throw BadFile.Error(path, $"must state one checksum, under '{Key}', but states '{text}' under '{key}': it is damaged. Fetch or save it again.");
        var zeroed = header.ToArray();
        Encoding.ASCII.GetBytes(Digits).CopyTo(zeroed, place + Prefix.Length);
        var found = Compute(file, zeroed);
        if (text != Prefix + found)
            throw BadFile.Error(path, $"must have the SHA-256 {text[Prefix.Length..]}, which it states, but has {found}: bytes have changed. "
                + "Fetch or save it again.");
        notes.Remove(Key);
        return found;
    }

    private static string Compute(FileStream file, byte[] header)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        hash.AppendData(length);
        hash.AppendData(header);
        file.Position = 8 + header.Length;
        var buffer = new byte[1 << 20];
        while (file.Read(buffer) is var count and > 0) hash.AppendData(buffer, 0, count);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
