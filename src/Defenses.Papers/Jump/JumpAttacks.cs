using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;

namespace Defenses.Papers;

/// <summary>The attacks that know of the jump, beside plain PGD.</summary>
internal sealed class JumpAttacks(ProtocolContext context, JumpSizes sizes)
{
    /// <summary>Runs all of them on the models of one trained network. The first model, which the others are compared with, has rectifiers.</summary>
    internal EvaluationReport Run(IEnumerable<JumpModel> models, bool isRobust)
    {
        JumpModel[] chosen = [.. models.Where(model => model.IsRobust == isRobust)];
        var name = isRobust ? "adaptive attacks, robust" : "adaptive attacks";
        var evaluation = new RobustnessEvaluation([.. chosen.Select(model => new DefenseEntry(model.Name, model.Model))], Attacks(sizes, chosen[0].Model),
            sizes.Strengths)
        {
            Draws = sizes.JudgeDraws, Seed = context.SeedOf(name), Title = $"JumpReLU under {name}", HeadlineStrength = sizes.Headline, BlockSize = 100,
            Checks = [],
        };
        return context.Evaluate(name, evaluation, context.Examples(sizes.Adaptive.Images)) with { Timing = null };
    }

    /// <summary>PGD with one climb, by steps that can cross the ball.</summary>
    internal static Attack Climb(JumpSizes sizes, double epsilon) =>
        new Pgd(epsilon) { Steps = sizes.Adaptive.Steps, StepSize = Math.Max(epsilon / 10, 2 * epsilon / sizes.Adaptive.Steps), Restarts = 1 };

    /// <summary>All of them at any strength.</summary>
    internal static AttackEntry[] Attacks(JumpSizes sizes, Classifier twin)
    {
        AttackerView[] views =
        [
            AttackerView.Plain, AttackerView.StraightThrough, new("ReLU twin", (_, _) => twin), new("smoothed jump", (model, _) => new SmoothedJumps(model)),
            AttackerView.StraightThrough.AveragedOver(sizes.Adaptive.EotDraws),
        ];
        return [.. views.Select(view => new AttackEntry("PGD", epsilon => Climb(sizes, epsilon), view)),
            new("Square", epsilon => new Square(epsilon) { Candidates = sizes.Adaptive.Candidates })];
    }
}
