using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Reads NumPy's .npy files: formats 1.0 to 3.0, C and Fortran order, little- and big-endian.</summary>
/// <remarks>
/// Types: bool, uint8, int8 to int64, uint16 to uint64 (as the next larger signed type; uint64 must fit into int64), float16, float32, float64. Arrays of
/// Python objects are refused: they are pickles. Source: numpy.lib.format.
/// </remarks>
public static partial class NpyReader
{
    private const int LongestHeader = 1 << 20;

    /// <summary>Reads the whole array onto the CPU, with the shape and the type of the file; the caller disposes it.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no .npy, is truncated, has trailing bytes, a damaged header or a type that is not read; the message
    /// names the file, the rule and the value.</exception>
    public static Tensor Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        var (descr, fortran, shape) = Header(path, file);
        var type = NpyType.Find(descr) ?? throw BadFile.Error(path, descr.Contains('O', StringComparison.Ordinal)
            ? "holds Python objects, which are pickles and not read. Save an array of numbers."
            : $"must hold bool, uint, int or float numbers of 1 to 8 bytes, but its type is '{descr}'. Convert it with astype.");
        var size = shape.Contains(0) ? 0 : shape.Aggregate(1L, (product, length) => product > int.MaxValue / length ? int.MaxValue : product * length);
        var rest = file.Length - file.Position;
        if (size * type.Bytes > int.MaxValue)
            throw BadFile.Error(path, $"must hold at most 2 GiB, but announces ({string.Join(", ", shape)}) of {descr}. Split it.");
        if (rest < size * type.Bytes)
            throw BadFile.Error(path, $"is truncated: its header announces {size * type.Bytes} bytes of values, but {rest} are there. Fetch or save it again.");
        if (rest > size * type.Bytes)
            throw BadFile.Error(path, $"must end after the {size * type.Bytes} bytes of values it announces, but {rest - (size * type.Bytes)} more follow.");
        var values = new byte[rest];
        file.ReadExactly(values);
        return Make(path, values, type, shape, fortran);
    }

    private static Tensor Make(string path, byte[] values, NpyType type, long[] shape, bool fortran)
    {
        if (type.IsBigEndian) Reverse(values, type.Bytes);
        if (type.Scalar == ScalarType.Bool && values.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1))
            throw BadFile.Error(path, "must hold 0 or 1 for each element of type bool, but holds another value.");
        values = type.Widened(values) ?? throw BadFile.Error(path, "must hold numbers below 2⁶³, but holds a larger one. Convert it with astype.");
        using var scope = NewDisposeScope();
        var tensor = empty(fortran ? [.. shape.Reverse()] : shape, dtype: type.Scalar);
        if (values.Length > 0) values.CopyTo(tensor.bytes);
        return (fortran && shape.Length > 1 ? tensor.permute([.. Enumerable.Range(0, shape.Length).Reverse().Select(i => (long)i)]).contiguous() : tensor)
            .MoveToOuterDisposeScope();
    }

    private static (string Descr, bool Fortran, long[] Shape) Header(string path, FileStream file)
    {
        Span<byte> start = stackalloc byte[12];
        var count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start[..count].StartsWith("PK"u8)) throw BadFile.Error(path, "is an archive (.npz?). Save each array with numpy.save.");
        if (count < 12 || !start.StartsWith<byte>([0x93, .. "NUMPY"u8]))
            throw BadFile.Error(path, "must begin with NumPy's magic string, but does not. Is it a .npy file?");
        if (start[6] is < 1 or > 3 || start[7] != 0)
            throw BadFile.Error(path, $"must be of format 1.0, 2.0 or 3.0, but is of {start[6]}.{start[7]}. Save it again with numpy.save.");
        var narrow = start[6] == 1;
        var length = narrow ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        file.Position = narrow ? 10 : 12;
        if (length > LongestHeader || length > file.Length - file.Position)
            throw BadFile.Error(path, $"is truncated or damaged: {length} bytes of header are announced, but {file.Length - file.Position} follow.");
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        return Parse(path, (start[6] == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes));
    }

    private static (string Descr, bool Fortran, long[] Shape) Parse(string path, string header)
    {
        var found = HeaderPattern().Match(header);
        var keys = found.Groups["key"].Captures.Select(capture => capture.Value).Order(StringComparer.Ordinal);
        var shape = Array.Empty<long>();
        if (found.Success && keys.SequenceEqual(["descr", "fortran_order", "shape"]) && TryShape(found.Groups["shape"].Value, out shape))
            return (found.Groups["descr"].Value, found.Groups["fortran"].Value == "True", shape);
        var text = header.Length > 120 ? header[..120] + "…" : header.TrimEnd();
        throw BadFile.Error(path, StructuredPattern().IsMatch(header)
            ? "has records of several fields, which are not read. Save one array for images and one for labels."
            : $"must have a header with descr, fortran_order and shape, but has: {text}");
    }

    private static bool TryShape(string text, out long[] shape)
    {
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        shape = new long[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!long.TryParse(parts[i].TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out shape[i])) return false;
        }

        return true;
    }

    private static void Reverse(byte[] values, int size)
    {
        for (var i = 0; i < values.Length; i += size) values.AsSpan(i, size).Reverse();
    }

    [GeneratedRegex(
        @"^\{\s*(?:'(?<key>descr|fortran_order|shape)'\s*:\s*(?:'(?<descr>[^']*)'|(?<fortran>True|False)|\((?<shape>[\dL,\s]*)\))\s*(?:,\s*|(?=\})))*\}\s*$")]
    private static partial Regex HeaderPattern();

    [GeneratedRegex(@"'descr'\s*:\s*\[")]
    private static partial Regex StructuredPattern();
}

/// <summary>An element type of .npy files and what it becomes.</summary>
internal sealed record NpyType(int Bytes, ScalarType Scalar, bool IsBigEndian, bool IsUnsigned)
{
    /// <summary>The type of a description such as "&lt;f4"; null for one that is not read.</summary>
    public static NpyType? Find(string descr)
    {
        if (descr.Length != 3 || descr[0] is not ('<' or '>' or '|' or '=')) return null;
        var scalar = descr[1..] switch
        {
            "b1" => ScalarType.Bool,
            "u1" => ScalarType.Byte,
            "i1" => ScalarType.Int8,
            "i2" => ScalarType.Int16,
            "i4" or "u2" => ScalarType.Int32,
            "i8" or "u4" or "u8" => ScalarType.Int64,
            "f2" => ScalarType.Float16,
            "f4" => ScalarType.Float32,
            "f8" => ScalarType.Float64,
            _ => (ScalarType?)null,
        };
        var bytes = descr[2] - '0';
        if (scalar is null || (bytes > 1 && descr[0] == '|')) return null;
        return new NpyType(bytes, scalar.Value, descr[0] == '>' && bytes > 1, descr[1] == 'u' && bytes > 1);
    }

    /// <summary>Unsigned numbers as the next larger signed ones; null when a 64-bit one does not fit.</summary>
    public byte[]? Widened(byte[] values)
    {
        if (!IsUnsigned) return values;
        if (Bytes == 8) return values.Where((_, i) => i % 8 == 7).Any(top => top > 127) ? null : values;
        var wide = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i += Bytes) values.AsSpan(i, Bytes).CopyTo(wide.AsSpan(2 * i));
        return wide;
    }
}
