using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation;

/// <summary>A static site of records: a table that sorts, and a page for each record.</summary>
/// <remarks>Records are compared where they have the same images, norm and budget; each such group has its own table. The worst attack of each image counts,
/// and the null attack is among the attacks of every record.</remarks>
public static class Leaderboard
{
    /// <summary>Writes index.html, index.md and for each record entries/NAME.html and entries/NAME.json.</summary>
    /// <param name="records">The records, at least one; read by <see cref="EvaluationRecord.Open"/>.</param>
    /// <param name="folder">Created if missing.</param>
    /// <param name="verifications">What came of judging records again, by <see cref="EvaluationRecord.Id"/>; by default (null) it is left out.</param>
    /// <exception cref="ArgumentException">There are no records.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static void Write(
        IReadOnlyList<EvaluationRecord> records, string folder, IReadOnlyDictionary<string, RecordVerification>? verifications = null)
    {
        Require.NotEmpty(records, nameof(records));
        AtomicFile.RequireWritable(folder, nameof(folder));
        var entries = Entries(records, verifications);
        var page = PageOf(entries);
        AtomicFile.WriteAll(Path.Combine(folder, "entries"),
        [
            .. entries.SelectMany(entry => new[]
            {
                ($"{entry.Name}.html", RecordPage.From(entry.Record, entry.Verification).ToHtml()), ($"{entry.Name}.json", entry.Record.ToJson()),
            }),
        ]);
        AtomicFile.WriteAll(folder, ("index.html", page.ToHtml()), ("index.md", page.ToMarkdown()));
    }

    /// <summary>The page with the tables, which links to the pages of the records.</summary>
    /// <param name="records">The records, at least one.</param>
    /// <param name="verifications">What came of judging records again, by <see cref="EvaluationRecord.Id"/>; by default (null) it is left out.</param>
    /// <exception cref="ArgumentException">There are no records.</exception>
    public static Page PageOf(IReadOnlyList<EvaluationRecord> records, IReadOnlyDictionary<string, RecordVerification>? verifications = null) =>
        PageOf(Entries(Require.NotEmpty(records, nameof(records)), verifications));

    private static LeaderboardEntry[] Entries(IReadOnlyList<EvaluationRecord> records, IReadOnlyDictionary<string, RecordVerification>? verifications)
    {
        // The same defense on another data set gets a name of its own.
        var names = RecordWriter.Names(records.Select(record => $"{record.Name} {record.Settings.Dataset}"));
        return [.. records.Zip(names, (record, name) => new LeaderboardEntry(name, record, record.Id is { } id ? verifications?.GetValueOrDefault(id) : null))];
    }

    private static Page PageOf(IReadOnlyList<LeaderboardEntry> entries)
    {
        var free = entries.Count(entry => RecordPage.CostsNothing(entry.Record));
        var judged = entries.Where(entry => entry.Verification is not null).ToArray();
        return new Page
        {
            Eyebrow = "Leaderboard of defenses", Title = "What is left of each defense under the worst attack of each image",
            Lead =
            [
                "An entry is a record that anybody can judge again. The lowest line counts: a better attack by anybody enters the record and lowers it.",
                $"The attack that does nothing is among the attacks of every entry, and costs nothing within the interval in {free} of {entries.Count}.",
                .. judged.Length == 0 ? Array.Empty<string>()
                    : [$"Judged again for this page: {judged.Count(entry => entry.Verification!.IsReproduced)} of {judged.Length} are reproduced."],
            ],
            Tiles =
            [
                new("Entries", NumberFormat.Whole(entries.Count), $"{entries.Count(entry => entry.Record.Model.IsRandom)} of them random"),
                new("Attacks", NumberFormat.Whole(entries.Sum(entry => entry.Record.Attacks.Count)), "with all images kept"),
                new("Null attack", $"{free} of {entries.Count}", "cost nothing"),
            ],
            Sections =
            [
                .. entries.SelectMany(entry => entry.Record.Worst.Reverse().Select(worst => new LeaderboardLine(entry, worst))).GroupBy(line => line.Group)
                    .OrderBy(group => group.Key.Dataset, StringComparer.Ordinal).ThenByDescending(group => group.Key.Epsilon).Select(Section),
            ],
        };
    }

    private static PageSection Section(IGrouping<LeaderboardGroup, LeaderboardLine> group)
    {
        var settings = group.First().Entry.Record.Settings;
        var draws = group.Select(line => line.Entry.Record.Settings.Draws).Distinct().ToArray();
        var rows = group.OrderByDescending(line => line.Left.MeanDraw.Rate).Select(Row).ToArray();
        return new PageSection($"{group.Key.Dataset}, {RecordedNorm.Text(settings.Norm)}, ε = {ReportFormat.Epsilon(group.Key.Epsilon, settings)}")
        {
            Text =
            [
                Summary([.. group.OrderByDescending(line => line.Left.MeanDraw.Rate)]),
                $"{NumberFormat.Whole(settings.Images)} images. “Under attack” is the share of single answers that are right under the " +
                    "worst attack of each image; “every draw” is the share of images that no single draw gets wrong" +
                    $"{(draws.Length == 1 ? $", of {draws[0]}" : "")}. Ranges that overlap may differ by chance only.",
            ],
            Tables = [new PageTable("", "defense", ["under attack", "every draw", "no attack", "null attack", "strongest attack"], rows) { IsSortable = true }],
        };
    }

    // What is safe to say, first.
    private static string Summary(IReadOnlyList<LeaderboardLine> lines)
    {
        var lost = lines.Count(line => line.Left.MeanDraw.Rate < 0.1);
        return $"Most is left of {lines[0].Entry.Record.Name}: {lines[0].Left.MeanDraw} of answers."
            + (lost == 0 ? "" : $" {lost} of {lines.Count} entries keep less than a tenth of their answers.");
    }

    private static PageRow Row(LeaderboardLine line)
    {
        var (entry, record) = (line.Entry, line.Entry.Record);
        return new PageRow(record.Name,
        [
            PageCell.Of(line.Left.MeanDraw) with { HasBar = true }, PageCell.Of(line.Left.WorstOfK),
            PageCell.Of(record.Accuracy(record.Clean).MeanDraw), PageCell.Of(record.Accuracy(record.Null).MeanDraw),
            PageCell.Of(RecordPage.Strongest(record, line.Worst.Epsilon)?.FullName ?? ""),
        ])
        {
            Link = $"entries/{entry.Name}.html", Description = record.Model.IsRandom ? "random" : "deterministic", Badge = RecordPage.Badge(entry.Verification),
        };
    }
}

/// <summary>A record in a leaderboard, with the name of its page.</summary>
internal sealed record LeaderboardEntry(string Name, EvaluationRecord Record, RecordVerification? Verification);

/// <summary>A record at one of its budgets: a row of a table.</summary>
internal sealed record LeaderboardLine(LeaderboardEntry Entry, RecordedWorst Worst)
{
    internal LeaderboardGroup Group { get; } =
        new(Entry.Record.Settings.Dataset ?? "Images", Entry.Record.Settings.Norm, Worst.Epsilon, Entry.Record.Images);

    internal DrawRates Left { get; } = Entry.Record.Accuracy(Worst.Counts);
}

/// <summary>What records must have in common to be compared.</summary>
internal sealed record LeaderboardGroup(string Dataset, string Norm, double Epsilon, string Images);
