using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>Accuracy under attack against ε: all defenses in one chart, and each in one of its own, with the band of its interval.</summary>
internal sealed class CurveCharts(EvaluationReport report)
{
    // Beyond these the bands would hide each other; each defense has a chart of its own below.
    private const int MostBands = 3;
    private const double Width = 460, Height = 320, SmallWidth = 320, SmallHeight = 220;
    private readonly ReportSettings _settings = report.Settings;

    internal string Together()
    {
        var chart = Frame(Width, Height, "accuracy under attack");
        for (var i = report.Defenses.Count - 1; i >= 0 && report.Defenses.Count <= MostBands; i--) chart.Band(Band(Curve(report.Defenses[i])), Markers.Style(i) + " faint");
        for (var i = report.Defenses.Count - 1; i >= 0; i--) Draw(chart, report.Defenses[i], i);
        var legend = report.Defenses.Select((defense, i) => Markers.Key(i, defense.Name));
        return $"<figure>{chart.Write("Accuracy under the worst attack against the budget, one line for each defense")}<figcaption class=\"legend\">{string.Concat(legend)}</figcaption></figure>";
    }

    internal string Apart()
    {
        var charts = report.Defenses.Select(Alone);
        return $"<div class=\"panels\">{string.Concat(charts)}</div>";
    }

    private string Alone(DefenseResult defense, int number)
    {
        var chart = Frame(SmallWidth, SmallHeight, "");
        if (number > 0) chart.Line(Line(Curve(report.Defenses[0])), "s0 reference");
        chart.Band(Band(Curve(defense)), Markers.Style(number));
        Draw(chart, defense, number);
        var note = defense.IsRandom || number == 0 ? "" : " <span class=\"quiet\">deterministic</span>";
        return $"<figure><h4>{Escaped.Html(defense.Name)}{note}</h4>{chart.Write($"Accuracy of {defense.Name} under the worst attack against the budget")}</figure>";
    }

    private void Draw(SvgChart chart, DefenseResult defense, int number)
    {
        var curve = Curve(defense);
        chart.Line(Line(curve), Markers.Style(number));
        foreach (var (epsilon, rate) in curve)
            chart.Dot(epsilon, rate.Rate, number, $"{defense.Name}, ε {ReportFormat.Epsilon(epsilon, _settings)}: {NumberFormat.Rate(rate)} {NumberFormat.Range(rate)}");
    }

    private SvgChart Frame(double width, double height, string yTitle)
    {
        var largest = _settings.Strengths[^1];
        var ticks = _settings.Strengths.Where((epsilon, i) => i == 0 || epsilon - _settings.Strengths[i - 1] > largest / 9);
        var (title, text) = ReportFormat.Axis(_settings);
        return new SvgChart(width, height, (0, largest * 1.02), (0, 1), yTitle.Length > 0).Axes(title, yTitle, ticks.Prepend(0).Select(at => (at, text(at))),
            new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(at => (at, $"{100 * at:F0}\u202F%")));
    }

    // From the accuracy without attack, at ε = 0, to the largest strength.
    private static List<(double Epsilon, Proportion Rate)> Curve(DefenseResult defense) =>
        [(0, defense.Accuracy.MeanDraw), .. defense.Strengths.Select(strength => (strength.Epsilon, strength.Worst.Accuracy.MeanDraw))];

    private static IEnumerable<(double, double)> Line(IEnumerable<(double Epsilon, Proportion Rate)> curve) => curve.Select(point => (point.Epsilon, point.Rate.Rate));

    private static List<(double, double, double)> Band(IEnumerable<(double Epsilon, Proportion Rate)> curve) =>
        [.. curve.Select(point => (point.Epsilon, point.Rate.Lower, point.Rate.Upper))];
}
