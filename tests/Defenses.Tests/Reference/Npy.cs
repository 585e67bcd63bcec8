using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Reference;

/// <summary>Reads numpy's .npy files (formats 1 and 2): little-endian, row-major; float16, float32, float64, int32, int64, uint8 and bool.</summary>
public static partial class Npy
{
    public static Tensor Read(string path)
    {
        var file = File.ReadAllBytes(path);
        if (!file.AsSpan().StartsWith<byte>([0x93, .. "NUMPY"u8])) throw new InvalidDataException($"'{path}' is no .npy file.");
        var wide = file[6] > 1;
        var length = wide ? BitConverter.ToInt32(file, 8) : BitConverter.ToUInt16(file, 8);
        var start = wide ? 12 : 10;
        var header = System.Text.Encoding.Latin1.GetString(file, start, length);
        if (header.Contains("'fortran_order': True", StringComparison.Ordinal)) throw new InvalidDataException($"'{path}' is column-major.");
        var type = Type(path, DescrPattern().Match(header).Groups[1].Value);
        var shape = NumberPattern().Matches(ShapePattern().Match(header).Groups[1].Value).Select(m => long.Parse(m.Value)).ToArray();
        var tensor = empty(shape, dtype: type);
        file.AsSpan(start + length).CopyTo(tensor.bytes);
        return tensor;
    }

    private static ScalarType Type(string path, string descr) => descr switch
    {
        "<f2" => ScalarType.Float16,
        "<f4" => ScalarType.Float32,
        "<f8" => ScalarType.Float64,
        "<i4" => ScalarType.Int32,
        "<i8" => ScalarType.Int64,
        "|u1" => ScalarType.Byte,
        "|b1" => ScalarType.Bool,
        _ => throw new InvalidDataException($"'{path}' has elements of type '{descr}', which is not read."),
    };

    [GeneratedRegex("'descr': '([^']*)'")]
    private static partial Regex DescrPattern();

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"\d+")]
    private static partial Regex NumberPattern();
}
