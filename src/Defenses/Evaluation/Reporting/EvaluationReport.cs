using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Work;
using Defenses.Pages;

namespace Defenses.Evaluation;

/// <summary>The result of an evaluation, with the data that its trustworthiness depends on. Immutable; written as JSON, Markdown and HTML.</summary>
public sealed record EvaluationReport
{
    /// <summary>The schema that this version writes and reads; docs/evaluation.md describes it.</summary>
    public const string CurrentSchema = "defenses.evaluation/1";

    /// <summary>The schema of the report.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The title.</summary>
    public required string Title { get; init; }

    /// <summary>The settings of the measurement.</summary>
    public required ReportSettings Settings { get; init; }

    /// <summary>The defenses, the base first.</summary>
    public required IReadOnlyList<DefenseResult> Defenses { get; init; }

    /// <summary>Reasons to read the numbers with care. Add custom findings with <c>report with { Findings = [.. report.Findings, finding] }</c>.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>For each defense the trustworthiness of its numbers, from the findings.</summary>
    public IReadOnlyList<DefenseVerdict> Verdicts => [.. Defenses.Select(defense => DefenseVerdict.Of(defense.Name, Findings))];

    /// <summary>Images before and after the worst attack at the headline strength.</summary>
    public IReadOnlyList<ExampleImage> Examples { get; init; } = [];

    /// <summary>Times and machine: the part that differs from run to run. Null if the report has none.</summary>
    public ReportTiming? Timing { get; init; }

    /// <summary>The report as JSON, indented. The same report gives the same text.</summary>
    public string ToJson() => VersionedJson.Write(this);

    /// <summary>Reads a report back.</summary>
    /// <exception cref="InvalidDataException">The text is no report, or one of another schema.</exception>
    public static EvaluationReport FromJson(string json) =>
        VersionedJson.Read<EvaluationReport>(json, CurrentSchema, "report", "Read it with the version that wrote it, or evaluate again.");

    /// <summary>The rates as a table with a row for each rate: defense, ε, attack, view, what is measured, rate, ends of its interval, images.</summary>
    /// <remarks>ε is 0 and the attack "none" without an attack; the attack is "worst" for the worst attack of each image.</remarks>
    public string ToCsv() => new EvaluationCsv(this).Write();

    /// <summary>The report as Markdown.</summary>
    public string ToMarkdown() => EvaluationPage.From(this).ToMarkdown();

    /// <summary>The report as one self-contained page: no scripts, no network; for screens of any width, light and dark, and for paper.</summary>
    public string ToHtml() => EvaluationPage.From(this).ToHtml();

    /// <summary>Writes report.json, report.csv, report.md and report.html, all of them or none.</summary>
    /// <param name="folder">Created if missing.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void Save(string folder)
    {
        AtomicFile.RequireWritable(folder, nameof(folder));
        AtomicFile.WriteAll(folder, ("report.json", ToJson()), ("report.csv", ToCsv()), ("report.md", ToMarkdown()), ("report.html", ToHtml()));
    }
}
