using System.Text.RegularExpressions;
using Defenses.Pages;

namespace Defenses.Tests.Pages;

/// <summary>Sixteen series on one page, each told from each other: by colour, for the colour-blind too, and by mark in grey.</summary>
public sealed partial class PaletteTests
{
    private static readonly double[][] s_toXyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]];

    // Machado, Oliveira and Fernandes 2009, at full severity: protanopia, deuteranopia, tritanopia.
    private static readonly double[][][] s_eyes =
    [
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    [Theory]
    [InlineData(0, "#ffffff")]
    [InlineData(1, "#14171c")]
    public void Every_two_colours_are_apart_for_every_eye_and_each_stands_out_from_the_page(int theme, string paper)
    {
        var colours = Colour().Matches(HtmlStyle.Text).Skip(theme * Markers.Colors).Take(Markers.Colors)
            .Select(match => Linear(match.Groups[1].Value)).ToArray();
        colours.Should().HaveCount(16);
        foreach (var eye in s_eyes)
            for (var i = 0; i < 16; i++)
                for (var j = 0; j < i; j++)
                    Difference(Lab(Times(eye, colours[i])), Lab(Times(eye, colours[j]))).Should()
                        .BeGreaterThan(i < 8 ? 12 : 8, $"colours {i} and {j} must be told apart (CIEDE2000)");
        foreach (var colour in colours) Contrast(colour, Linear(paper)).Should().BeGreaterThan(3);
    }

    [Fact]
    public void Every_series_has_a_mark_of_its_own_and_lines_of_alike_marks_differ_in_dashes()
    {
        string Mark(int number) => Number().Replace(Markers.Draw(number, 0, 0), "s");
        Enumerable.Range(0, Markers.Colors).Select(Mark).Should().OnlyHaveUniqueItems("in grey the mark tells them");
        Enumerable.Range(0, Markers.Colors).Select(Markers.Style).Should().OnlyHaveUniqueItems();
        foreach (var number in Enumerable.Range(0, 8)) (Markers.Style(number) + " again").Should()
            .Be(Markers.Style(number + 8).Replace($"s{number + 8}", $"s{number}"));
    }

    private static double[] Linear(string colour) =>
        [.. new[] { 1, 3, 5 }.Select(at => Convert.ToInt32(colour.Substring(at, 2), 16) / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4))];

    private static double[] Times(double[][] matrix, double[] v) => [.. matrix.Select(row => Math.Clamp(row.Zip(v, (a, b) => a * b).Sum(), 0, 1))];

    private static double Contrast(double[] a, double[] b)
    {
        var (first, second) = (Times(s_toXyz, a)[1] + 0.05, Times(s_toXyz, b)[1] + 0.05);
        return Math.Max(first, second) / Math.Min(first, second);
    }

    private static (double L, double A, double B) Lab(double[] linear)
    {
        var f = Times(s_toXyz, linear).Zip([0.95047, 1, 1.08883], (value, white) => value / white)
            .Select(t => t > 0.008856 ? Math.Cbrt(t) : 7.787 * t + 16 / 116.0).ToArray();
        return (116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2]));
    }

    // CIEDE2000, with all weights 1.
    private static double Difference((double L, double A, double B) p, (double L, double A, double B) q)
    {
        static double Radians(double degrees) => degrees * Math.PI / 180;
        static double Seventh(double c) => Math.Sqrt(Math.Pow(c, 7) / (Math.Pow(c, 7) + Math.Pow(25, 7)));
        static double Hue(double a, double b) => (Math.Atan2(b, a) * 180 / Math.PI + 360) % 360;
        var stretch = 1 + 0.5 * (1 - Seventh((double.Hypot(p.A, p.B) + double.Hypot(q.A, q.B)) / 2));
        var (a1, a2) = (p.A * stretch, q.A * stretch);
        var (c1, c2, h1, h2) = (double.Hypot(a1, p.B), double.Hypot(a2, q.B), Hue(a1, p.B), Hue(a2, q.B));
        var turn = (h2 - h1 + 540) % 360 - 180;
        var (l, c, sum) = ((p.L + q.L) / 2, (c1 + c2) / 2, h1 + h2);
        var h = Math.Abs(h1 - h2) <= 180 ? sum / 2 : sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
        var t = 1 - 0.17 * Math.Cos(Radians(h - 30)) + 0.24 * Math.Cos(Radians(2 * h)) + 0.32 * Math.Cos(Radians(3 * h + 6))
            - 0.2 * Math.Cos(Radians(4 * h - 63));
        var light = (q.L - p.L) / (1 + 0.015 * Math.Pow(l - 50, 2) / Math.Sqrt(20 + Math.Pow(l - 50, 2)));
        var (chroma, hue) = ((c2 - c1) / (1 + 0.045 * c), 2 * Math.Sqrt(c1 * c2) * Math.Sin(Radians(turn) / 2) / (1 + 0.015 * c * t));
        var rotation = -Math.Sin(Radians(60 * Math.Exp(-Math.Pow((h - 275) / 25, 2)))) * 2 * Seventh(c);
        return Math.Sqrt(Math.Max(0, light * light + chroma * chroma + hue * hue + rotation * chroma * hue));
    }

    [GeneratedRegex(@"--c\d+:(#[0-9a-f]{6})")]
    private static partial Regex Colour();

    [GeneratedRegex(@"s\d+")]
    private static partial Regex Number();
}
