using System.Globalization;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Statistics;

namespace Defenses.Cli;

/// <summary>What the doctor found, written as doctor.json, doctor.md and doctor.html.</summary>
internal sealed record Diagnosis
{
    public string Schema { get; init; } = "defense-bench.doctor/2";

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

    /// <summary>Single answers that are right without an attack; null where the model could not be asked.</summary>
    public required Proportion? Accuracy { get; init; }

    /// <summary>The same under the attack in question; null where nothing attacked the model.</summary>
    public required Proportion? AttackedAccuracy { get; init; }

    public required DefenseVerdict Verdict { get; init; }

    /// <summary>Every check, and how it ended.</summary>
    public required IReadOnlyList<CheckResult> Checks { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>All that repeats it.</summary>
    public required Origin Origin { get; init; }

    internal string Title => Verdict.Trust switch
    {
        Trustworthiness.Invalid => "The figures of this model must not be used.",
        Trustworthiness.Suspicious => "The figures of this model are suspicious.",
        Trustworthiness.NotAttacked => "Nothing was found, and nothing attacked the model: how hard it is to fool is not known.",
        _ => "No check found a reason to doubt this model's figures.",
    };

    /// <summary>0: trustworthy, 2: suspicious, 3: invalid, 4: nothing found, but nothing attacked the model. 1 is for mistakes on the command line.</summary>
    internal int ExitCode => Verdict.Trust switch { Trustworthiness.Invalid => 3, Trustworthiness.Suspicious => 2, Trustworthiness.NotAttacked => 4, _ => 0 };

    /// <summary>How often the model is right, without the attack and under it.</summary>
    internal string Fared => Accuracy is null ? "How often the model is right was not measured."
        : $"Right answers without an attack: {Accuracy}; under the attack: {AttackedAccuracy?.ToString() ?? "not measured, nothing attacked it"}.";

    internal void Save(string folder)
    {
        var page = Page();
        AtomicFile.WriteAll(folder, ("doctor.json", Json.Text(this)), ("doctor.md", page.ToMarkdown()), ("doctor.html", page.ToHtml()));
    }

    private Page Page() => new()
    {
        Eyebrow = $"Checkup of {Path.GetFileName(Model)}", Title = Title, Lead = [$"Verdict: {Verdict}.", Fared], Findings = Findings,
        Origin = [new("Command", Origin.Command)], Files = ["doctor.json"],
        Sections =
        [
            new PageSection("How the model fared")
            {
                Tables = [new PageTable("", "Right answers", ["Share"],
                    [Share("without an attack", Accuracy), Share($"under the attack, ε = {Budget}", AttackedAccuracy)])],
            },
            new PageSection("What was looked for")
            {
                Tables = [new PageTable("Checks", "Check", ["Result"], [.. Checks.Select(check => new PageRow(check.Check, [PageCell.Of($"{check}")]))])],
            },
        ],
        Method =
        [
            new("Model", Model), new("Network", Network), new("Layers put in", Layers.Count == 0 ? "none" : string.Join("; ", Layers)), new("Images", DataSet),
            new("Budget", $"ε = {Budget}, norm Linf"), new("Attack in question", $"{Words}; {View}"), new("Seed", Seed),
            new("Versions", string.Join(", ", Origin.Versions.Select(version => $"{version.Key} {version.Value}"))),
        ],
    };

    // "Pgd: 50 steps, 1 restart".
    private string Words => AttackWords.Of(Attack, "Linf") is { Length: > 0 } words && words != Attack ? $"{Attack.Split(' ')[0]}: {words}" : Attack;

    private string Budget => Epsilon.ToString("G4", CultureInfo.InvariantCulture);

    private static PageRow Share(string name, Proportion? rate) => new(name, [rate is null ? PageCell.Of("not measured") : PageCell.Of(rate)]);
}
