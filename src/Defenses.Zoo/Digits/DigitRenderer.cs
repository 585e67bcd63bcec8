namespace Defenses.Zoo;

/// <summary>Draws one synthetic digit: everything about it follows from the seed, the stream and its number.</summary>
internal static class DigitRenderer
{
    private const int Pixels = SyntheticDigits.Side * SyntheticDigits.Side;
    private const int MostSegments = 160;

    /// <summary>The class of an image: each block of ten consecutive numbers holds each class once, in an order of its own.</summary>
    public static int Label(ulong seed, ulong stream, long number)
    {
        Span<int> order = stackalloc int[SyntheticDigits.Classes];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var dice = SplitMix.For(seed, ~stream, (ulong)(number / SyntheticDigits.Classes));
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = dice.Index(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order[(int)(number % SyntheticDigits.Classes)];
    }

    /// <summary>Draws the image of the given class into <paramref name="pixels"/>, 28×28 bytes, row by row.</summary>
    public static void Draw(ulong seed, ulong stream, long number, int label, Span<byte> pixels)
    {
        var dice = SplitMix.For(seed, stream, (ulong)number);
        Span<PenStroke> segments = stackalloc PenStroke[MostSegments];
        Span<double> image = stackalloc double[Pixels];
        image.Clear();
        var styles = Glyphs.Styles[label];
        var pen = new Pen(ref dice, segments);
        foreach (var stroke in styles[dice.Index(styles.Length)]) pen.Draw(stroke, 0.035, ref dice);
        var written = segments[..pen.Count];
        var ink = dice.Between(0.65, 1);
        if (dice.Chance(0.25)) Gap(written, ink, ref dice, image);
        else Raster.Ink(written, ink, image);
        if (dice.Chance(0.3)) Raster.Ink([Scratch(ref dice)], ink * dice.Between(0.3, 1), image);
        Raster.Blur(image, dice.Between(0.02, 0.2));
        Raster.Develop(image, dice.Between(0.01, 0.11), ref dice, pixels);
    }

    // The pen leaves out a piece of the line.
    private static void Gap(ReadOnlySpan<PenStroke> written, double ink, ref SplitMix dice, Span<double> image)
    {
        var length = 1 + dice.Index(Math.Max(written.Length / 7, 1));
        var start = dice.Index(written.Length - length);
        Raster.Ink(written[..start], ink, image);
        Raster.Ink(written[(start + length)..], ink, image);
    }

    // A short stray line.
    private static PenStroke Scratch(ref SplitMix dice)
    {
        double x = dice.Between(1, 26), y = dice.Between(1, 26);
        return new PenStroke(x, y, x + (3 * dice.Bell()), y + (3 * dice.Bell()), dice.Between(0.4, 1.1));
    }
}
