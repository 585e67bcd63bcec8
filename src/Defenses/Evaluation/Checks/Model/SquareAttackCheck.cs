using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.SquareAttack"/>
internal sealed class SquareAttackCheck : StrongerAttackCheck
{
    private const int Candidates = 500;

    public override string Title => "Square beats the attack in question";

    protected override string NoOther => "Square knows budgets in L∞ and L2 only";

    protected override string? NotOn(CheckContext context) => context.Without(ModelAnswers.Scores);

    protected override (Attack Attack, ModelView View)? Other(CheckContext context)
    {
        if (context.Norm != Norm.Linf && context.Norm != Norm.L2) return null;
        var seed = context.SeedOf(nameof(SquareAttackCheck));
        return (new Square(context.Epsilon) { Norm = context.Norm, Candidates = Candidates, Seed = seed }, context.Model);
    }

    protected override Finding Report(double own, double other) => Finding(Severity.Warning,
        $"The attack fools {own:F0} % of the images, Square, which uses no gradient, {other:F0} % with {Candidates} candidates: the gradients are masked.",
        "Use the straight-through view, more EOT draws and a loss on logits; until then only Square's figure counts.");
}
