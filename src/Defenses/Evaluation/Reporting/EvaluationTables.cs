using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>The tables of a report's page.</summary>
internal sealed class EvaluationTables(EvaluationReport report)
{
    private readonly ReportSettings _settings = report.Settings;
    private readonly ThreatRates _rates = new(report.Settings);

    /// <summary>What each defense costs and gains under the worst attack.</summary>
    internal PageTable Summary(double epsilon) =>
        new("", "Defense", ["Accuracy", .. Tries("Holds"), "Defense rate", "Gain Δd", "Loss Δt", "DES", "Cost"],
            [.. report.Defenses.Select((defense, number) => Summary(defense, number, epsilon))])
        {
            ColumnNotes =
            [
                "without attack", .. Tries($"of the images it recognises,{_rates.InAllTries}"),
                "answers that hold under the worst attack", "points over the first", "points of accuracy", "Δd / (Δt + η)", "time of an answer",
            ],
        };

    /// <summary>Defense rates by attack and view.</summary>
    internal PageTable ByAttack(double epsilon)
    {
        var attacks = _settings.Attacks;
        // Views of one attack stand side by side, under its name.
        var order = attacks.Select(attack => attack.Attack).Distinct()
            .SelectMany(name => Enumerable.Range(0, attacks.Count).Where(i => attacks[i].Attack == name)).ToArray();
        PageCell[] Cells(StrengthResult at) => [PageCell.Of(at.Worst.DefenseRate), .. order.Select(i => Held(at.Cells[i]))];
        return new PageTable(
            "Defense rate by attack and view", "Defense", ["worst of all", .. order.Select(i => attacks[i].View)],
            [.. report.Defenses.Select((defense, number) => Row(defense, number, Cells(At(defense, epsilon))))])
        {
            Groups = [null, .. order.Select(i => attacks[i].Attack)], ColumnNotes = ["for each image", .. order.Select(_ => "")], IsTinted = true,
        };
    }

    /// <summary>The attacks that the verdict on each defense rests on; null in a report that does not have them.</summary>
    internal PageTable? Basis(double epsilon)
    {
        var known = report.Defenses.Select((defense, number) => (Defense: defense, Number: number, At(defense, epsilon).Basis))
            .Where(each => each.Basis is not null).ToArray();
        return known.Length == 0 ? null : new PageTable(
            "The attacks that the verdict needs", "Defense",
            [
                "images broken", "the strongest attack of each", "enough for the same verdict", "passes of an image", "of those", "with twice the steps",
                "of those",
            ],
            [.. known.Select(each => Row(each.Defense, each.Number, Basis(each.Basis!)))])
        {
            ColumnNotes =
            [
                "by a majority of draws", "images; of equals the first", "the fewest attacks that break the same images", "all attacks", "", "all attacks", "",
            ],
            Note = "Passes count forward and backward passes, each draw of a random model by itself. Those with twice the steps are scaled from this run: the "
                + "cost of the next stronger effort.",
        };
    }

    private PageCell[] Basis(VerdictBasis basis)
    {
        string Name(int cell) => _settings.Attacks[cell] is var attack && attack.View == Models.AttackerView.Plain.Name ? attack.Attack
            : $"{attack.Attack}, {attack.View}";
        var strongest = basis.Attacks.Select((share, cell) => (share.Strongest, Cell: cell)).Where(each => each.Strongest > 0)
            .OrderByDescending(each => each.Strongest).Select(each => $"{Name(each.Cell)}: {NumberFormat.Whole(each.Strongest)}");
        PageCell Passes(double passes) => PageCell.Of(NumberFormat.Whole((long)Math.Round(passes)));
        return
        [
            PageCell.Of(NumberFormat.Whole(basis.Broken)), PageCell.Of(basis.Broken == 0 ? NumberFormat.None : string.Join("; ", strongest)),
            PageCell.Of(basis.Broken == 0 ? NumberFormat.None : string.Join("; ", basis.Needed.Select(Name))), Passes(basis.Passes), Passes(basis.NeededPasses),
            Passes(basis.NextPasses), Passes(basis.NextNeededPasses),
        ];
    }

