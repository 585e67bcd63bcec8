using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that four times the restarts still lower accuracy: where the attack begins decides where it ends.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> Source: Carlini et al. 2019, section 4.2 ("multiple random restarts").</remarks>
public sealed class MoreRestartsCheck : RivalCheck
{
    private const int Factor = 4;

    /// <inheritdoc/>
    public override string Title => "More restarts still lower accuracy";

    private protected override string NoRival => "the attack has no restarts";

    private protected override (Attack Attack, ModelView Look)? Rival(CheckSubject subject) =>
        subject.AttackWith(subject.Epsilon).WithMore(Effort.Restarts, Factor) is { } attack ? (attack, subject.Look(subject.View)) : null;

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Warning,
        $"With the restarts it was given the attack fools {usual:F0} % of the images, with four times as many {rival:F0} %: the loss is so rough that luck decides.",
        "Raise the number of restarts until accuracy no longer falls, and try Auto-PGD and attacks without gradients.");
}
