using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that twice the steps still lower accuracy: the attack has not converged. At least ten are set against those given.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> Source: Carlini et al. 2019, section 4.2 ("doubling the number of iterations").</remarks>
public sealed class MoreStepsCheck : RivalCheck
{
    private const int Factor = 2;

    /// <inheritdoc/>
    public override string Title => "More steps still lower accuracy";

    private protected override string NoRival => "the attack has no steps to double";

    private protected override (Attack Attack, ModelView Look)? Rival(CheckSubject subject) =>
        subject.AttackWith(subject.Epsilon).WithMore(Effort.Steps, Factor) is { } attack ? (attack, subject.Look(subject.View)) : null;

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Warning,
        $"With the steps it was given the attack fools {usual:F0} % of the images, with more of them {rival:F0} %: it was stopped on the way.",
        "Double the steps until accuracy no longer falls; a step of about ε/10 is usual.");
}
