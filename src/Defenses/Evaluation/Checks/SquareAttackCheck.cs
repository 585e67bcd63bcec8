using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that the Square attack, which asks for answers only, fools more than the attack in question: a mark of masked gradients.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> Square tries 500 candidates. Source: Athalye et al. 2018, section 3.1; Carlini et al. 2019, section 4.3.</remarks>
public sealed class SquareAttackCheck : RivalCheck
{
    private const int Candidates = 500;

    /// <inheritdoc/>
    public override string Title => "Attacks without gradients beat white-box attacks";

    private protected override string NoRival => "Square knows budgets in L∞ and L2 only";

    private protected override (Attack Attack, ModelView Look)? Rival(CheckSubject subject) => subject.Norm != Norm.Linf && subject.Norm != Norm.L2
        ? null
        : (new Square(subject.Epsilon) { Norm = subject.Norm, Candidates = Candidates, Seed = subject.SeedOf(nameof(SquareAttackCheck)) }, subject.Model);

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Warning,
        $"The attack, which may look inside the model, fools {usual:F0} % of the images, Square with {Candidates} candidates {rival:F0} %: the gradients are masked.",
        "Use the straight-through view, more EOT draws and a loss on logits; until then only Square's figure counts.");
}
