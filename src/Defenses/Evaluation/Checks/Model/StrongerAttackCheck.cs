using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <summary>Compares the attack in question with another one that should not win, on the same images and the same draws of the judge.</summary>
/// <remarks>
/// Counts the images that only one of the two fools, by a majority of the judge's draws. Fires where the other attack has more of them and McNemar's test
/// (one-sided) gives at most 2 %: at least six images against none.
/// </remarks>
internal abstract class StrongerAttackCheck : ModelCheck
{
    private const double Level = 0.02;

    public override bool IsCheap => false;

    /// <summary>The other attack and what it attacks; null where there is none in this context.</summary>
    protected abstract (Attack Attack, ModelView View)? Other(CheckContext context);

    /// <summary>Why there is no other attack, as half a sentence.</summary>
    protected virtual string NoOther => "there is no attack to compare with";

    /// <summary>The finding where the other attack wins, from the percentages of fooled images.</summary>
    protected abstract Finding Report(double own, double other);

    /// <summary>Why the other attack cannot run on this model, as half a sentence; null (default) where it can.</summary>
    protected virtual string? NotOn(CheckContext context) => null;

    protected internal sealed override string? WhyNot(CheckContext context) => NotOn(context) ?? (Other(context) is null ? NoOther : null);

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var (attack, view) = Other(context)!.Value;
        var (own, other) = (context.FooledByAttack, context.Fooled(attack, view));
        if (IsMore(Count(other, own), Count(own, other))) yield return Report(Percent(own), Percent(other));
    }

    /// <summary>Whether the difference of the two counts has a one-sided McNemar p-value of at most 2 %.</summary>
    internal static bool IsMore(int more, int fewer) => more > fewer && McNemar.PValue(more, fewer) / 2 <= Level;

    /// <summary>The number of images that only the first attack fools.</summary>
    internal static int Count(IReadOnlyList<bool> first, IReadOnlyList<bool> second) => first.Zip(second).Count(pair => pair.First && !pair.Second);

    private static double Percent(IReadOnlyList<bool> fooled) => 100.0 * fooled.Count(each => each) / fooled.Count;
}
