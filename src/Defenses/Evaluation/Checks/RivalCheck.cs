using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <summary>Sets a rival against the attack in question, on the same images and the same draws of the judge; the attack in question should not lose.</summary>
/// <remarks>
/// Fires where the rival fools images that the attack does not, and the other way round so rarely that fair coins would do as well in at most 2 of 100 cases (McNemar, one-sided):
/// at least six images against none. Whether an image is fooled, a majority of the judge's draws decides.
/// </remarks>
public abstract class RivalCheck : ModelCheck
{
    private const double Level = 0.02;

    private protected RivalCheck() { }

    /// <inheritdoc/>
    public override bool IsCheap => false;

    /// <summary>The rival and what it looks at; null where there is none for this subject.</summary>
    private protected abstract (Attack Attack, ModelView Look)? Rival(CheckSubject subject);

    /// <summary>Why there is no rival, as half a sentence, where there is none.</summary>
    private protected virtual string NoRival => "nothing is to be set against the attack";

    /// <inheritdoc/>
    protected internal sealed override string? WhyNot(CheckSubject subject) => Rival(subject) is null ? NoRival : null;

    /// <summary>What it means that the rival wins.</summary>
    private protected abstract Finding Tell(CheckSubject subject, double usual, double rival);

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var rival = Rival(subject)!.Value;
        var (usual, other) = (subject.UsuallyFooled, subject.Fooled(rival.Attack, rival.Look));
        var more = Enumerable.Range(0, usual.Count).Count(image => other[image] && !usual[image]);
        var fewer = Enumerable.Range(0, usual.Count).Count(image => usual[image] && !other[image]);
        if (IsMore(more, fewer)) yield return Tell(subject, Percent(usual), Percent(other));
    }

    /// <summary>Whether chance could explain that one fools so many more only by 2 in 100.</summary>
    internal static bool IsMore(int more, int fewer) => more > fewer && McNemar.PValue(more, fewer) / 2 <= Level;

    private protected static double Percent(IReadOnlyList<bool> fooled) => 100.0 * fooled.Count(each => each) / fooled.Count;
}
