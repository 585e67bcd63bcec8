using static TorchSharp.torch;

namespace TorchSharp;

// A tensor in TorchSharp's own format: dtype, rank and dimensions in LEB128, then the contiguous little-endian elements.
public static partial class TensorExtensionMethods
{
    public static Modules.Parameter AsParameter(this Tensor tensor) => nn.Parameter(tensor);

    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        var shape = tensor.shape;
        writer.Encode((long)tensor.dtype);
        writer.Encode(shape.Length);
        foreach (var size in shape) writer.Encode(size);
        tensor.WriteBytesToStream(writer.BaseStream);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location) => tensor.Save(File.Create(location));

    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != tensor.dtype)
            throw new ArgumentException("Mismatched tensor data types while loading. Make sure that the model you are loading into "
                + $"is exactly the same as the origin. Found {type}, expected {tensor.dtype}.");
        ReadElements(tensor, type, shape, reader, skip);
    }

    public static void Load(ref Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        tensor ??= zeros(shape, dtype: type);
        ReadElements(tensor, type, shape, reader, skip);
    }

    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        Tensor? tensor = null;
        Load(ref tensor, reader, skip);
        return tensor!;
    }

    private static (ScalarType Type, long[] Shape) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)reader.Decode();
        var shape = new long[reader.Decode()];
        for (var i = 0; i < shape.Length; i++) shape[i] = reader.Decode();
        return (type, shape);
    }

    private static void ReadElements(Tensor tensor, ScalarType type, long[] shape, BinaryReader reader, bool skip)
    {
        if (skip)
        {
            reader.BaseStream.Seek(shape.TotalSize() * type.ElementSize(), SeekOrigin.Current);
            return;
        }
        if (!shape.SequenceEqual(tensor.shape))
            throw new ArgumentException("Mismatched tensor shape while loading. Make sure that the model you are loading into is exactly "
                + $"the same as the origin. Found [{string.Join(", ", shape)}], expected [{string.Join(", ", tensor.shape)}].");
        tensor.ReadBytesFromStream(reader.BaseStream);
    }

    internal static void Encode(this BinaryWriter writer, long value)
    {
        for (; value >= 0x80; value >>= 7) writer.Write((byte)(value | 0x80));
        writer.Write((byte)value);
    }

    internal static long Decode(this BinaryReader reader)
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var part = reader.ReadByte();
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw new InvalidDataException("A number of the file is longer than any size: this is not a file of TorchSharp's.");
    }
}
