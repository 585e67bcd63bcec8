using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var size = new long[rawArray.Rank];
        for (var d = 0; d < size.Length; d++) size[d] = rawArray.GetLongLength(d);
        var type = TypeOf(rawArray.GetType().GetElementType()!);
        var bytes = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(rawArray), checked(rawArray.Length * type.ElementSize()));
        return FromBytes(bytes, size, type, dtype, device, requires_grad);
    }

    /// <summary>A tensor that holds the given bytes.</summary>
    internal static Tensor FromBytes(ReadOnlySpan<byte> bytes, long[] size, ScalarType type, ScalarType? dtype, Device? device, bool requiresGrad)
    {
        if (size.TotalSize() * type.ElementSize() != bytes.Length)
            throw new ArgumentException($"The shape [{string.Join(", ", size)}] does not hold {bytes.Length / type.ElementSize()} elements.");
        var result = Op.Call("empty.memory_format", size, type);
        bytes.CopyTo(result.bytes);
        if ((dtype is { } wanted && wanted != type) || (device is not null && device.type != DeviceType.CPU))
            result = result.to(dtype ?? type, device ?? CPU, disposeAfter: true);
        return requiresGrad ? result.requires_grad_() : result;
    }

    internal static ScalarType TypeOf(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(bool) ? ScalarType.Bool
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(sbyte) ? ScalarType.Int8
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(Half) ? ScalarType.Float16
        : throw new NotSupportedException($"A tensor cannot be made of {type}.");

    private static Tensor FromOne<T>(T scalar, ScalarType? dtype, Device? device, bool requiresGrad) where T : unmanaged =>
        FromSpan(new ReadOnlySpan<T>(in scalar), [], dtype, device, requiresGrad);

    private static Tensor FromList<T>(IList<T> list, long[]? size, ScalarType? dtype, Device? device,
        bool requiresGrad) where T : unmanaged =>
        FromSpan(list switch
        {
            T[] array => array,
            List<T> items => CollectionsMarshal.AsSpan(items),
            _ => [.. list],
        }, size ?? [list.Count], dtype, device, requiresGrad);

    private static Tensor FromSpan<T>(ReadOnlySpan<T> values, long[] size, ScalarType? dtype, Device? device,
        bool requiresGrad) where T : unmanaged =>
        FromBytes(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values)), checked(values.Length * Unsafe.SizeOf<T>())),
            size, TypeOf(typeof(T)), dtype, device, requiresGrad);

    internal static Tensor ToTensor(Scalar scalar) => full([], scalar, scalar.Type);
}
