using System.Buffers.Binary;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Reads and writes safetensors files: named tensors without code, compatible with PyTorch and other libraries.</summary>
/// <remarks>
/// Format: the header's length (8 bytes, little-endian), a JSON header (dtype, shape and data_offsets of each tensor; notes under
/// <c>__metadata__</c>), the values (little-endian, row-major, without gaps). Types: F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL.
/// Files that are written here carry a SHA-256 of all their bytes in the notes, which other programs ignore; where a file states one, it is verified.
/// Source: the format's description by Hugging Face.
/// </remarks>
public static class Safetensors
{
    private const ulong LongestHeader = 100_000_000;              // the format's own limit

    /// <summary>Reads all tensors of a file onto the CPU; the caller disposes the result.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is truncated, has trailing bytes, a damaged header, an unknown type, other bytes
    /// than its checksum says, or tensors that overlap, leave gaps or leave the file; the message names the file, the rule and the value.</exception>
    public static NamedTensors Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        var (header, start, checksum) = ReadHeader(path, file);
        var tensors = new NamedTensors(header.Metadata) { Checksum = checksum };
        try
        {
            foreach (var entry in header.Entries) ReadValues(path, file, start, entry, tensors);
            return tensors;
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Writes tensors atomically: the file is always complete. The same tensors always give the same bytes.</summary>
    /// <param name="path">The file; overwritten if it exists.</param>
    /// <param name="tensors">Tensors under names, on any device; any name but <c>__metadata__</c>.</param>
    /// <param name="metadata">Notes to write into the file.</param>
    /// <exception cref="ArgumentException">A tensor has a type that the format does not support, needs more than 2 GiB, or has the name of the notes;
    /// or a note has the name of the checksum, <c>defenses.checksum</c>.</exception>
    /// <exception cref="IOException">The folder is missing, full or not writable; no partial file remains, and an old file is unchanged.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsWriter.Write(path, tensors, metadata);
    }

    private static (SafetensorsHeader Header, long Start, string? Checksum) ReadHeader(string path, FileStream file)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
            throw BadFile.Error(path, $"must begin with the 8 bytes of its header's length, but has only {file.Length}. Fetch it again.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > LongestHeader)
            throw BadFile.Error(path, $"must have a header of at most {LongestHeader} bytes, but announces {length}. Is it a safetensors file?");
        if (length > (ulong)(file.Length - 8))
            throw BadFile.Error(path, $"is truncated: {length} bytes of header are announced, but {file.Length - 8} follow. Fetch it again.");
        var json = new byte[length];
        file.ReadExactly(json);
        var start = file.Position;
        var header = SafetensorsHeader.Parse(path, json, file.Length - start);
        return (header, start, SafetensorsChecksum.Verify(path, file, json, header.Metadata));
    }

    private static void ReadValues(string path, FileStream file, long start, SafetensorsEntry entry, NamedTensors tensors)
    {
        if (entry.End - entry.Begin > int.MaxValue)
            throw BadFile.Error(path, $"must hold tensors of at most 2 GiB, but '{entry.Key}' has {entry.End - entry.Begin} bytes.");
        var tensor = tensors.Add(entry.Key, empty(entry.Shape, dtype: entry.Type));
        if (tensor.numel() == 0) return;
        file.Position = start + entry.Begin;
        var values = tensor.bytes;
        file.ReadExactly(values);
        if (entry.Type == ScalarType.Bool && values.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw BadFile.Error(path, $"must hold 0 or 1 for each element of '{entry.Key}', a BOOL tensor, but holds another value.");
    }
}

/// <summary>The position of one tensor in the data of a safetensors file, in bytes.</summary>
internal sealed record SafetensorsEntry(string Key, ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>Names and sizes of the element types of safetensors files.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] Table =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", Table.Select(row => row.Name));

    public static (ScalarType Type, int Bytes)? Find(string name) =>
        Table.Where(row => row.Name == name).Select(row => ((ScalarType, int)?)(row.Type, row.Bytes)).FirstOrDefault();

    public static (string Name, int Bytes)? Find(ScalarType type) =>
        Table.Where(row => row.Type == type).Select(row => ((string, int)?)(row.Name, row.Bytes)).FirstOrDefault();
}
