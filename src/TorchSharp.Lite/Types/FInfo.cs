namespace TorchSharp;

public static partial class torch
{
    /// <summary>The limits of a floating point dtype.</summary>
    public struct FInfo
    {
        public int bits;
        public double eps;
        public double max;
        public double min;
        public double tiny;
        public double smallest_normal;
        public double resolution;

        internal FInfo(int bits, double eps, double max, double tiny, double resolution) =>
            (this.bits, this.eps, this.max, min, this.tiny, smallest_normal, this.resolution) = (bits, eps, max, -max, tiny, tiny, resolution);
    }

    public static FInfo finfo() => finfo(get_default_dtype());

    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.Float16 => new FInfo(16, Math.ScaleB(1, -10), 65504, Math.ScaleB(1, -14), 1e-3),
        ScalarType.BFloat16 => new FInfo(16, Math.ScaleB(1, -7), Math.ScaleB(255, 120), Math.ScaleB(1, -126), 1e-2),
        ScalarType.Float32 => new FInfo(32, Math.ScaleB(1, -23), float.MaxValue, Math.ScaleB(1, -126), 1e-6),
        ScalarType.Float64 => new FInfo(64, Math.ScaleB(1, -52), double.MaxValue, Math.ScaleB(1, -1022), 1e-15),
        _ => throw new ArgumentException($"{dtype} is not a floating point type.", nameof(dtype)),
    };

    public static long max_int_value(ScalarType type) => type switch
    {
        ScalarType.Byte => byte.MaxValue,
        ScalarType.Int8 => sbyte.MaxValue,
        ScalarType.Int16 => short.MaxValue,
        ScalarType.Int32 => int.MaxValue,
        ScalarType.Int64 => long.MaxValue,
        _ => throw new ArgumentException($"{type} is not an integral type.", nameof(type)),
    };
}
