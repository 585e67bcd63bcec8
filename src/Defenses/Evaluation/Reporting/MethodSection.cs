using System.Globalization;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>How a report was measured, as names and values.</summary>
internal static class MethodSection
{
    internal static IEnumerable<(string Name, string Value)> Of(EvaluationReport report)
    {
        var settings = report.Settings;
        yield return ("Images", $"{NumberFormat.Whole(settings.Images)}{(settings.Dataset is { } name ? $" of {name}" : "")}");
        yield return ("Attacker", "knows the model, its weights and its defense, and can differentiate it; does not know the draws by which it is judged");
        yield return ("Budget", $"ε in {{{string.Join(", ", settings.Strengths.Select(epsilon => ReportFormat.Epsilon(epsilon, settings)))}}}, norm {settings.Norm}, " +
            string.Create(CultureInfo.InvariantCulture, $"inputs within [{settings.Lower}, {settings.Upper}]"));
        yield return ("Judge", $"{settings.Draws} fresh draws of each image, from a stream of its own; deterministic models once");
        yield return ("Worst attack", "per image, chosen by one set of draws and judged by another");
        yield return ("Intervals", $"{NumberFormat.Percent(settings.Confidence, 0)}, exact (Clopper–Pearson), images as trials");
        yield return ("Score", $"DES = Δd / (Δt + η), η = {settings.Eta.ToString(CultureInfo.InvariantCulture)}");
        foreach (var attack in settings.Attacks)
            yield return ($"{attack.Attack}, {attack.View}", $"{attack.Goal}; {attack.Options[settings.Strengths.ToList().IndexOf(settings.Headline)]}");
        yield return ("Seed", settings.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("Blocks", $"{settings.BlockSize} images attacked, {settings.JudgeBlockSize} judged at a time");
        yield return ("Library", $"Defenses {settings.Library}");
        if (settings.Command is { } command) yield return ("Command", command);
    }

    /// <summary>What was looked for on the models themselves: every check, and how it ended on which defenses.</summary>
    internal static IEnumerable<(string Name, string Value)> Checks(EvaluationReport report)
    {
        var probed = report.Defenses.Count(defense => defense.Checks.Count > 0);
        return report.Defenses.SelectMany(defense => defense.Checks.Select(check => (Defense: defense.Name, Check: check))).GroupBy(each => each.Check.Check)
            .Select(check => (check.Key, string.Join("; ", check.GroupBy(each => $"{each.Check}")
                .Select(outcome => Ended(outcome.Key, [.. outcome.Select(each => each.Defense)], probed)))));
    }

    private static string Ended(string how, IReadOnlyList<string> defenses, int probed) =>
        defenses.Count == probed && probed > 1 ? $"{how} (all)" : $"{how} ({string.Join(", ", defenses)})";
}
