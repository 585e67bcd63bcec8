using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Defenses.Zoo;

/// <summary>Reads files in the IDX format of MNIST, gzipped or plain (distinguished by their first bytes, not by their names).</summary>
/// <remarks>
/// Format: two zero bytes, one byte for the type (8: unsigned bytes, the only one read here), one for the number of dimensions,
/// each size as a big-endian 32-bit integer, then the values. Source: LeCun, Cortes, Burges, The MNIST database of handwritten digits.
/// </remarks>
public static class IdxReader
{
    private const int UnsignedByte = 8;
    private const int LongestDeflateRatio = 1032;

    /// <summary>Reads a whole file and checks its magic number, sizes and length.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dimensions">The required number of dimensions: 1 for labels, 3 for images.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimensions"/> is not 1 to 4.</exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is truncated, has trailing bytes, is damaged gzip, or has a wrong
    /// magic number; the message names the file, the rule and the value found.</exception>
    public static IdxArray Read(string path, int dimensions)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (dimensions is < 1 or > 4) throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "dimensions must lie in 1 to 4.");
        using var file = File.OpenRead(path);
        var zipped = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        if (!zipped) return Read(path, dimensions, file, file.Length);
        using var content = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
        var array = Read(path, dimensions, content, file.Length * LongestDeflateRatio);
        CheckEnd(path, file, array);
        return array;
    }

    private static IdxArray Read(string path, int dimensions, Stream content, long longest)
    {
        var magic = Fill(path, content, new byte[4], "its magic number");
        CheckMagic(path, magic, dimensions);
        var sizes = Fill(path, content, new byte[4 * dimensions], "the sizes in its header");
        var shape = Shape(path, sizes, dimensions);
        var size = shape.Aggregate(1L, (product, next) => product * next);
        if (magic.Length + sizes.Length + size > longest)
            throw BadFile.Error(path, $"is truncated: its header announces {size} values, more than the file can hold. Fetch it again.");
        var data = Fill(path, content, new byte[size], "the values its header announces");
        if (Take(path, content, new byte[1]) > 0)
            throw BadFile.Error(path, $"must end after the {size} values its header announces, but more bytes follow. Fetch it again.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in new[] { magic, sizes, data }) hash.AppendData(part);
        return new IdxArray(path, shape, data, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static void CheckMagic(string path, byte[] bytes, int dimensions)
    {
        var magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var wanted = (uint)((UnsignedByte << 8) | dimensions);
        if (magic == wanted) return;
        throw BadFile.Error(path, $"must begin with the magic number 0x{wanted:X8} (unsigned bytes in {dimensions} dimension(s)), "
            + $"but begins with 0x{magic:X8}. Is it the other file of the pair, or a page that a failed download saved?");
    }

    private static int[] Shape(string path, byte[] sizes, int dimensions)
    {
        var shape = new int[dimensions];
        long size = 1;
        for (var i = 0; i < dimensions; i++)
        {
            shape[i] = BinaryPrimitives.ReadInt32BigEndian(sizes.AsSpan(4 * i));
            if (shape[i] < 1) throw BadFile.Error(path, $"must have sizes of at least 1, but size {i} is {(uint)shape[i]}.");
            size *= shape[i];
            if (size > Array.MaxLength) throw BadFile.Error(path, $"must hold at most {Array.MaxLength} values, but its header announces {size} or more.");
        }

        return shape;
    }

    // The decompressor does not detect a missing trailer. The last four bytes of a gzip file are the length of its content.
    private static void CheckEnd(string path, FileStream file, IdxArray array)
    {
        file.Position = file.Length - 4;
        var end = new byte[4];
        file.ReadExactly(end);
        var (announced, found) = (BinaryPrimitives.ReadUInt32LittleEndian(end), (uint)(4 + (4 * array.Shape.Count) + array.Data.Length));
        if (announced != found)
            throw BadFile.Error(path,
                $"must be a whole gzip file, but is truncated: it ends in a length of {announced} for a content of {found} bytes. Fetch it again.");
    }

    private static byte[] Fill(string path, Stream content, byte[] buffer, string what)
    {
        var read = Take(path, content, buffer);
        if (read < buffer.Length)
            throw BadFile.Error(path, $"is truncated: {read} of the {buffer.Length} bytes of {what} were found. Fetch it again.");
        return buffer;
    }

    private static int Take(string path, Stream content, byte[] buffer)
    {
        try
        {
            return content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw BadFile.Error(path, $"must be a whole gzip file, but it is damaged or truncated: {e.Message} Fetch it again.", e);
        }
    }
}
