using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.MoreDraws"/>
internal sealed class MoreDrawsCheck : StrongerAttackCheck
{
    private const int Factor = 4;

    public override string Title => "More draws still lower accuracy";

    protected override string NoOther => "the model does not draw, or the attack averages over no draws";

    protected override (Attack Attack, ModelView View)? Other(CheckContext context)
    {
        if (!context.Model.IsRandom) return null;
        var own = context.AttackWith(context.Epsilon);
        if (own.Strengthen(AttackEffort.Draws, Factor) is { } attack) return (attack, context.SeenThrough(context.View));
        var view = context.PlainOrView;
        if (!context.SeenThrough(view).IsRandom) return null;
        return (own, context.SeenThrough(view.Draws == 1 ? view.AveragedOver(ModelCheckup.UsualEotDraws) : view.OverMore(Factor)));
    }

    protected override Finding Report(double own, double other) => Finding(Severity.Warning,
        $"With its own draws for a gradient the attack fools {own:F0} % of the images, with more of them {other:F0} %: it follows noise.",
        "Raise the number of EOT draws until accuracy no longer falls.");
}
