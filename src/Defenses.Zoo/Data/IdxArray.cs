namespace Defenses.Zoo;

/// <summary>The content of an IDX file: an array of unsigned bytes with its shape.</summary>
public sealed class IdxArray
{
    internal IdxArray(string path, IReadOnlyList<int> shape, byte[] data, string sha256) => (Path, Shape, Data, Sha256) = (path, shape, data, sha256);

    /// <summary>The file it was read from.</summary>
    public string Path { get; }

    /// <summary>The sizes of the dimensions, slowest first: (count) for labels, (count, rows, columns) for images.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values in row-major order; their number is the product of <see cref="Shape"/>.</summary>
    public byte[] Data { get; }

    /// <summary>SHA-256 of the whole decompressed file, header included, in lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }
}
