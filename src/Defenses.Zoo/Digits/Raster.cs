namespace Defenses.Zoo;

/// <summary>From line segments to the bytes of one image: ink, blur, noise.</summary>
internal static class Raster
{
    private const int Side = SyntheticDigits.Side;

    /// <summary>Adds ink: full within the pen's radius of a segment, falling to nothing over one pixel; segments do not add up.</summary>
    public static void Ink(ReadOnlySpan<PenStroke> segments, double strength, Span<double> image)
    {
        foreach (ref readonly var s in segments)
        {
            var reach = s.Radius + 0.5;
            int left = First(Math.Min(s.X0, s.X1) - reach), right = Last(Math.Max(s.X0, s.X1) + reach);
            int top = First(Math.Min(s.Y0, s.Y1) - reach), bottom = Last(Math.Max(s.Y0, s.Y1) + reach);
            double dx = s.X1 - s.X0, dy = s.Y1 - s.Y0;
            var inverse = 1 / Math.Max((dx * dx) + (dy * dy), 1e-12);
            for (var y = top; y <= bottom; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    double ux = x - s.X0, uy = y - s.Y0;
                    var along = Math.Clamp(((ux * dx) + (uy * dy)) * inverse, 0, 1);
                    double ex = ux - (along * dx), ey = uy - (along * dy);
                    var square = (ex * ex) + (ey * ey);
                    if (square >= reach * reach) continue;
                    var ink = strength * Math.Min(reach - Math.Sqrt(square), 1);
                    ref var pixel = ref image[(y * Side) + x];
                    if (ink > pixel) pixel = ink;
                }
            }
        }
    }

    /// <summary>Replaces each pixel by a weighted mean with its two neighbours, first along rows, then along columns.</summary>
    public static void Blur(Span<double> image, double neighbour)
    {
        for (var line = 0; line < Side; line++) BlurLine(image, line * Side, 1, neighbour);
        for (var line = 0; line < Side; line++) BlurLine(image, line, Side, neighbour);
    }

    /// <summary>Adds noise to every pixel, clips to [0, 1] and rounds to bytes.</summary>
    public static void Develop(ReadOnlySpan<double> image, double noise, ref SplitMix dice, Span<byte> pixels)
    {
        for (var i = 0; i < image.Length; i++)
            pixels[i] = (byte)((Math.Clamp(image[i] + (noise * dice.Bell()), 0, 1) * 255) + 0.5);
    }

    private static void BlurLine(Span<double> image, int start, int stride, double neighbour)
    {
        double before = 0, here = image[start];
        for (var i = 0; i < Side; i++)
        {
            var after = i + 1 < Side ? image[start + ((i + 1) * stride)] : 0;
            image[start + (i * stride)] = ((1 - (2 * neighbour)) * here) + (neighbour * (before + after));
            (before, here) = (here, after);
        }
    }

    private static int First(double edge) => Math.Clamp((int)edge, 0, Side - 1);

    private static int Last(double edge) => Math.Clamp((int)edge + 1, 0, Side - 1);
}
