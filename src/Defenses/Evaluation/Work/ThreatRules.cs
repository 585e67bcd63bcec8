using Defenses.Attacks;
using Defenses.Models;

namespace Defenses.Evaluation.Work;

/// <summary>The rules of the threat model that an evaluation checks before any work.</summary>
internal static class ThreatRules
{
    /// <summary>Throws where an attack does more than the attacker of the threat model may do, or the judge's draws do not measure the threat model.</summary>
    /// <exception cref="InvalidOperationException">A rule is violated; the message says which, and what to do.</exception>
    internal static void Require(EvaluationGrid grid)
    {
        var threat = grid.Threat;
        if (threat.Tries > grid.Draws)
            throw new InvalidOperationException(
                $"Threat.Tries must be at most Draws, because K draws say nothing about more than K tries; it is {threat.Tries}, and Draws is {grid.Draws}. " +
                "Judge by more draws.");
        if (threat.KnowsDraw) RequireOneDraw(grid);
        foreach (var attack in grid.Attacks) RequireSeen(threat, attack, attack.Make(grid.Headline).Knowledge);
    }

    private static void RequireOneDraw(EvaluationGrid grid)
    {
        if (grid.Threat.Tries > 1)
            throw new InvalidOperationException(
                $"Threat.Tries must be 1 where the attacker knows the draw, because another try meets the same draw; it is {grid.Threat.Tries}.");
        if (grid.BlockSize > 1)
            throw new InvalidOperationException(
                "BlockSize must be 1 where the attacker knows the draw, because a block shares a draw, and every image needs one of its own; it is " +
                $"{grid.BlockSize}.");
        if (grid.Defenses.FirstOrDefault(defense => defense.Model.IsRandom && defense.Model is not Classifier) is { } other)
            throw new InvalidOperationException(
                $"Threat.KnowsDraw needs classifiers, whose draws are numbered; '{other.Name}' is a random {other.Model.GetType().Name}. " +
                "Give a Classifier of its network, or set KnowsDraw to false.");
    }

    private static void RequireSeen(ThreatModel threat, AttackEntry attack, Knowledge knowledge)
    {
        var needed = knowledge.FollowsGradients() ? ModelAnswers.Gradients : knowledge.HasFlag(Knowledge.Scores) ? ModelAnswers.Scores : ModelAnswers.Decisions;
        if (needed > threat.Sees)
            throw new InvalidOperationException(
                $"The attack '{attack.FullName}' needs {needed.Words()}, and the attacker of the threat model sees {threat.Sees.Words()} only. " +
                "Leave the attack out, or set Threat.Sees.");
        if (threat.Sees < ModelAnswers.Gradients && attack.View.SingleDraw != AttackerView.Plain)
            throw new InvalidOperationException(
                $"The view '{attack.View.Name}' changes the network, and the attacker of the threat model sees {threat.Sees.Words()} only. " +
                "Use AttackerView.Plain or AttackerView.Eot, or set Threat.Sees.");
    }
}
