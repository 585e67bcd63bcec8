using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Arrays of a record as .npy files of format 1.0, which every program can read: float16, float32, float64, int64, in C order.</summary>
internal static partial class NpyFile
{
    private static readonly IReadOnlyList<(string Name, ScalarType Type)> s_types =
        [("<f2", ScalarType.Float16), ("<f4", ScalarType.Float32), ("<f8", ScalarType.Float64), ("<i8", ScalarType.Int64)];

    /// <summary>Reads a file that <see cref="NpyWriter"/> wrote, or NumPy with the same type and order.</summary>
    /// <exception cref="InvalidDataException">It is none, or not whole.</exception>
    internal static Tensor Read(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[10];
        if (file.ReadAtLeast(start, 10, throwOnEndOfStream: false) < 10 || !start.AsSpan().StartsWith<byte>([0x93, .. "NUMPY"u8, 1, 0])) throw Bad(path);
        var text = new byte[BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8))];
        if (file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length) throw Bad(path);
        var found = Header().Match(Encoding.Latin1.GetString(text));
        var type = s_types.FirstOrDefault(type => type.Name == found.Groups["type"].Value);
        if (!found.Success || type.Name is null) throw Bad(path);
        long[] shape = [.. found.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(length => long.Parse(length, CultureInfo.InvariantCulture))];
        var left = file.Length - file.Position;
        if (shape.Any(length => length is < 1 or > int.MaxValue) || Bytes(shape, type.Type) != left || left > int.MaxValue) throw Bad(path);
        var array = empty(shape, dtype: type.Type);
        file.ReadExactly(array.bytes);
        return array;
    }

    /// <summary>The beginning of a file.</summary>
    /// <exception cref="InvalidOperationException">The type has no name in NumPy.</exception>
    internal static byte[] Start(IReadOnlyList<long> shape, ScalarType type)
    {
        var name = s_types.FirstOrDefault(known => known.Type == type).Name
            ?? throw new InvalidOperationException($"A record keeps images of float16, float32 or float64; these are {type}. Convert them.");
        var lengths = string.Join(", ", shape.Select(length => length.ToString(CultureInfo.InvariantCulture)));
        var header = $"{{'descr': '{name}', 'fortran_order': False, 'shape': ({lengths}{(shape.Count == 1 ? "," : "")}), }}";
        header += new string(' ', 63 - (10 + header.Length) % 64) + "\n";
        var start = new byte[10 + header.Length];
        new byte[] { 0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0 }.CopyTo(start, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(start.AsSpan(8), (ushort)header.Length);
        Encoding.ASCII.GetBytes(header).CopyTo(start, 10);
        return start;
    }

    /// <summary>Writes a whole array.</summary>
    internal static void Write(string path, Tensor array)
    {
        using var scope = NewDisposeScope();
        using var writer = new NpyWriter(path, array.shape, array.dtype);
        writer.Add(array.detach().cpu().contiguous().bytes);
        writer.Finish();
    }

    internal static double Bytes(IReadOnlyList<long> shape, ScalarType type) =>
        shape.Aggregate((double)(type switch { ScalarType.Float16 => 2, ScalarType.Float32 => 4, _ => 8 }), (product, length) => product * length);

    private static InvalidDataException Bad(string path) =>
        new($"'{path}' must be a whole .npy file of format 1.0 with float16, float32, float64 or int64 numbers in C order. Fetch the record again.");

    [GeneratedRegex(@"^\{'descr': '(?<type><..)', 'fortran_order': False, 'shape': \((?<shape>\d{1,10}(, \d{1,10})*),?\), \}\s*$")]
    private static partial Regex Header();
}

/// <summary>Writes an array part by part.</summary>
internal sealed class NpyWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;
    private readonly double _length;

    internal NpyWriter(string path, IReadOnlyList<long> shape, ScalarType type)
    {
        var start = NpyFile.Start(shape, type);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        (_path, _file, _length) = (path, File.Create(path), start.Length + NpyFile.Bytes(shape, type));
        _file.Write(start);
    }

    internal void Add(ReadOnlySpan<byte> rows) => _file.Write(rows);

    /// <exception cref="InvalidOperationException">Rows are missing, or are too many.</exception>
    internal void Finish()
    {
        if (_file.Length != _length) throw new InvalidOperationException($"'{_path}' must have {_length} bytes; it has {_file.Length}.");
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();
}
