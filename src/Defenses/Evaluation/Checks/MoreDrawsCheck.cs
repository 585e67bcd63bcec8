using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that averaging over more draws still lowers accuracy: four times as many, or 20 for an attacker who follows single draws.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> Only for random models, and attacks that average by themselves, views of single draws, or views of EOT. Source: Athalye et al. 2018, section 4.2.</remarks>
public sealed class MoreDrawsCheck : RivalCheck
{
    private const int Factor = 4;

    /// <inheritdoc/>
    public override string Title => "More draws still lower accuracy";

    private protected override string NoRival => "the model does not draw, or the attack averages over no draws";

    private protected override (Attack Attack, ModelView Look)? Rival(CheckSubject subject)
    {
        if (!subject.Model.IsRandom) return null;
        if (subject.AttackWith(subject.Epsilon).WithMore(Effort.Draws, Factor) is { } attack) return (attack, subject.Look(subject.View));
        if (subject.View != View.Plain && subject.View.Draws == 1) return null;
        var draws = subject.View.Draws == 1 ? ModelCheckup.UsualEotDraws : Factor * subject.View.Draws;
        return (subject.AttackWith(subject.Epsilon), subject.Look(View.Eot(draws)));
    }

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Warning,
        $"With the draws at a look that it was given the attack fools {usual:F0} % of the images, with more of them {rival:F0} %: it follows noise.",
        "Raise the number of EOT draws until accuracy no longer falls.");
}
