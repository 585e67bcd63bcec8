using System.Globalization;
using Defenses;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Statistics;

namespace DefenseBench.Doctor;

/// <summary>What the doctor found, written as doctor.json, doctor.md and doctor.html.</summary>
internal sealed record Diagnosis
{
    public string Schema { get; init; } = "defense-bench.doctor/1";

    public required string Model { get; init; }

    public required string Network { get; init; }

    /// <summary>Layers put in, as the retrofit describes them.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    public required string DataSet { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>The attack in question with all its options, and what it looks at.</summary>
    public required string Attack { get; init; }

    public required string View { get; init; }

    public required string Seed { get; init; }

    /// <summary>Images recognised without an attack, by single answers; null where the model could not be asked.</summary>
    public required Proportion? Accuracy { get; init; }

    public required DefenseVerdict Verdict { get; init; }

    /// <summary>The checks that were made, by title.</summary>
    public required IReadOnlyList<string> Checks { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    internal string Title => Verdict.Trust switch
    {
        Trust.Invalid => "The figures of this model must not be used.",
        Trust.Suspicious => "The figures of this model are suspicious.",
        _ => "No check found a reason to doubt this model's figures.",
    };

    /// <summary>0: trustworthy, 2: suspicious, 3: invalid. 1 is for mistakes on the command line.</summary>
    internal int ExitCode => Verdict.Trust switch { Trust.Invalid => 3, Trust.Suspicious => 2, _ => 0 };

    internal void Save(string folder)
    {
        var page = Page();
        AtomicFile.Write(Path.Combine(folder, "doctor.json"), Json.Text(this));
        AtomicFile.Write(Path.Combine(folder, "doctor.md"), page.ToMarkdown());
        AtomicFile.Write(Path.Combine(folder, "doctor.html"), page.ToHtml());
    }

    private Page Page() => new()
    {
        Eyebrow = $"Checkup of {Path.GetFileName(Model)}", Title = Title, Lead = [$"Verdict: {Verdict}."], Findings = Findings,
        Sections = [new PageSection("What was looked for") { Tables = [new PageTable("Checks", "Check", ["Result"], [.. Checks.Select(Row)])] }],
        Method =
        [
            new("Model", Model), new("Network", Network), new("Layers put in", Layers.Count == 0 ? "none" : string.Join("; ", Layers)), new("Images", DataSet),
            new("Recognised without an attack", Accuracy?.ToString() ?? "not measured"), new("Budget", string.Create(CultureInfo.InvariantCulture, $"ε = {Epsilon:G4}, norm Linf")),
            new("Attack in question", $"{Attack}, {View}"), new("Seed", Seed),
        ],
    };

    private PageRow Row(string check)
    {
        var found = Findings.Where(finding => finding.Title == check).ToArray();
        return new PageRow(check, [PageCell.Of(found.Length == 0 ? "nothing found" : $"{found.Max(finding => finding.Severity)}".ToLowerInvariant())]);
    }
}
