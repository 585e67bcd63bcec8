using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>What attacks that know of the jump leave of the models made of one trained network; the first has rectifiers.</summary>
internal sealed class JumpFindings(EvaluationReport report, string trained)
{
    private DefenseResult Best => Jumping.MaxBy(defense => Headline(defense).Worst.Accuracy.MeanDraw.Rate)!;

    private IEnumerable<DefenseResult> Jumping => report.Defenses.Where(defense => defense.Name.Contains('κ'));

    internal string Title()
    {
        if (Seeming(Headline(Best)) is not { } seeming
            || Real(Headline(Best)) is not { } left) return "The networks recognise too little for any gain to be told";
        var what = left.Lower <= 0 ? seeming.Lower > 0 ? "What jumps seem to gain is gone against stronger attacks"
            : "Jumps gain nothing that can be told from chance"
            : seeming.Lower > left.Upper ? "A part of what jumps seem to gain is a hidden gradient" : "Jumps still gain against the attacks that were tried";
        return $"{what}: {Points(left)} points where plain PGD shows {Points(seeming)} "
            + $"({trained} network, ε = {Number(report.Settings.Headline)}, {Best.Name})";
    }

    /// <summary>What it says in full sentences.</summary>
    internal string Lead()
    {
        var (bare, jump) = (Headline(report.Defenses[0]), Headline(Best));
        return $"The {trained} network, within ε = {Number(report.Settings.Headline)}: plain PGD leaves {Percent(Plain(bare))} of the answers right with "
            + $"rectifiers, and {Percent(Plain(jump))} with jumps ({Best.Name}); the worst attack for each image "
            + $"{Percent(bare.Worst.Accuracy.MeanDraw)} and {Percent(jump.Worst.Accuracy.MeanDraw)}.";
    }

    internal PageSection Section() => new($"Attacks that know of the jump: the {trained} network")
    {
        Text = [$"Accuracy within ε in pixels, L∞, on {report.Settings.Images} images, {report.Settings.Draws} judgements of each answer of a random "
            + "network. In the column 'worst' the worst attack counts for each image. " +
            "'ReLU twin': crafted on the same network with rectifiers. 'straight through': the model as it is, rectifiers in the backward pass. 'smoothed "
                + "jump': the model as it is, x·σ(10(x/κ − 1)) in the backward pass."],
        Tables = [Gains(), .. report.Settings.Strengths.Select(epsilon => new PageTable($"ε = {Number(epsilon)}", "model", Columns(),
            [.. report.Defenses.Select(defense => Row(defense, epsilon))]))],
        Figures = [.. new[] { report.Defenses[0], Best }.Distinct().Select(Curves)],
        Method = [.. report.Settings.Attacks.Select(attack => new PageEntry(Name(attack.Attack, attack.View),
            AttackWords.Of(attack.Options[^1], report.Settings.Norm)))],
    };

    // Findings of one kind are one on the page: the numbers of each model stand in the tables, the most telling ones here.
    internal IEnumerable<Finding> Findings() => [.. Hidden(), .. Gained()];

    // Where another attack leaves less than plain PGD, beyond what chance explains.
    private IEnumerable<Finding> Hidden()
    {
        var gaps = (from defense in Jumping
                    select (Defense: defense, Most: (from strength in defense.Strengths
                                                     from other in strength.Cells
                                                     where other.View != AttackerView.Plain.Name || other.Attack != "PGD"
                                                     select (Strength: strength, Other: other,
                                                         Gap: Plain(strength).Lower - other.Outcome.Accuracy.MeanDraw.Upper)).MaxBy(pair => pair.Gap)))
                                                         .Where(each => each.Most.Gap > 0).ToArray();
        if (gaps.Length == 0) return [];
        var (widest, (at, cell, _)) = gaps.MaxBy(each => each.Most.Gap);
        return gaps.Select(each => new Finding(Severity.Warning, $"The jump hides the gradient: the {trained} network",
            $"Attacks that know of the jump, or use no gradient, leave clearly less than plain PGD. The widest gap: within {Number(at.Epsilon)} of "
                + $"{widest.Name} plain PGD leaves {Plain(at)}, {Name(cell.Attack, cell.View)} {cell.Outcome.Accuracy.MeanDraw}.",
            "Believe the worst attack, not the paper's.", each.Defense.Name));
    }

