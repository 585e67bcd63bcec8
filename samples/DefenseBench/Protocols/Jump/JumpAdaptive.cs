using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Statistics;

namespace DefenseBench.Protocols.Jump;

/// <summary>What adaptive attacks leave of the models.</summary>
internal sealed class JumpAdaptive(EvaluationReport report)
{
    private IEnumerable<DefenseResult> Jumping => report.Defenses.Where(defense => defense.Name.Contains('κ'));

    internal string Title()
    {
        var (bare, jump) = (Headline(report.Defenses[0]), Jumping.Select(defense => (defense.Name, Outcome: Headline(defense))).MaxBy(each => each.Outcome.Worst.Accuracy.MeanDraw.Rate));
        var plain = Plain(jump.Outcome).Outcome.Accuracy.MeanDraw;
        return $"Within {report.Settings.Headline} the best threshold ({jump.Name}) seems to keep {plain} of the answers under plain PGD; adaptive attacks leave {jump.Outcome.Worst.Accuracy.MeanDraw}, and {bare.Worst.Accuracy.MeanDraw} without it";
    }

    internal PageSection Section() => new("Attacks that know of the jump")
    {
        Text = [$"Accuracy within ε in pixels, L∞, on {report.Settings.Images} images, {report.Settings.Draws} judgements of each answer of a random network. For each image the worst attack counts. " +
            "'ReLU twin': crafted on the same network with rectifiers. 'straight through': the model as it is, rectifiers in the backward pass."],
        Tables = [.. report.Settings.Strengths.Select(epsilon => new PageTable(FormattableString.Invariant($"ε = {epsilon}"), "model", Columns(), [.. report.Defenses.Select(defense => Row(defense, epsilon))]))],
        Method = [.. report.Settings.Attacks.Select(attack => new PageEntry(Name(attack.Attack, attack.View), attack.Options[^1]))],
    };

    internal IEnumerable<Finding> Findings()
    {
        foreach (var defense in Jumping)
        {
            var outcome = Headline(defense);
            var plain = Plain(outcome).Outcome.Accuracy.MeanDraw;
            var better = outcome.Cells.Where(cell => !ReferenceEquals(cell, Plain(outcome)) && cell.Outcome.Accuracy.MeanDraw.Upper < plain.Lower).MinBy(cell => cell.Outcome.Accuracy.MeanDraw.Rate);
            if (better is not null)
                yield return new(Severity.Warning, "The jump hides the gradient", FormattableString.Invariant(
                    $"Within {outcome.Epsilon} plain PGD leaves {plain}, {Name(better.Attack, better.View)} {better.Outcome.Accuracy.MeanDraw}: first-order attacks do not see the jump."),
                    "Believe the worst attack, not the paper's.", defense.Name);
        }
    }

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

    private static CellResult Plain(StrengthResult strength) => strength.Cells.First(cell => cell.View == View.Plain.Name && cell.Attack == "PGD");

    private static string Name(string attack, string view) => view == View.Plain.Name ? attack : $"{attack}, {view}";
}
