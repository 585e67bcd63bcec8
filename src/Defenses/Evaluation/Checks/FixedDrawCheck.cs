using Defenses.Models;
using Defenses.Pages;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that a random model is not broken even where its draw is known and stands still: then averaging over draws cannot break it either, and the fault is the attack's.</summary>
/// <remarks>
/// Runs the attack in question against draw 0, and judges it on that draw. Fires where an unlimited budget fools fewer than 95 %, or where at ε it fools fewer images than the attack
/// on fresh draws does (McNemar, one-sided, 2 %). Deterministic models are let be. Source: Carlini et al. 2019 ("verify that attacks succeed if randomness is fixed").
/// </remarks>
public sealed class FixedDrawCheck : ModelCheck
{
    private const double Nearly = 0.95;

    /// <inheritdoc/>
    public override string Title => "Fixed randomness is not broken";

    /// <inheritdoc/>
    public override bool IsCheap => false;

    /// <inheritdoc/>
    protected internal override string? WhyNot(CheckSubject subject) => subject.Model.IsRandom ? null : "the model does not draw";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        const string Action = "Break the model with its draws fixed first: look for zero gradients, use the straight-through view and a loss on logits; only then average over draws.";
        var free = OnDraw(subject, subject.Everything).Count(met => met);
        if (free < Nearly * subject.Count)
            return [Finding(Severity.Invalid, $"Against one known draw, free to turn every image into any other, the attack fools {free} of {subject.Count}.", Action)];
        var (known, fresh) = (OnDraw(subject, subject.Epsilon), subject.UsuallyFooled);
        var (more, fewer) = (Count(fresh, known), Count(known, fresh));
        return RivalCheck.IsMore(more, fewer)
            ? [Finding(Severity.Warning, $"The attack fools {known.Count(met => met)} of {subject.Count} images where it knows the draw, and {fresh.Count(met => met)} where it does not.", Action)]
            : [];
    }

    private static bool[] OnDraw(CheckSubject subject, double epsilon)
    {
        using var scope = NewDisposeScope();
        using var result = subject.AttackWith(epsilon).WithUsualStep().Run(new FixedDraw(subject.Model, 0), subject.Images, subject.Labels, null, subject.Cancellation);
        var kept = Budget.Kept(subject.Images, result.Adversarial, subject.Norm, epsilon, subject.Model.Bounds);
        return result.Met.logical_and(kept).cpu().data<bool>().ToArray();
    }

    private static int Count(IReadOnlyList<bool> only, IReadOnlyList<bool> not) => Enumerable.Range(0, only.Count).Count(image => only[image] && !not[image]);
}
