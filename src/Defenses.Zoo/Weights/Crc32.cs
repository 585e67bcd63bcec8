namespace Defenses.Zoo;

/// <summary>CRC-32 of ZIP files (polynomial 0xEDB88320, reflected).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    public static uint Compute(Stream content)
    {
        var sum = uint.MaxValue;
        var buffer = new byte[1 << 16];
        while (content.Read(buffer) is var count and > 0)
        {
            foreach (var value in buffer.AsSpan(0, count)) sum = Table[(byte)(sum ^ value)] ^ (sum >> 8);
        }

        return ~sum;
    }

    private static uint Entry(int index)
    {
        var value = (uint)index;
        for (var bit = 0; bit < 8; bit++) value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320;
        return value;
    }
}
