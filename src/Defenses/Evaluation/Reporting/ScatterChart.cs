using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>What each defense gains against what it costs, with the intervals of both; lines of equal efficiency behind.</summary>
internal sealed class ScatterChart(EvaluationReport report)
{
    private const double Width = 460, Height = 320;

    internal string Write()
    {
        var points = report.Defenses.Select((defense, number) => (Defense: defense, Number: number, Score: Score(defense)))
            .Where(point => point.Score is not null).Select(point => (point.Defense, point.Number, Score: point.Score!)).ToArray();
        if (points.Length == 0) return "";
        var x = Range(points.Select(point => point.Score.AccuracyLoss), 0.02);
        var y = Range(points.Select(point => point.Score.RateGain), 0.1);
        var chart = new SvgChart(Width, Height, x, y).Axes("accuracy lost without attack, Δt (points)", "defense rate gained, Δd (points)", Ticks(x), Ticks(y));
        var last = double.PositiveInfinity;
        foreach (var score in new[] { 1, 3, 10, 30, 100 }) last = Ray(chart, score, x, y, last);
        chart.Segment(x.Low, 0, x.High, 0, "zero").Segment(0, y.Low, 0, y.High, "zero");
        foreach (var (defense, number, score) in points)
        {
            var (gain, loss, series) = (score.RateGain, score.AccuracyLoss, Markers.Style(number));
            chart.Segment(loss.Lower, gain.Value, loss.Upper, gain.Value, $"whisker {series}").Segment(loss.Value, gain.Lower, loss.Value, gain.Upper, $"whisker {series}")
                .Dot(loss.Value, gain.Value, number,
                    $"{defense.Name}: Δd {NumberFormat.Points(gain)} {NumberFormat.PointsRange(gain)}, Δt {NumberFormat.Points(loss)} {NumberFormat.PointsRange(loss)}, DES {ReportFormat.Score(score)} {ReportFormat.ScoreRange(score)}");
        }
        var legend = points.Select(point => Markers.Key(point.Number, point.Defense.Name));
        return $"<figure>{chart.Write("Gain in defense rate against loss of accuracy, one point for each defense, with intervals")}" +
            $"<figcaption class=\"legend\">{string.Concat(legend)}</figcaption></figure>";
    }

    private EfficiencyScore? Score(DefenseResult defense) =>
        defense.Strengths.Single(strength => strength.Epsilon == report.Settings.Headline).Worst.Efficiency;

    // All points of equal score: Δd = DES · (Δt + η), inside the drawing area; named where there is room beside the one before.
    private double Ray(SvgChart chart, double score, (double Low, double High) x, (double Low, double High) y, double last)
    {
        var eta = report.Settings.Eta;
        var (from, to) = (Math.Max(x.Low, y.Low / score - eta), Math.Min(x.High, y.High / score - eta));
        if (to <= from) return last;
        chart.Segment(from, score * (from + eta), to, score * (to + eta), "ray");
        var atTop = to < x.High;
        if (atTop && last - chart.X(to) < 44) return last;
        chart.Text(chart.X(to) + (atTop ? 3 : -3), chart.Y(score * (to + eta)) + (atTop ? 9 : -4), $"DES {score:F0}", "ray-name", atTop ? "start" : "end");
        return atTop ? chart.X(to) : last;
    }

    private static (double Low, double High) Range(IEnumerable<Estimate> estimates, double least)
    {
        var list = estimates.ToArray();
        var (low, high) = (Math.Min(0, list.Min(estimate => estimate.Lower)), Math.Max(least, list.Max(estimate => estimate.Upper)));
        var margin = 0.06 * (high - low);
        return (low - margin, high + margin);
    }

    private static IEnumerable<(double, string)> Ticks((double Low, double High) range) =>
        SvgChart.Ticks(100 * range.Low, 100 * range.High).Select(at => (at / 100, SvgChart.F(at).Replace('-', '\u2212')));
}
