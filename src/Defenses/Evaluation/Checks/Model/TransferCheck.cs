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
        context.Surrogate is { } other && other != context.Model
            ? (context.Norm == Norm.L0 ? context.AttackWith(context.Epsilon) : Strongest(context), other)
            : null;

    private static TransferPgd Strongest(CheckContext context) =>
        new(context.Epsilon) { Norm = context.Norm, Seed = context.SeedOf("attack") };

    protected override Finding Report(double own, double other) => Finding(Severity.Warning,
        $"Attacked directly, the model is fooled on {own:F0} % of the images; by images made for another model, on {other:F0} %. Less knowledge does better.",
        "Use the straight-through view and the view without randomness; put the transferred attack into the evaluation.");
}
