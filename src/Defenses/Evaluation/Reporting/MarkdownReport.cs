using System.Text;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>A report as Markdown: verdict, findings, tables and settings.</summary>
internal sealed class MarkdownReport(EvaluationReport report)
{
    private readonly StringBuilder _text = new();
    private readonly HeadlineSummary _verdict = new(report);

    internal string Write()
    {
        var settings = report.Settings;
        Line($"# {Escaped.Markdown(report.Title)}").Line();
        Line($"**{Escaped.Markdown(_verdict.Title)}** {Escaped.Markdown(string.Join(" ", _verdict.Sentences))}").Line();
        Line($"{Escaped.Markdown(settings.Dataset ?? "Images")}: {NumberFormat.Whole(settings.Images)} images, {settings.Draws} draws each, norm {settings.Norm}, " +
            $"{NumberFormat.Percent(settings.Confidence, 0)} intervals in brackets.").Line();
        Verdicts();
        Findings();
        foreach (var epsilon in settings.Strengths.Reverse()) Strength(epsilon);
        Measured();
        return _text.ToString();
    }

    private void Verdicts()
    {
        Line("## Can the numbers be believed?").Line().Line(HtmlVerdicts.About).Line();
        foreach (var verdict in report.Verdicts) Line($"- {Escaped.Markdown(verdict.Defense)}: **{ReportFormat.Of(verdict.Trust)}**{Escaped.Markdown(verdict.ToString()[ReportFormat.Of(verdict.Trust).Length..])}");
        Line();
    }

    private void Findings()
    {
        if (report.Findings.Count == 0) return;
        Line("## Read with care").Line().Line(HtmlShell.Weights(report.Findings)).Line();
        foreach (var (finding, defenses) in FindingGroups.Of(report.Findings))
            Line($"- **{finding.Severity}: {Escaped.Markdown(finding.Title)}**{(defenses.Count > 0 ? $" ({Escaped.Markdown(string.Join(", ", defenses))})" : "")}. " +
                $"{Escaped.Markdown(finding.Reason)} {Escaped.Markdown(finding.Action)}");
        Line();
    }

    private void Strength(double epsilon)
    {
        Line($"## ε = {ReportFormat.Epsilon(epsilon, report.Settings)}").Line();
        Row("Defense", "Accuracy", "Defense rate, worst attack", "by majority", $"in all {report.Settings.Draws} draws", "Gain Δd", "Loss Δt", "DES", "p");
        Row(Enumerable.Repeat("---", 9));
        foreach (var defense in report.Defenses)
        {
            var worst = At(defense, epsilon).Worst;
            Row(Escaped.Markdown(defense.Name), With(defense.Accuracy.MeanDraw), With(worst.DefenseRate), With(worst.Success?.Majority.Complement()),
                With(worst.Success?.WorstOfK.Complement()), $"{NumberFormat.Points(worst.Efficiency?.RateGain)} {NumberFormat.PointsRange(worst.Efficiency?.RateGain)}",
                $"{NumberFormat.Points(defense.AccuracyLoss)} {NumberFormat.PointsRange(defense.AccuracyLoss)}", $"{ReportFormat.Score(worst.Efficiency)} {ReportFormat.ScoreRange(worst.Efficiency)}",
                NumberFormat.Probability(worst.PValue));
        }
        Line().Line("Defense rate by attack and view:").Line();
        Row(["Defense", .. report.Settings.Attacks.Select(attack => Escaped.Markdown($"{attack.Attack}, {attack.View}"))]);
        Row(Enumerable.Repeat("---", 1 + report.Settings.Attacks.Count));
        foreach (var defense in report.Defenses)
            Row([Escaped.Markdown(defense.Name), .. At(defense, epsilon).Cells.Select(cell => With(cell.Outcome.DefenseRate) + (cell.SameAs is { } view ? $" (= {Escaped.Markdown(view)})" : ""))]);
        Line();
    }

    private void Measured()
    {
        Line("## How it was measured").Line();
        foreach (var (name, value) in MethodSection.Of(report)) Line($"- {Escaped.Markdown(name)}: {Escaped.Markdown(value)}");
        if (report.Defenses.Any(defense => defense.Checks.Count > 0)) Line().Line("## What was looked for on each defense").Line();
        foreach (var (name, value) in MethodSection.Checks(report)) Line($"- {Escaped.Markdown(name)}: {Escaped.Markdown(value)}");
        if (report.Timing is not { } timing) return;
        Line().Line("## Time").Line().Line($"{NumberFormat.Seconds(timing.Seconds)} of work; {Escaped.Markdown(timing.Machine)}.").Line();
        Row("Defense", "One answer", "against the first");
        Row("---", "---", "---");
        foreach (var cost in timing.Forward) Row(Escaped.Markdown(cost.Defense), $"{NumberFormat.Short(cost.MillisecondsPerImage)} ms", NumberFormat.Times(cost.Ratio));
    }

    private static StrengthResult At(DefenseResult defense, double epsilon) => defense.Strengths.Single(strength => strength.Epsilon == epsilon);

    private static string With(Statistics.Proportion? rate) => $"{NumberFormat.Rate(rate)} {NumberFormat.Range(rate)}".TrimEnd();

    private void Row(params IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells.Select(cell => cell.Trim()))} |");

    private MarkdownReport Line(string text = "")
    {
        _text.Append(text).Append('\n');
        return this;
    }
}
