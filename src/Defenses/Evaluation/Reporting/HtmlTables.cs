using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>The tables of the page.</summary>
internal sealed class HtmlTables(EvaluationReport report)
{
    private readonly ReportSettings _settings = report.Settings;

    /// <summary>What each defense costs and gains under the worst attack.</summary>
    internal string Summary(double epsilon)
    {
        var rows = report.Defenses.Select((defense, number) => SummaryRow(defense, number, epsilon));
        return Table("gain and cost", "<th scope=\"col\" class=\"who\">Defense</th><th scope=\"col\">Accuracy<small>without attack</small></th><th scope=\"col\">Defense rate<small>answers that hold under the worst attack</small></th>" +
            "<th scope=\"col\">Gain Δd<small>points over the first</small></th><th scope=\"col\">Loss Δt<small>points of accuracy</small></th><th scope=\"col\">DES<small>Δd / (Δt + η)</small></th>" +
            $"<th scope=\"col\">Cost<small>time of an answer</small></th>", rows, "summary");
    }

    /// <summary>Defense rates by attack and view.</summary>
    internal string Matrix(double epsilon)
    {
        var attacks = _settings.Attacks;
        var groups = string.Concat(attacks.Select(attack => attack.Attack).Distinct().Select(name =>
            $"<th scope=\"colgroup\" colspan=\"{attacks.Count(attack => attack.Attack == name)}\">{Escaped.Html(name)}</th>"));
        var order = attacks.Select(attack => attack.Attack).Distinct().SelectMany(name => Enumerable.Range(0, attacks.Count).Where(i => attacks[i].Attack == name)).ToArray();
        var views = string.Concat(order.Select(i => $"<th scope=\"col\">{Escaped.Html(attacks[i].View)}</th>"));
        var rows = report.Defenses.Select((defense, number) =>
        {
            var at = At(defense, epsilon);
            return Name(defense, number, brief: true) + Tinted(new CellResult("", "", null, at.Worst)) + string.Concat(order.Select(i => Tinted(at.Cells[i])));
        });
        return Table("defense rate by attack", $"<th scope=\"col\" rowspan=\"2\" class=\"who\">Defense</th><th scope=\"col\" rowspan=\"2\">worst of all<small>for each image</small></th>{groups}</tr><tr>{views}", rows, "matrix");
    }

    /// <summary>The three ways to count the answers of a random model.</summary>
    internal string Counting(double epsilon)
    {
        var rows = report.Defenses.Select((defense, number) =>
        {
            var worst = At(defense, epsilon).Worst;
            return Name(defense, number, brief: true) + Cell(defense.Accuracy.MeanDraw) + Cell(defense.Accuracy.Majority) + Cell(defense.Accuracy.WorstOfK) +
                Cell(defense.Unprovoked?.MeanDraw.Complement()) + Cell(worst.Success?.MeanDraw.Complement()) + Cell(worst.Success?.Majority.Complement()) +
                Cell(worst.Success?.WorstOfK.Complement()) + Cell(worst.AllImages.MeanDraw.Complement()) + $"<td>{NumberFormat.Probability(worst.PValue)}</td>";
        });
        return Table("three ways to count", "<th scope=\"col\" rowspan=\"2\" class=\"who\">Defense</th><th scope=\"colgroup\" colspan=\"3\">right without attack</th>" +
            "<th scope=\"colgroup\" colspan=\"4\">holds, of the images it recognises</th><th scope=\"col\" rowspan=\"2\">attack fails,<br>all images</th>" +
            "<th scope=\"col\" rowspan=\"2\">p<small>McNemar</small></th></tr><tr>" +
            $"<th scope=\"col\">one answer</th><th scope=\"col\">majority</th><th scope=\"col\">all {_settings.Draws}</th>" +
            $"<th scope=\"col\">no attack</th><th scope=\"col\">one answer</th><th scope=\"col\">majority</th><th scope=\"col\">all {_settings.Draws}</th>", rows, "counting");
    }

