namespace Defenses.Zoo;

/// <summary>Renders one synthetic digit, which depends only on the seed, the stream and its number.</summary>
internal static class DigitRenderer
{
    private const int Pixels = SyntheticDigits.Side * SyntheticDigits.Side;
    private const int MostSegments = 160;

    /// <summary>The class of an image: each block of ten consecutive numbers holds each class once, in a random order.</summary>
    public static int Label(ulong seed, ulong stream, long number)
    {
        Span<int> order = stackalloc int[SyntheticDigits.Classes];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var random = SplitMix.For(seed, ~stream, (ulong)(number / SyntheticDigits.Classes));
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = random.Index(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order[(int)(number % SyntheticDigits.Classes)];
    }

    /// <summary>Draws the image of the given class into <paramref name="pixels"/>, 28×28 bytes, row by row.</summary>
    public static void Draw(ulong seed, ulong stream, long number, int label, Span<byte> pixels)
    {
        var random = SplitMix.For(seed, stream, (ulong)number);
        Span<PenStroke> segments = stackalloc PenStroke[MostSegments];
        Span<double> image = stackalloc double[Pixels];
        image.Clear();
        var styles = Glyphs.Styles[label];
        var tracer = new StrokeTracer(ref random, segments);
        foreach (var stroke in styles[random.Index(styles.Length)]) tracer.Draw(stroke, 0.035, ref random);
        var written = segments[..tracer.Count];
        var ink = random.Between(0.65, 1);
        if (random.Bernoulli(0.25)) Gap(written, ink, ref random, image);
        else Rasterizer.DrawStrokes(written, ink, image);
        if (random.Bernoulli(0.3)) Rasterizer.DrawStrokes([Scratch(ref random)], ink * random.Between(0.3, 1), image);
        Rasterizer.Blur(image, random.Between(0.02, 0.2));
        Rasterizer.ToBytes(image, random.Between(0.01, 0.11), ref random, pixels);
    }

    // A gap: a piece of the line is left out.
    private static void Gap(ReadOnlySpan<PenStroke> written, double ink, ref SplitMix random, Span<double> image)
    {
        var length = 1 + random.Index(Math.Max(written.Length / 7, 1));
        var start = random.Index(written.Length - length);
        Rasterizer.DrawStrokes(written[..start], ink, image);
        Rasterizer.DrawStrokes(written[(start + length)..], ink, image);
    }

    // A short stray line.
    private static PenStroke Scratch(ref SplitMix random)
    {
        double x = random.Between(1, 26), y = random.Between(1, 26);
        return new PenStroke(x, y, x + (3 * random.ApproximateNormal()), y + (3 * random.ApproximateNormal()), random.Between(0.4, 1.1));
    }
}

/// <summary>Turns a glyph's control points into line segments in pixels: jitter, affine map and elastic deformation of one sample.</summary>
internal ref struct StrokeTracer(ref SplitMix random, Span<PenStroke> segments)
{
    private const int Steps = 6;                                  // line segments per span of a stroke
    private const int Grid = 4;                                   // the elastic field is given on 4×4 points and interpolated
    private const double Center = (SyntheticDigits.Side - 1) / 2.0;
    private readonly Span<PenStroke> _segments = segments;
    private readonly double _angle = random.Between(-0.1, 0.1);     // tangent of half the angle: ±11.4°
    private readonly double _slant = 0.1 + (0.16 * random.ApproximateNormal());
    private readonly double _height = random.Between(15.5, 20.5);
    private readonly double _aspect = random.Between(0.6, 0.95);
    private readonly double _left = Center + (1.2 * random.ApproximateNormal());
    private readonly double _top = Center + (1.2 * random.ApproximateNormal());
    private readonly double _radius = random.Between(0.55, 1.75);
    private readonly double _taper = random.Between(-0.35, 0.35);
    private readonly ElasticField _field = new(ref random, random.Between(0.3, 1.5));

    /// <summary>The number of segments.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one stroke: a Catmull-Rom curve through the jittered control points.</summary>
    public void Draw(ReadOnlySpan<double> stroke, double jitter, ref SplitMix random)
    {
        Span<double> points = stackalloc double[stroke.Length];
        for (var i = 0; i < stroke.Length; i += 2)
        {
            var corner = i > 0 && stroke[i] == stroke[i - 2] && stroke[i + 1] == stroke[i - 1];
            points[i] = corner ? points[i - 2] : stroke[i] + (jitter * random.ApproximateNormal());
            points[i + 1] = corner ? points[i - 1] : stroke[i + 1] + (jitter * random.ApproximateNormal());
        }

        var spans = (points.Length / 2) - 1;
        var (x, y) = Place(points[0], points[1]);
        for (var step = 1; step <= spans * Steps; step++)
        {
            var (u, v) = Curve(points, (step - 1) / Steps, (((step - 1) % Steps) + 1) / (double)Steps);
            var (nextX, nextY) = Place(u, v);
            var along = step / (double)(spans * Steps);
            Count = Append(new PenStroke(x, y, nextX, nextY, _radius * (1 + (_taper * (along - 0.5)))));
            (x, y) = (nextX, nextY);
        }
    }

    private readonly int Append(PenStroke segment)
    {
        _segments[Count] = segment;
        return Count + 1;
    }

    // At a doubled point the tangent is zero, so the curve has a sharp corner there.
    private static (double X, double Y) Curve(ReadOnlySpan<double> p, int span, double t)
    {
        int a = Math.Max(span - 1, 0) * 2, b = span * 2, c = b + 2, d = Math.Min(span + 2, (p.Length / 2) - 1) * 2;
        var (t2, t3) = (t * t, t * t * t);
        double w0 = (-t3 + (2 * t2) - t) / 2, w1 = ((3 * t3) - (5 * t2) + 2) / 2, w2 = ((-3 * t3) + (4 * t2) + t) / 2, w3 = (t3 - t2) / 2;
        return ((w0 * p[a]) + (w1 * p[b]) + (w2 * p[c]) + (w3 * p[d]), (w0 * p[a + 1]) + (w1 * p[b + 1]) + (w2 * p[c + 1]) + (w3 * p[d + 1]));
    }

    private readonly (double X, double Y) Place(double u, double v)
    {
        double x = (u - 0.5) * _height * _aspect, y = (v - 0.5) * _height;
        x -= _slant * y;
        var scale = 1 / (1 + (_angle * _angle));
        double cosine = (1 - (_angle * _angle)) * scale, sine = 2 * _angle * scale;
        (x, y) = (_left + (cosine * x) - (sine * y), _top + (sine * x) + (cosine * y));
        return _field.Move(x, y);
    }
}

/// <summary>Renders line segments to the bytes of one image: ink, blur, noise.</summary>
internal static class Rasterizer
{
    private const int Side = SyntheticDigits.Side;

