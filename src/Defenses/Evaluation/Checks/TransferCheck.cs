using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that the attack in question, run against the surrogate (mostly the unprotected model), fools this model more often than when run against it directly.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> Without a surrogate it looks for nothing. Source: Carlini et al. 2019, section 4.3 ("transferability attacks").</remarks>
public sealed class TransferCheck : RivalCheck
{
    /// <inheritdoc/>
    public override string Title => "Transferred attacks beat white-box attacks";

    private protected override string NoRival => "there is no other model to transfer attacks from";

    private protected override (Attack Attack, ModelView Look)? Rival(CheckSubject subject) =>
        subject.Surrogate is { } other && other != subject.Model ? (subject.AttackWith(subject.Epsilon), other) : null;

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Warning,
        $"Attacked directly the model is fooled on {usual:F0} % of the images, by images made for another model on {rival:F0} %: the attacker who sees less does better.",
        "Use the straight-through view and the view without randomness; put the transferred attack into the evaluation.");
}
