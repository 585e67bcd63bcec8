namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false,
                bool antialias = false)
            {
                var dims = (int)x.ndim - 2;
                if (size is null == scale_factor is null) throw new ArgumentException("Give either size or scale_factor.");
                if (dims is < 1 or > 3) throw new ArgumentException($"expected 3D, 4D or 5D input, but got {x.ndim}D input.");
                size = PerDimension(size, dims);
                scale_factor = PerDimension(scale_factor, dims);
                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                    (size, scale_factor) = (Scaled(x.shape[2..], scale_factor), null);
                if (mode == InterpolationMode.Area) return Op.Call($"adaptive_avg_pool{dims}d", x, size);
                Arg sizes = size is null ? Arg.None : size;
                Arg scales = scale_factor is null ? Arg.None : scale_factor;
                return mode is InterpolationMode.Nearest or InterpolationMode.NearestExact
                    ? Op.Call(Kernel(mode, dims, false), x, sizes, scales)
                    : Op.Call(Kernel(mode, dims, antialias), x, sizes, align_corners ?? false, scales);
            }

            private static string Kernel(InterpolationMode mode, int dims, bool antialias) => (mode, dims, antialias) switch
            {
                (InterpolationMode.Nearest, _, _) => $"upsample_nearest{dims}d.vec",
                (InterpolationMode.NearestExact, _, _) => $"_upsample_nearest_exact{dims}d.vec",
                (InterpolationMode.Linear, 1, false) => "upsample_linear1d.vec",
                (InterpolationMode.Bilinear, 2, false) => "upsample_bilinear2d.vec",
                (InterpolationMode.Bilinear, 2, true) => "_upsample_bilinear2d_aa.vec",
                (InterpolationMode.Bicubic, 2, false) => "upsample_bicubic2d.vec",
                (InterpolationMode.Bicubic, 2, true) => "_upsample_bicubic2d_aa.vec",
                (InterpolationMode.Trilinear, 3, false) => "upsample_trilinear3d.vec",
                _ => throw new ArgumentException($"{mode} does not suit an input of {dims + 2} dimensions, antialias: {antialias}."),
            };

            private static T[]? PerDimension<T>(T[]? values, int dims) =>
                values is null || values.Length == dims ? values
                : values.Length == 1 ? [.. Enumerable.Repeat(values[0], dims)]
                : throw new ArgumentException($"{values.Length} sizes or factors for {dims} dimensions.");

            private static long[] Scaled(long[] sizes, double[] factors) => [.. sizes.Zip(factors, (size, factor) => (long)(size * factor))];

            public static Tensor upsample(Tensor input, long[]? size = null, double[]? scale_factor = null,
                UpsampleMode mode = UpsampleMode.Nearest, bool align_corners = false) =>
                interpolate(input, size, scale_factor, (InterpolationMode)mode, align_corners);
        }
    }
}
