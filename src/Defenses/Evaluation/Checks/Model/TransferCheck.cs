using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.Transfer"/>
internal sealed class TransferCheck : StrongerAttackCheck
{
    public override string Title => "Transferred attacks beat white-box attacks";

    protected override string NoOther => "there is no other model to transfer attacks from";

    protected override (Attack Attack, ModelView View)? Other(CheckContext context) =>
        context.Surrogate is { } other && other != context.Model && Attack(context, other) is { } attack ? (attack, other) : null;

    // A black box is attacked in another way than a network, whose gradient makes images that transfer.
    private static Attack? Attack(CheckContext context, ModelView other)
    {
        var own = context.AttackWith(context.Epsilon);
        if (other.Answers < ModelAnswers.Gradients) return own.Knowledge.FollowsGradients() ? null : own;
        return context.Norm == Norm.L0 ? own : new TransferPgd(context.Epsilon) { Norm = context.Norm, Seed = context.SeedOf("attack") };
    }

    protected override Finding Report(double own, double other) => Finding(Severity.Warning,
        $"Attacked directly, the model is fooled on {own:F0} % of the images; by images made for another model, on {other:F0} %. Less knowledge does better.",
        "Use the straight-through view and the view without randomness; put the transferred attack into the evaluation.");
}
