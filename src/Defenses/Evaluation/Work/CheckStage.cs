using System.Diagnostics;
using Defenses.Attacks;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Work;

/// <summary>Probes every defense of an evaluation with the strongest attack against it, unless the result is in the store.</summary>
internal sealed class CheckStage(EvaluationPlan plan, WorkStore store, WorkProgress meter, CancellationToken cancellation)
{
    private EvaluationGrid Evaluation => plan.Evaluation;

    /// <summary>The report with the findings of the checks, and the result of each check, defense by defense.</summary>
    /// <param name="report">The report with the rates, which decide the strongest attack.</param>
    internal EvaluationReport Run(EvaluationReport report)
    {
        var pieces = Enumerable.Range(0, plan.Defenses).Select(defense => plan.IsProbed(defense) ? Run(defense, report.Defenses[defense]) : null).ToArray();
        return report with
        {
            Findings = [.. report.Findings, .. pieces.OfType<CheckRecord>().SelectMany(piece => piece.Findings)],
            Defenses = [.. report.Defenses.Zip(pieces, (defense, piece) => defense with { Checks = piece?.Checks ?? [] })],
        };
    }

    private CheckRecord Run(int defense, DefenseResult result)
    {
        var name = $"d{defense}-checks";
        var piece = store.Read<CheckRecord>(name);
        if (piece is null)
        {
            meter.BeginChecks(defense);
            var watch = Stopwatch.StartNew();
            // The evaluation measures accuracy under attack on all images.
            var found = new CheckupRun(Checkup(defense, result), null, cancellation)
                .Examine(Evaluation.Defenses[defense].Model, plan.Examples, isMeasured: false);
            piece = new CheckRecord([.. found.Findings.Select(finding => finding with { Defense = result.Name })], found.Checks, watch.Elapsed.TotalSeconds);
            store.Write(name, piece);
        }
        meter.EndChecks(piece.Seconds);
        return piece;
    }

    private ModelCheckup Checkup(int defense, DefenseResult result)
    {
        var (best, entry) = (Evaluation.Attacks[StrongestAttack(defense, result)], Evaluation.Defenses[defense]);
        return new ModelCheckup(Evaluation.Headline)
        {
            Norm = Evaluation.Norm, Attack = best.Make, View = best.View, Checks = plan.ChecksOf(defense), Seed = plan.SeedOf("checks", defense),
            Surrogate = defense == 0 ? null : Evaluation.Defenses[0].Model, IsDefense = defense > 0,
            Smoothing = entry.Smoothing, Certificates = entry.Certificates,
        };
    }

    // The checks use the goal "any class but the label" in the norm of the evaluation. Attacks with this goal and norm come first; among them those
    // that follow gradients, then those of one step, then the others. Of these the highest success at the headline strength; in a tie the first.
    private int StrongestAttack(int defense, DefenseResult result)
    {
        var cells = result.Strengths.Single(strength => strength.Epsilon == Evaluation.Headline).Cells;
        Attack Attack(int cell) => Evaluation.Attacks[cell].Make(Evaluation.Headline);
        return plan.Distinct(defense).OrderBy(cell => Evaluation.Attacks[cell].Goal is null ? 0 : 1)
            .ThenBy(cell => Attack(cell).Norm == Evaluation.Norm ? 0 : 1)
            .ThenBy(cell => Attack(cell).Knowledge is var knows && knows.HasFlag(Knowledge.Gradient) ? 0 : knows.FollowsGradients() ? 1 : 2)
            .ThenByDescending(cell => cells[cell].Outcome.AllImages.MeanDraw.Rate).ThenBy(cell => cell).First();
    }
}
