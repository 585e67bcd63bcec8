using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Defenses.Pages;

/// <summary>Writes small pictures as PNG (ISO/IEC 15948): 8 bits a channel, grey or red, green, blue.</summary>
internal static class Png
{
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] Table = MakeTable();

    /// <summary>A "data:" address of the picture.</summary>
    internal static string DataUri(byte[] planes, int channels, int height, int width) =>
        "data:image/png;base64," + Convert.ToBase64String(Encode(planes, channels, height, width));

    /// <summary>Encodes bytes given channel by channel, row by row.</summary>
    internal static byte[] Encode(byte[] planes, int channels, int height, int width)
    {
        if (channels is not (1 or 3) || planes.Length != channels * height * width)
            throw new ArgumentException(
                $"planes must hold {channels} × {height} × {width} bytes with 1 or 3 channels; it holds {planes.Length}.", nameof(planes));
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, (byte)(channels == 1 ? 0 : 2));
        using var file = new MemoryStream();
        file.Write(Signature);
        Chunk(file, "IHDR", header);
        Chunk(file, "IDAT", Deflate(Rows(planes, channels, height, width)));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    // Each row with filter type 0 before it, channels interleaved.
    private static byte[] Rows(byte[] planes, int channels, int height, int width)
    {
        var rows = new byte[height * (1 + width * channels)];
        var at = 0;
        for (var row = 0; row < height; row++)
        {
            rows[at++] = 0;
            for (var column = 0; column < width; column++)
                for (var channel = 0; channel < channels; channel++)
                    rows[at++] = planes[(channel * height + row) * width + column];
        }
        return rows;
    }

    private static byte[] Deflate(byte[] data)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) zlib.Write(data);
        return packed.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(byte[] data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data) crc = Table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) == 1 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
