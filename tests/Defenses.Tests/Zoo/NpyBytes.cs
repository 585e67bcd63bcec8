using System.Text;

namespace Defenses.Tests.Zoo;

/// <summary>Writes .npy files of any format, right and wrong.</summary>
internal static class NpyBytes
{
    public static byte[] Make(string descr, string shape, byte[] values, bool fortran = false, int version = 1) =>
        Raw($"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}", values, version);

    public static byte[] Raw(string header, byte[] values, int version = 1)
    {
        var text = Encoding.UTF8.GetBytes(header + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)] : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. values];
    }

    public static byte[] Bytes<T>(params T[] values) where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();

    /// <summary>The bytes of each value turned round.</summary>
    public static byte[] Turned(byte[] values, int size) => [.. values.Chunk(size).SelectMany(chunk => chunk.Reverse())];
}