    private string SummaryRow(DefenseResult defense, int number, double epsilon)
    {
        var worst = At(defense, epsilon).Worst;
        var score = worst.Efficiency;
        var time = defense.Cost ?? report.Timing?.Forward.FirstOrDefault(cost => cost.Defense == defense.Name)?.Ratio;
        return Name(defense, number, badge: HtmlVerdicts.Badge(report.Verdicts[number].Trust)) + Labelled("Accuracy", Both(NumberFormat.Rate(defense.Accuracy.MeanDraw), NumberFormat.Range(defense.Accuracy.MeanDraw))) +
            Labelled("Defense rate", Both(NumberFormat.Rate(worst.DefenseRate), NumberFormat.Range(worst.DefenseRate)) + Bar(worst.DefenseRate, number)) +
            Labelled("Gain Δd", Both(NumberFormat.Points(score?.RateGain), NumberFormat.PointsRange(score?.RateGain))) +
            Labelled("Loss Δt", Both(NumberFormat.Points(defense.AccuracyLoss), NumberFormat.PointsRange(defense.AccuracyLoss))) +
            Labelled("DES", Both(ReportFormat.Score(score), ReportFormat.ScoreRange(score))) + Labelled("Cost", NumberFormat.Times(time));
    }

    private static string Name(DefenseResult defense, int number, bool brief = false, string badge = "") =>
        $"<th scope=\"row\" class=\"who\"><span class=\"name\">{Markers.Swatch(number)}{Escaped.Html(defense.Name)}</span>" +
        $"{(!brief && defense.Description is { } what ? $"<small>{Escaped.Html(what)}</small>" : "")}{badge}</th>";

    // The label shows where the table is too narrow for its head.
    private static string Labelled(string label, string content) => $"<td data-label=\"{label}\">{content}</td>";

    private static string Both(string value, string range) => $"<b>{value}</b><span class=\"range\">{range}</span>";

    private static string Cell(Proportion? rate) => $"<td>{Both(NumberFormat.Rate(rate), NumberFormat.Range(rate))}</td>";

    private static string Tinted(CellResult cell)
    {
        if (cell.Outcome.DefenseRate is not { } rate) return $"<td>{NumberFormat.None}</td>";
        var same = cell.SameAs is { } view ? $"<span class=\"range\">as {Escaped.Html(view)}</span>" : $"<span class=\"range\">{NumberFormat.Range(rate)}</span>";
        return $"<td class=\"tint\" style=\"--share:{SvgChart.F(100 * rate.Rate)}%\"><b>{NumberFormat.Percent(rate.Rate)}</b>{same}</td>";
    }

    private static string Bar(Proportion? rate, int number) => rate is null ? "" :
        $"<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" x=\"0\" y=\"3\" width=\"100\" height=\"2\"/>" +
        $"<rect class=\"band {Markers.Style(number)}\" x=\"{SvgChart.F(100 * rate.Lower)}\" y=\"0.5\" width=\"{SvgChart.F(Math.Max(0.6, 100 * (rate.Upper - rate.Lower)))}\" height=\"7\"/>" +
        $"<rect class=\"mark {Markers.Style(number)}\" x=\"{SvgChart.F(Math.Clamp(100 * rate.Rate - 0.6, 0, 98.8))}\" y=\"0\" width=\"1.2\" height=\"8\"/></svg>";

    private static StrengthResult At(DefenseResult defense, double epsilon) => defense.Strengths.Single(strength => strength.Epsilon == epsilon);

    private static string Table(string name, string head, IEnumerable<string> rows, string style) =>
        HtmlShell.Scroll($"<table class=\"{style}\"><thead><tr>{head}</tr></thead><tbody>{string.Concat(rows.Select(row => $"<tr>{row}</tr>"))}</tbody></table>", name);
}