    /// <summary>Adds ink: full within the pen's radius of a segment, falling to 0 over one pixel; overlapping segments do not add up.</summary>
    public static void DrawStrokes(ReadOnlySpan<PenStroke> segments, double strength, Span<double> image)
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

    /// <summary>Replaces each pixel by a weighted mean with its two neighbors, first along rows, then along columns.</summary>
    public static void Blur(Span<double> image, double neighborWeight)
    {
        for (var line = 0; line < Side; line++) BlurLine(image, line * Side, 1, neighborWeight);
        for (var line = 0; line < Side; line++) BlurLine(image, line, Side, neighborWeight);
    }

    /// <summary>Adds noise to every pixel, clips to [0, 1] and rounds to bytes.</summary>
    public static void ToBytes(ReadOnlySpan<double> image, double noise, ref SplitMix random, Span<byte> pixels)
    {
        for (var i = 0; i < image.Length; i++)
            pixels[i] = (byte)((Math.Clamp(image[i] + (noise * random.ApproximateNormal()), 0, 1) * 255) + 0.5);
    }

    private static void BlurLine(Span<double> image, int start, int stride, double neighborWeight)
    {
        double before = 0, here = image[start];
        for (var i = 0; i < Side; i++)
        {
            var after = i + 1 < Side ? image[start + ((i + 1) * stride)] : 0;
            image[start + (i * stride)] = ((1 - (2 * neighborWeight)) * here) + (neighborWeight * (before + after));
            (before, here) = (here, after);
        }
    }

    private static int First(double edge) => Math.Clamp((int)edge, 0, Side - 1);

    private static int Last(double edge) => Math.Clamp((int)edge + 1, 0, Side - 1);
}
