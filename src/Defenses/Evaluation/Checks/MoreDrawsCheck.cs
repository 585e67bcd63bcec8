using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that averaging over more draws still lowers accuracy: four times as many, or 20 for an attacker who follows single draws.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> 
/// Only for random models, on views that are random there; an attack that averages by itself is given more draws of its own.
/// Source: Athalye et al. 2018, section 4.2.</remarks>
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
        var view = subject.PlainOrView;
        if (!subject.Look(view).IsRandom) return null;
        return (subject.AttackWith(subject.Epsilon), subject.Look(view.Draws == 1 ? view.AveragedOver(ModelCheckup.UsualEotDraws) : view.OverMore(Factor)));
    }

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Warning,
        $"With the draws at a look that it was given the attack fools {usual:F0} % of the images, with more of them {rival:F0} %: it follows noise.",
        "Raise the number of EOT draws until accuracy no longer falls.");
}
