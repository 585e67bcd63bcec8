using System.Globalization;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation;

/// <summary>A record as a page: what is left under attack, by which attack, of which model, and how to judge it again.</summary>
public static class RecordPage
{
    /// <summary>Makes the page.</summary>
    /// <param name="record">The record.</param>
    /// <param name="verification">What came of judging it again; null where it was not.</param>
    public static Page From(EvaluationRecord record, RecordVerification? verification = null)
    {
        Require.NotNull(record, nameof(record));
        var (settings, worst) = (record.Settings, Headline(record));
        var (clean, none, left) = (record.Accuracy(record.Clean), record.Accuracy(record.Null), record.Accuracy(worst.Counts));
        return new Page
        {
            Eyebrow = record.Name, Confidence = settings.Confidence,
            Title = $"{NumberFormat.Percent(left.MeanDraw.Rate)} of answers stay right under the worst attack at ε = "
                + ReportFormat.Epsilon(worst.Epsilon, settings),
            Lead =
            [
                .. record.Description is { Length: > 0 } what ? new[] { what } : [],
                $"{settings.Dataset ?? "The images"}, changes of at most ε = {ReportFormat.Epsilon(worst.Epsilon, settings)} in " +
                    $"{RecordedNorm.Text(settings.Norm)}: {left.MeanDraw} of answers are right under the worst attack of each image, and " +
                    $"{clean.MeanDraw} without an attack.",
                CostsNothing(record) ? $"An attack that does nothing costs nothing within the interval: {none.MeanDraw}."
                    : $"An attack that does nothing leaves {none.MeanDraw}: the counts are not honest.",
                Verdict(verification),
            ],
            Tiles =
            [
                new("Images", NumberFormat.Whole(settings.Images), settings.Dataset ?? ""),
                new("Attacks", NumberFormat.Whole(record.Attacks.Count), $"at {settings.Strengths.Count} budgets, and the null attack"),
                new("Draws", NumberFormat.Whole(settings.Draws), record.Model.IsRandom ? "to judge an image" : "the model is deterministic"),
            ],
            Sections =
            [
                .. record.Worst.Reverse().Select(each => Attacks(record, each)), Model(record), Again(record, verification),
            ],
        };
    }

    internal static RecordedWorst Headline(EvaluationRecord record) =>
        record.Worst.FirstOrDefault(worst => worst.Epsilon == record.Settings.Headline) ?? record.Worst[^1];

    /// <summary>Whether the null attack is within the interval of the clean accuracy: the two intervals overlap.</summary>
    internal static bool CostsNothing(EvaluationRecord record) =>
        record.Accuracy(record.Null).MeanDraw.Upper >= record.Accuracy(record.Clean).MeanDraw.Lower;

    /// <summary>The attack at a budget that leaves the fewest right answers; null where there is none.</summary>
    internal static RecordedAttack? Strongest(EvaluationRecord record, double epsilon) =>
        record.AttacksAt(epsilon).MinBy(attack => attack.Counts.Correct.Sum(count => (long)count));

    internal static PageBadge? Badge(RecordVerification? verification) => verification is null ? null
        : verification.IsReproduced ? new PageBadge("reproduced") : new PageBadge("not reproduced", Severity.Invalid);

    private static string Verdict(RecordVerification? verification) => verification switch
    {
        null => "This page repeats what the record says. “defenses verify” judges it again.",
        { IsReproduced: true } => "The record was judged again for this page, and is reproduced: equal counts for every image in " +
            $"{verification.EqualCases} of {verification.Cases} cases.",
        _ => $"The record was judged again for this page, and is not reproduced: {verification.Differences[0].Text}",
    };

    private static PageSection Attacks(EvaluationRecord record, RecordedWorst worst)
    {
        var settings = record.Settings;
        var attacks = record.AttacksAt(worst.Epsilon);
        return new PageSection($"Under attack, ε = {ReportFormat.Epsilon(worst.Epsilon, settings)}")
        {
            Text = ["For each image the attack that is worst for it counts. It is chosen by one set of draws and judged by another. Passes are " +
                "those of the attack, for each image."],
            Tables =
            [
                new PageTable("", "right answers", ["one answer", "majority", $"all {settings.Draws}", "forward passes"],
                [
                    Row(record, "no attack", record.Clean, null),
                    Row(record, "null attack", record.Null, null) with { Description = "does nothing; other draws" },
                    .. attacks.Select(attack => Row(record, attack.FullName, attack.Counts, attack.ForwardPasses) with { Description = Submitted(attack) }),
                    Row(record, "worst attack of each image", worst.Counts, null),
                ]),
            ],
            Details =
            [
                new PageSection("The attacks with their options")
                {
                    Method = [.. attacks.Select(attack => new PageEntry(attack.FullName, AttackWords.Of(attack.Options, settings.Norm)))],
                },
            ],
        };
    }

    private static string? Submitted(RecordedAttack attack) => attack.SubmittedBy is { } by ? $"submitted by {by}" : null;

    private static PageRow Row(EvaluationRecord record, string name, RecordedCounts counts, long? passes)
    {
        var rates = record.Accuracy(counts);
        return new PageRow(name,
        [
            PageCell.Of(rates.MeanDraw) with { HasBar = true }, PageCell.Of(rates.Majority), PageCell.Of(rates.WorstOfK),
            PageCell.Of((double?)passes / record.Settings.Images),
        ]);
    }

    private static PageSection Model(EvaluationRecord record) => new("The model")
    {
        Method =
        [
            .. record.Model.Recipe.Where(value => value.Value.Length > 0).Select(value => new PageEntry(value.Key, value.Value)),
            new("weights, SHA-256", record.Model.Weights ?? "a black box"),
        ],
        Details =
        [
            new PageSection($"Its {record.Model.Graph.Count} modules with their settings")
            {
                Method = [.. record.Model.Graph.Select(Module)], IsScreenOnly = true,
            },
        ],
    };

    // "0.conv1: Conv2d (weight 32×1×3×3, bias 32)"; the whole network has no name.
    private static PageEntry Module(string line) => line.Split(": ", 2) is [var name, var what] ? new(name.Length > 0 ? name : "all", what) : new("", line);

    private static PageSection Again(EvaluationRecord record, RecordVerification? verification) => new("Judge it again")
    {
        Text =
        [
            "The record holds the images, the adversarial images, the weights and all seeds. “defenses verify FOLDER” judges it again on any machine. " +
                "“defenses submit” adds adversarial images by others.", .. verification is { IsReproduced: false }
                ? verification.Differences.Select(difference => difference.Text) : [],
        ],
        Method =
        [
            new("record", record.Id ?? "not read from a folder"), new("images, SHA-256", record.Images),
            new("seed", record.Settings.Seed.ToString(CultureInfo.InvariantCulture)), new("library", record.Settings.Library),
            .. record.Settings.Command is { } command ? new[] { new PageEntry("command", command) } : [],
            .. record.Timing is not { } timing ? Array.Empty<PageEntry>()
                : [new("made", timing.Made.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)), new("machine", timing.Machine)],
        ],
        Link = "../index.html",
    };
}
