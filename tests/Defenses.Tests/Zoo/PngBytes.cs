using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Defenses.Zoo;

namespace Defenses.Tests.Zoo;

/// <summary>PNG files of every color type and depth, made by the specification, so that the reader is not tested with files of its own library.</summary>
internal static class PngBytes
{
    public const byte Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;

    /// <param name="width">Pixels of a row.</param>
    /// <param name="depth">Bits of a value.</param>
    /// <param name="colorType">One of the constants.</param>
    /// <param name="rows">The bytes of each row.</param>
    /// <param name="chunks">Chunks before the values, such as PLTE.</param>
    public static byte[] Make(int width, int depth, byte colorType, byte[][] rows, params (string Name, byte[] Content)[] chunks)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Write(file, "IHDR", [.. Big(width), .. Big(rows.Length), (byte)depth, colorType, 0, 0, 0]);
        foreach (var (name, content) in chunks) Write(file, name, content);
        using var values = new MemoryStream();
        using (var zip = new ZLibStream(values, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var row in rows) zip.Write([0, .. row]);
        }

        Write(file, "IDAT", values.ToArray());
        Write(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>An 8-bit grey picture: value = f(y, x).</summary>
    public static byte[] Of(int height, int width, Func<int, int, int> value) => Make(width, 8, Grey,
        [.. Enumerable.Range(0, height).Select(y => Enumerable.Range(0, width).Select(x => (byte)value(y, x)).ToArray())]);

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static void Write(Stream file, string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        file.Write(Big(content.Length));
        file.Write(named);
        using var copy = new MemoryStream(named);
        file.Write(Big((int)Crc32.Compute(copy)));
    }
}
