using System.Globalization;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>A report as one self-contained page: inline style, charts and pictures; no scripts, no network.</summary>
internal sealed class HtmlReport(EvaluationReport report)
{
    private readonly ReportSettings _settings = report.Settings;
    private readonly HeadlineSummary _verdict = new(report);
    private readonly HtmlTables _tables = new(report);
    private readonly CurveCharts _curves = new(report);

    private string Headline => ReportFormat.Epsilon(_settings.Headline, _settings);

    internal string Write() => HtmlShell.Write(report.Title,
        HtmlShell.Explained(
            $"{Header()}{HtmlVerdicts.Write(report)}{HtmlShell.Findings(report.Findings)}", $"{Summary()}{Charts()}{Matrix()}{new HtmlPictures(report).Write()}{Details()}{Method()}"));

    private string Header() =>
        $"""
        <header><p class="eyebrow">{Escaped.Html(report.Title)}</p><h1>{Escaped.Html(_verdict.Title)}</h1>
        {string.Concat(_verdict.Sentences.Select(sentence => $"<p class=\"lead\">{Escaped.Html(sentence)}</p>"))}
        <dl class="tiles">{HtmlShell.Tile("Defenses", NumberFormat.Whole(report.Defenses.Count), "compared")}{HtmlShell.Tile("Images", NumberFormat.Whole(_settings.Images), _settings.Dataset ?? "")}
        {HtmlShell.Tile("Attacks", NumberFormat.Whole(_settings.Attacks.Count), $"up to ε = {ReportFormat.Epsilon(_settings.Strengths[^1], _settings)}")}{HtmlShell.Tile("Draws", NumberFormat.Whole(_settings.Draws), "to judge an image")}</dl></header>
        """;

    private string Summary() =>
        $"""
        <section><h2>What each defense gains, and what it costs</h2>
        <p>At ε = {Headline}. Behind each value stands, in brackets, the range that it is known within ({NumberFormat.Percent(_settings.Confidence, 0)} confidence). The first row is what the others are
        compared with.</p>{_tables.Summary(_settings.Headline)}</section>
        """;

    private string Charts() =>
        $"""
        <section><h2>How accuracy falls as the attacker may change more</h2>
        <p>Every image counts with the attack that is worst for it. A defense that helps stays up longer; at a large enough budget every model must fall.</p>
        <div class="pair"><div>{_curves.Together()}</div>{Scatter()}</div>{(report.Defenses.Count > 1 ? Apart() : "")}</section>
        """;

    private string Scatter() => new ScatterChart(report).Write() is { Length: > 0 } chart ? $"<div><h3>Gain against cost at ε = {Headline}</h3>{chart}</div>" : "";

    private string Apart() =>
        $"<h3>Each defense by itself</h3><p class=\"quiet\">The band is the interval; the dashed line is “{Escaped.Html(report.Defenses[0].Name)}”.</p>{_curves.Apart()}";

    private string Matrix() =>
        $"""
        <section><h2>Which attack works best</h2>
        <p>Defense rate by attack and by what the attacker looks at, at ε = {Headline}: the darker, the more answers hold. An attacker takes the worst, so the first column counts.</p>
        {_tables.Matrix(_settings.Headline)}{BySetting()}</section>
        """;

    // Of the unprotected network and of the one that the title names.
    private string BySetting()
    {
        var curves = new AttackCurves(report);
        var figures = new[] { _verdict.Base, _verdict.Best }.OfType<DefenseResult>().Select(curves.Of).OfType<CurveFigure>()
            .Select(figure => $"<div><h3>{Escaped.Html(figure.Title)}</h3><p class=\"quiet\">{PageReading.Of(figure)}</p>{figure.Draw()}</div>");
        return $"<div class=\"pair plots\">{string.Concat(figures)}</div>";
    }

    private string Details()
    {
        var strengths = _settings.Strengths.Reverse().Select(epsilon =>
            $"""
            <details><summary>ε = {ReportFormat.Epsilon(epsilon, _settings)}</summary>{(epsilon == _settings.Headline ? "" : _tables.Summary(epsilon) + _tables.Matrix(epsilon))}
            <h3>Three ways to count</h3>{_tables.Counting(epsilon)}</details>
            """);
        return $"""
            <section><h2>All numbers</h2><p>A model that draws at random can be right about an image in one answer and wrong in the next. “One answer” is the share of single answers, “majority” what a
            vote over {_settings.Draws} draws decides, “all {_settings.Draws}” the images on which no single draw errs: what is left when the attacker may ask again and again.</p>{string.Concat(strengths)}</section>
            """;
    }

    private string Method()
    {
        var rows = MethodSection.Of(report).Select(row => $"<dt>{Escaped.Html(row.Name)}</dt><dd>{Escaped.Html(row.Value)}</dd>");
        return $"""
            <section><h2>How it was measured</h2><dl class="method">{string.Concat(rows)}</dl>{Layers()}{Checks()}{Timing()}</section>
            """;
    }

    private string Layers()
    {
        var rows = report.Defenses.Where(defense => defense.Layers.Count > 0).Select(defense =>
            $"<dt>{Escaped.Html(defense.Name)}</dt><dd>{Escaped.Html(string.Join(", ", defense.Layers))}</dd>").ToArray();
        return rows.Length == 0 ? "" : $"<details><summary>Where each defense draws</summary><dl class=\"method\">{string.Concat(rows)}</dl></details>";
    }

    private string Checks()
    {
        var rows = MethodSection.Checks(report).Select(row => $"<dt>{Escaped.Html(row.Name)}</dt><dd>{Escaped.Html(row.Value)}</dd>").ToArray();
        return rows.Length == 0 ? ""
            : $"<details><summary>What was looked for on each defense</summary><dl class=\"method\">{string.Concat(rows)}</dl></details>";
    }

    private string Timing()
    {
        if (report.Timing is not { } timing) return "";
        var forward = timing.Forward.Select(cost => $"<dt>{Escaped.Html(cost.Defense)}</dt><dd>{NumberFormat.Short(cost.MillisecondsPerImage)} ms an answer ({NumberFormat.Times(cost.Ratio)})</dd>");
        var attacks = timing.Attacks.Select(cost => $"<dt>{Escaped.Html($"{cost.Defense}: {cost.Attack}, {cost.View}")}</dt><dd>{NumberFormat.Seconds(cost.SecondsPerImage)} an image</dd>");
        var date = timing.Finished.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return $"""
            <details><summary>Time: {NumberFormat.Seconds(timing.Seconds)} of work</summary><dl class="method"><dt>Finished</dt><dd>{date}</dd><dt>Machine</dt><dd>{Escaped.Html(timing.Machine)}</dd>
            {string.Concat(forward)}{string.Concat(attacks)}</dl></details>
            """;
    }
}
