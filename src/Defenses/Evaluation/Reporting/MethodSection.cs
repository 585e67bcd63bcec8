using System.Globalization;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>How a report was measured, as the last section of its page.</summary>
internal static class MethodSection
{
    internal static PageSection Of(EvaluationReport report)
    {
        IEnumerable<PageSection> details = [Folded("Where each defense draws", Layers(report)), Folded("What was looked for on each defense", Checks(report))];
        if (report.Timing is { } timing)
            details = details.Append(Folded("Times of answers and attacks", Times(timing)) with { IsScreenOnly = true });
        return new PageSection("How it was measured")
        {
            Method = [.. Settings(report.Settings), .. Time(report.Timing)], Details = [.. details.Where(section => section.Method.Count > 0)],
        };
    }

    internal static string Date(ReportTiming timing) => timing.Finished.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static PageSection Folded(string title, IEnumerable<PageEntry> entries) => new(title) { Method = [.. entries] };

    private static IEnumerable<PageEntry> Settings(ReportSettings settings)
    {
        var budgets = string.Join(", ", settings.Strengths.Select(epsilon => ReportFormat.Epsilon(epsilon, settings)));
        yield return new("Images", $"{NumberFormat.Whole(settings.Images)}{(settings.Dataset is { } name ? $" of {name}" : "")}");
        yield return new("Attacker", $"{settings.Attacker}");
        yield return new("Budget",
            string.Create(CultureInfo.InvariantCulture, $"ε in {{{budgets}}}, norm {settings.Norm}, inputs within [{settings.Lower}, {settings.Upper}]"));
        yield return new("Judge", $"{settings.Draws} fresh draws of each image, from a stream of its own; deterministic models once");
        yield return new("Worst attack", "per image, chosen by one set of draws and judged by another");
        yield return new("Intervals", $"{NumberFormat.Percent(settings.Confidence, 0)}, exact (Clopper–Pearson), images as trials");
        yield return new("Score", $"DES = Δd / (Δt + η), η = {settings.Eta.ToString(CultureInfo.InvariantCulture)}");
        foreach (var attack in Attacks(settings)) yield return attack;
        yield return new("Seed", settings.Seed.ToString(CultureInfo.InvariantCulture));
        yield return new("Blocks", $"{settings.BlockSize} images attacked, {settings.JudgeBlockSize} judged at a time");
        yield return new("Library", $"Defenses {settings.Library}");
        if (settings.Command is { } command) yield return new("Command", command);
    }

    // Views of one attack with the same options together; the options of the headline budget.
    private static IEnumerable<PageEntry> Attacks(ReportSettings settings) =>
        from attack in settings.Attacks
        let options = AttackWords.Of(attack.Options[settings.Strengths.ToList().IndexOf(settings.Headline)], settings.Norm)
        group attack.View by (attack.Attack, attack.Goal, Options: options) into same
        select new PageEntry(
            $"{same.Key.Attack} ({string.Join(", ", same)})", same.Key.Goal + (same.Key.Options.Length > 0 ? $"; {same.Key.Options}" : ""));

    private static IEnumerable<PageEntry> Layers(EvaluationReport report) =>
        report.Defenses.Where(defense => defense.Layers.Count > 0).Select(defense => new PageEntry(defense.Name, string.Join(", ", defense.Layers)));

    // Every check of the models themselves, and how it ended on which defenses.
    private static IEnumerable<PageEntry> Checks(EvaluationReport report)
    {
        var checkedDefenses = report.Defenses.Count(defense => defense.Checks.Count > 0);
        return report.Defenses.SelectMany(defense => defense.Checks.Select(check => (Defense: defense.Name, Check: check))).GroupBy(each => each.Check.Check)
            .Select(check => new PageEntry(check.Key, string.Join("; ", check.GroupBy(each => $"{each.Check}")
                .Select(outcome => Ended(outcome.Key, [.. outcome.Select(each => each.Defense)], checkedDefenses)))));
    }

    private static string Ended(string how, IReadOnlyList<string> defenses, int checkedDefenses) =>
        defenses.Count == checkedDefenses && checkedDefenses > 1 ? $"{how} (all)" : $"{how} ({string.Join(", ", defenses)})";

    private static IEnumerable<PageEntry> Time(ReportTiming? timing) =>
        timing is null ? [] : [new("Time", $"{NumberFormat.Seconds(timing.Seconds)} of work; {timing.Machine}; finished {Date(timing)}")];

    private static IEnumerable<PageEntry> Times(ReportTiming timing) =>
    [
        .. timing.Forward.Select(
            cost => new PageEntry(cost.Defense, $"{NumberFormat.Short(cost.MillisecondsPerImage)} ms an answer ({NumberFormat.Times(cost.Ratio)})")),
        .. timing.Attacks.Select(
            cost => new PageEntry($"{cost.Defense}: {cost.Attack}, {cost.View}", $"{NumberFormat.Seconds(cost.SecondsPerImage)} an image")),
    ];
}
