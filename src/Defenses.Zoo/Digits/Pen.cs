namespace Defenses.Zoo;

/// <summary>Turns a glyph's control points into line segments in pixels: jitter, affine map and elastic deformation of one sample.</summary>
internal ref struct Pen(ref SplitMix dice, Span<PenStroke> segments)
{
    private const int Steps = 6;                                  // line segments per span of a stroke
    private const int Grid = 4;                                   // the elastic field is given on 4×4 points and interpolated
    private const double Centre = (SyntheticDigits.Side - 1) / 2.0;
    private readonly Span<PenStroke> _segments = segments;
    private readonly double _angle = dice.Between(-0.1, 0.1);     // tangent of half the angle: ±11.4°
    private readonly double _slant = 0.1 + (0.16 * dice.Bell());
    private readonly double _height = dice.Between(15.5, 20.5);
    private readonly double _aspect = dice.Between(0.6, 0.95);
    private readonly double _left = Centre + (1.2 * dice.Bell());
    private readonly double _top = Centre + (1.2 * dice.Bell());
    private readonly double _radius = dice.Between(0.55, 1.75);
    private readonly double _taper = dice.Between(-0.35, 0.35);
    private readonly ElasticField _field = new(ref dice, dice.Between(0.3, 1.5));

    /// <summary>How many segments were written.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one stroke: a Catmull-Rom curve through the jittered control points.</summary>
    public void Draw(ReadOnlySpan<double> stroke, double jitter, ref SplitMix dice)
    {
        Span<double> points = stackalloc double[stroke.Length];
        for (var i = 0; i < stroke.Length; i += 2)
        {
            var corner = i > 0 && stroke[i] == stroke[i - 2] && stroke[i + 1] == stroke[i - 1];
            points[i] = corner ? points[i - 2] : stroke[i] + (jitter * dice.Bell());
            points[i + 1] = corner ? points[i - 1] : stroke[i + 1] + (jitter * dice.Bell());
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

    // The curve leaves and enters a doubled point straight: its tangent there is zero.
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
