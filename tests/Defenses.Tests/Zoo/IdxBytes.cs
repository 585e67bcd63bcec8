using System.Buffers.Binary;

namespace Defenses.Tests.Zoo;

/// <summary>Makes the bytes of small IDX files.</summary>
internal static class IdxBytes
{
    public static byte[] Of(uint magic, int[] shape, byte[] values)
    {
        var bytes = new byte[4 + (4 * shape.Length) + values.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, magic);
        for (var i = 0; i < shape.Length; i++) BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), shape[i]);
        values.CopyTo(bytes.AsSpan(4 + (4 * shape.Length)));
        return bytes;
    }

    public static byte[] Images(int count, int side = 28) =>
        Of(0x803, [count, side, side], [.. Enumerable.Range(0, count * side * side).Select(i => (byte)(i * 7))]);

    public static byte[] Labels(params byte[] labels) => Of(0x801, [labels.Length], labels);
}
