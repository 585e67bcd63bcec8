using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Defenses.Tests.Pages;

/// <summary>Reads what <c>Png</c> writes.</summary>
internal static class PngFile
{
    /// <summary>The parts of a file, checksums left out.</summary>
    internal static List<(string Type, byte[] Data)> Chunks(byte[] file)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            chunks.Add((Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        return chunks;
    }

    /// <summary>The rows of a file, unpacked: a filter byte, then the pixels.</summary>
    internal static byte[] Pixels(byte[] file)
    {
        using var zlib = new ZLibStream(new MemoryStream(Chunks(file).Single(chunk => chunk.Type == "IDAT").Data), CompressionMode.Decompress);
        using var rows = new MemoryStream();
        zlib.CopyTo(rows);
        return rows.ToArray();
    }
}
