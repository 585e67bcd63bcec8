namespace Defenses.Zoo;

/// <summary>Bilinear resizing with antialias: a triangle as wide as an output pixel (at least one input pixel), first along rows, then along columns.</summary>
/// <remarks>As in PIL, which torchvision uses: weights in fixed point with 22 bits, 8-bit values after each pass.</remarks>
internal static class Resampling
{
    private const int Bits = 22;

    public static DecodedPicture Resize(DecodedPicture raster, int height, int width)
    {
        var (channels, values) = (raster.Channels, raster.Values);
        if (width != raster.Width)
        {
            var taps = Taps(raster.Width, width);
            var rows = new byte[raster.Height * width * channels];
            for (var y = 0; y < raster.Height; y++)
                Pass(values, y * raster.Width * channels, channels, rows, y * width * channels, channels, taps, channels);
            values = rows;
        }

        if (height == raster.Height) return new DecodedPicture(height, width, channels, values);
        var (result, line) = (new byte[height * width * channels], width * channels);
        var down = Taps(raster.Height, height);
        for (var x = 0; x < width; x++) Pass(values, x * channels, line, result, x * channels, line, down, channels);
        return new DecodedPicture(height, width, channels, result);
    }

    // One line of pixels: step is the distance between neighbors.
    private static void Pass(byte[] source, int from, int step, byte[] target, int to, int targetStep, (int First, int[] Weights)[] taps, int channels)
    {
        for (var i = 0; i < taps.Length; i++)
        {
            var (first, weights) = taps[i];
            for (var channel = 0; channel < channels; channel++)
            {
                var sum = 1 << (Bits - 1);
                for (var k = 0; k < weights.Length; k++) sum += source[from + ((first + k) * step) + channel] * weights[k];
                target[to + (i * targetStep) + channel] = (byte)Math.Clamp(sum >> Bits, 0, 255);
            }
        }
    }

    private static (int First, int[] Weights)[] Taps(int from, int to)
    {
        var scale = (double)from / to;
        var radius = Math.Max(scale, 1);
        var taps = new (int, int[])[to];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var (first, last) = (Math.Max(0, (int)(center - radius + 0.5)), Math.Min(from, (int)(center + radius + 0.5)));
            var weights = new double[last - first];
            for (var k = 0; k < weights.Length; k++) weights[k] = Math.Max(0, 1 - Math.Abs((first + k + 0.5 - center) / radius));
            var sum = weights.Sum();
            taps[i] = (first, Array.ConvertAll(weights, weight => (int)((weight / sum * (1 << Bits)) + 0.5)));
        }

        return taps;
    }
}