    /// <summary>The three ways to count the answers of a random model.</summary>
    internal PageTable Counting(double epsilon)
    {
        const string Right = "right without attack", Holds = "holds, of the images it recognises";
        var all = $"all {_settings.Draws}";
        return new PageTable(
            "Three ways to count", "Defense", ["one answer", "majority", all, "no attack", "one answer", "majority", all, "attack fails, all images", "p"],
            [.. report.Defenses.Select((defense, number) => Row(defense, number, Counted(defense, At(defense, epsilon).Worst)))])
        {
            Groups = [Right, Right, Right, Holds, Holds, Holds, Holds, null, null], ColumnNotes = [.. Enumerable.Repeat("", 8), "McNemar"],
        };
    }

    private PageRow Summary(DefenseResult defense, int number, double epsilon)
    {
        var (worst, loss) = (At(defense, epsilon).Worst, defense.AccuracyLoss);
        var time = defense.Cost ?? report.Timing?.Forward.FirstOrDefault(cost => cost.Defense == defense.Name)?.Ratio;
        return new PageRow(defense.Name,
        [
            PageCell.Of(defense.Accuracy.MeanDraw), .. Tries(PageCell.Of(_rates.Held(At(defense, epsilon))) with { HasBar = true }),
            PageCell.Of(worst.DefenseRate) with { HasBar = _settings.Attacker.Tries == 1 },
            PageCell.Of(worst.Efficiency?.RateGain, unit: NumberUnit.Points),
            PageCell.Of(loss, unit: NumberUnit.Points), Score(worst.Efficiency), PageCell.Of(NumberFormat.Times(time)),
        ]) { Description = defense.Description, Color = number, Badge = EvaluationPage.Badge(report.Verdicts[number].Trust) };
    }

    // A column of its own where the attacker may try more than once.
    private IEnumerable<T> Tries<T>(T entry) => _settings.Attacker.Tries == 1 ? [] : [entry];

    /// <summary>A score with its range; without bounds where the loss of accuracy may be zero.</summary>
    internal static PageCell Score(EfficiencyScore? score)
    {
        if (score is null) return PageCell.Of((double?)null);
        // Below 1 in hundredths: more digits would mean nothing.
        var unit = score.Value is > -1 and < 1 ? NumberUnit.Decimals : NumberUnit.Number;
        return PageCell.Of(score.Value, unit: unit, digits: 2) with { Range = score.Range ?? Interval.Unbounded };
    }

    private static PageCell[] Counted(DefenseResult defense, Outcome worst) =>
    [
        PageCell.Of(defense.Accuracy.MeanDraw), PageCell.Of(defense.Accuracy.Majority), PageCell.Of(defense.Accuracy.WorstOfK),
        PageCell.Of(defense.Unprovoked?.MeanDraw.Complement()),
        PageCell.Of(worst.Success?.MeanDraw.Complement()), PageCell.Of(worst.Success?.Majority.Complement()), PageCell.Of(worst.Success?.WorstOfK.Complement()),
        PageCell.Of(worst.AllImages.MeanDraw.Complement()), PageCell.Of(NumberFormat.Probability(worst.PValue)),
    ];

    private static PageRow Row(DefenseResult defense, int number, IReadOnlyList<PageCell> cells) => new(defense.Name, cells) { Color = number };

    // A view that repeats another view has a note instead of a range.
    private static PageCell Held(CellResult cell) =>
        PageCell.Of(cell.Outcome.DefenseRate) is var held && cell is { SameAs: { } view, Outcome.DefenseRate: not null }
            ? held with { Range = null, Text = $"as {view}" } : held;

    private static StrengthResult At(DefenseResult defense, double epsilon) => defense.Strengths.Single(strength => strength.Epsilon == epsilon);
}
