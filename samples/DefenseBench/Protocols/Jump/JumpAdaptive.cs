using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Statistics;

namespace DefenseBench.Protocols.Jump;

/// <summary>What attacks that know of the jump leave of the models made of one trained network; the first has rectifiers.</summary>
internal sealed class JumpAdaptive(EvaluationReport report, string trained)
{
    private IEnumerable<DefenseResult> Jumping => report.Defenses.Where(defense => defense.Name.Contains('κ'));

    internal string Title()
    {
        var (bare, jump) = (Headline(report.Defenses[0]), Jumping.Select(defense => (defense.Name, Outcome: Headline(defense))).MaxBy(each => each.Outcome.Worst.Accuracy.MeanDraw.Rate));
        return $"Within ε {Number(report.Settings.Headline)} plain PGD leaves {Percent(Plain(bare))} of the answers of the network with rectifiers and {Percent(Plain(jump.Outcome))} with jumps ({jump.Name}); " +
            $"the worst attack for each image leaves {Percent(bare.Worst.Accuracy.MeanDraw)} and {Percent(jump.Outcome.Worst.Accuracy.MeanDraw)}";
    }

    internal PageSection Section() => new($"Attacks that know of the jump: the {trained} network")
    {
        Text = [$"Accuracy within ε in pixels, L∞, on {report.Settings.Images} images, {report.Settings.Draws} judgements of each answer of a random network. In the column 'worst' the worst attack counts for each image. " +
            "'ReLU twin': crafted on the same network with rectifiers. 'straight through': the model as it is, rectifiers in the backward pass. 'smoothed jump': the model as it is, x·σ(10(x/κ − 1)) in the backward pass."],
        Tables = [Gains(), .. report.Settings.Strengths.Select(epsilon => new PageTable($"ε = {Number(epsilon)}", "model", Columns(), [.. report.Defenses.Select(defense => Row(defense, epsilon))]))],
        Method = [.. report.Settings.Attacks.Select(attack => new PageEntry(Name(attack.Attack, attack.View), attack.Options[^1]))],
    };

    internal IEnumerable<Finding> Findings() => [.. Jumping.Select(Hidden).OfType<Finding>(), .. Jumping.Select(Gained)];

    // Where another attack leaves less than plain PGD, beyond what chance explains.
    private static Finding? Hidden(DefenseResult defense)
    {
        var (strength, cell, gap) = (from each in defense.Strengths
                                     from other in each.Cells
                                     where other.View != View.Plain.Name || other.Attack != "PGD"
                                     select (each, other, Gap: Plain(each).Lower - other.Outcome.Accuracy.MeanDraw.Upper)).MaxBy(pair => pair.Gap);
        return gap <= 0 ? null : new(Severity.Warning, "The jump hides the gradient",
            $"Within {Number(strength.Epsilon)} plain PGD leaves {Plain(strength)}, {Name(cell.Attack, cell.View)} {cell.Outcome.Accuracy.MeanDraw}: first-order attacks do not see the jump.",
            "Believe the worst attack, not the paper's.", defense.Name);
    }

    // What the jumps seem to gain over the rectifiers, and what is left of it, on the same images.
    private static Finding Gained(DefenseResult defense)
    {
        var all = defense.Strengths.Select(strength => (strength.Epsilon, Seeming: Seeming(strength), Real: Real(strength))).ToArray();
        var kept = all.Where(each => each.Real is { Lower: > 0 }).ToArray();
        var lost = all.Where(each => each.Seeming is { Lower: > 0 } && each.Real is not { Lower: > 0 }).ToArray();
        var words = string.Join("; ", all.Where(each => each.Seeming is not null && each.Real is not null)
            .Select(each => $"ε {Number(each.Epsilon)}: {Points(each.Seeming!)} under plain PGD, {Points(each.Real!)} under the worst attack"));
        return kept.Length > 0
            ? new(Severity.Note, $"A gain is left under the worst attack at ε {string.Join(", ", kept.Select(each => Number(each.Epsilon)))}", $"Points more than with rectifiers: {words}.", "Stronger attacks may take it: these are upper bounds.", defense.Name)
            : lost.Length > 0
            ? new(Severity.Warning, $"What the jumps seem to gain is masking (ε {string.Join(", ", lost.Select(each => Number(each.Epsilon)))})", $"Points more than with rectifiers: {words}.", "Do not count on it.", defense.Name)
            : new(Severity.Note, "The jumps gain nothing that can be told from chance", $"Points more than with rectifiers: {words}.", "More images would tell smaller gains.", defense.Name);
    }

    private PageTable Gains() => new("What the jumps gain over rectifiers", "model", [.. report.Settings.Strengths.SelectMany(epsilon => new[] { $"ε {Number(epsilon)}, plain PGD", $"ε {Number(epsilon)}, worst" })],
        [.. Jumping.Select(defense => new PageRow(defense.Name, [.. defense.Strengths.SelectMany(strength => new[] { Gain(Seeming(strength)), Gain(Real(strength)) })]))])
    {
        Note = "Percentage points of answers that hold, paired over the images. A gain under plain PGD that the worst attack takes back was hidden gradients.",
    };

    private string[] Columns() => ["no attack", .. report.Settings.Attacks.Select(attack => Name(attack.Attack, attack.View)), "worst"];

    private PageRow Row(DefenseResult defense, double epsilon)
    {
        var strength = defense.Strengths.Single(each => each.Epsilon == epsilon);
        return new PageRow(defense.Name,
        [
            PageCell.Of(defense.Accuracy.MeanDraw),
            .. report.Settings.Attacks.Select(attack => PageCell.Of(strength.Cells.Single(cell => cell.Attack == attack.Attack && cell.View == attack.View).Outcome.Accuracy.MeanDraw)),
            PageCell.Of(strength.Worst.Accuracy.MeanDraw),
        ]);
    }

    private StrengthResult Headline(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == report.Settings.Headline);

    private static CellResult PlainCell(StrengthResult strength) => strength.Cells.First(cell => cell.View == View.Plain.Name && cell.Attack == "PGD");

    private static Proportion Plain(StrengthResult strength) => PlainCell(strength).Outcome.Accuracy.MeanDraw;

    private static Estimate? Seeming(StrengthResult strength) => PlainCell(strength).Outcome.Efficiency?.RateGain;

    private static Estimate? Real(StrengthResult strength) => strength.Worst.Efficiency?.RateGain;

    private static PageCell Gain(Estimate? gain) => PageCell.Of(gain, unit: NumberUnit.Points);

    private static string Points(Estimate gain) => FormattableString.Invariant($"{100 * gain.Value:+0.0;−0.0;0.0} ({100 * gain.Lower:+0.0;−0.0;0.0} to {100 * gain.Upper:+0.0;−0.0;0.0})");

    private static string Percent(Proportion rate) => FormattableString.Invariant($"{100 * rate.Rate:0} %");

    private static string Number(double epsilon) => FormattableString.Invariant($"{epsilon:0.###}");

    private static string Name(string attack, string view) => view == View.Plain.Name ? attack : $"{attack}, {view}";
}