    // What the jumps seem to gain over the rectifiers, and what is left of it, on the same images.
    private IEnumerable<Finding> Gained() => Jumping.GroupBy(defense => (Kept: Where(defense, strength => Real(strength) is { Lower: > 0 }),
        Lost: Where(defense, strength => Seeming(strength) is { Lower: > 0 } && Real(strength) is not { Lower: > 0 })))
        .SelectMany(same => same.Select(defense => Gained(defense, same.Key.Kept, same.Key.Lost)));

    private Finding Gained(DefenseResult defense, string kept, string lost)
    {
        var table = $"The numbers stand in the table “{GainsTitle}” of the {trained} network.";
        return kept.Length > 0
            ? new(Severity.Note, $"A gain over rectifiers is left at ε {kept}: the {trained} network",
                $"{(lost.Length > 0 ? $"At ε {lost} it is gone under the worst attack. " : "")}{table}",
                "Stronger attacks may take it: these are upper bounds.", defense.Name)
            : lost.Length > 0
            ? new(Severity.Warning, $"What the jumps seem to gain at ε {lost} is masking: the {trained} network",
                $"Plain PGD shows a gain over rectifiers, the worst attack does not. {table}", "Do not count on it.", defense.Name)
            : new(Severity.Note, $"The jumps gain nothing that can be told from chance: the {trained} network", table,
                "More images would tell smaller gains.", defense.Name);
    }

    private static string Where(DefenseResult defense, Func<StrengthResult, bool> holds) =>
        string.Join(", ", defense.Strengths.Where(holds).Select(strength => Number(strength.Epsilon)));

    private const string GainsTitle = "What the jumps gain over rectifiers";

    private PageTable Gains() => new(GainsTitle, "model",
        [.. report.Settings.Strengths.SelectMany(epsilon => new[] { $"ε {Number(epsilon)}, plain PGD", $"ε {Number(epsilon)}, worst" })],
        [.. Jumping.Select(defense => new PageRow(defense.Name,
            [.. defense.Strengths.SelectMany(strength => new[] { Gain(Seeming(strength)), Gain(Real(strength)) })]))])
    {
        Note = "Percentage points of answers that hold, paired over the images. A gain under plain PGD that the worst attack takes back was hidden gradients.",
    };

    private CurveFigure Curves(DefenseResult defense) => new($"What each attack leaves over ε: {defense.Name}",
        new FigureAxis("ε, in parts of the pixel range") { Low = 0 }, FigureAxis.Rate("answers that stay right"),
    [
        .. report.Settings.Attacks.Select((attack, cell) => new FigureSeries(Name(attack.Attack, attack.View),
            [.. defense.Strengths.Select(strength => FigurePoint.At(strength.Epsilon, strength.Cells[cell].Outcome.Accuracy.MeanDraw))])),
    ]);

    private string[] Columns() => ["no attack", .. report.Settings.Attacks.Select(attack => Name(attack.Attack, attack.View)), "worst"];

    private PageRow Row(DefenseResult defense, double epsilon)
    {
        var strength = defense.Strengths.Single(each => each.Epsilon == epsilon);
        return new PageRow(defense.Name,
        [
            PageCell.Of(defense.Accuracy.MeanDraw),
            .. report.Settings.Attacks.Select(attack =>
                PageCell.Of(strength.Cells.Single(cell => cell.Attack == attack.Attack && cell.View == attack.View).Outcome.Accuracy.MeanDraw)),
            PageCell.Of(strength.Worst.Accuracy.MeanDraw),
        ]);
    }

    private StrengthResult Headline(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == report.Settings.Headline);

    private static CellResult PlainCell(StrengthResult strength) => strength.Cells.First(cell => cell.View == AttackerView.Plain.Name && cell.Attack == "PGD");

    private static Proportion Plain(StrengthResult strength) => PlainCell(strength).Outcome.Accuracy.MeanDraw;

    private static Estimate? Seeming(StrengthResult strength) => PlainCell(strength).Outcome.Efficiency?.RateGain;

    private static Estimate? Real(StrengthResult strength) => strength.Worst.Efficiency?.RateGain;

    private static PageCell Gain(Estimate? gain) => PageCell.Of(gain, unit: NumberUnit.Points);

    private static string Number(double epsilon) => FormattableString.Invariant($"{epsilon:0.###}");

    private static string Name(string attack, string view) => view == AttackerView.Plain.Name ? attack : $"{attack}, {view}";
}
