using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.FixedDraw"/>
internal sealed class FixedDrawCheck : ModelCheck
{
    private const double Nearly = 0.95;

    public override string Title => "Fixed randomness is not broken";

    public override bool IsCheap => false;

    protected internal override string? WhyNot(CheckContext context) => !context.Model.IsRandom ? "the model does not draw"
        : context.Classifier is null ? "not applicable: draws can be fixed in the network of a classifier only" : null;

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        const string Action = "Break the model with its draws fixed first: look for zero gradients, use the straight-through view and a loss on logits. "
            + "Only then average over draws.";
        var free = OnDraw(context, context.LargestChange).Count(met => met);
        if (free < Nearly * context.Count)
            return [Finding(Severity.Invalid,
                $"Against one known draw, free to turn every image into any other, the attack fools {free} of {context.Count}.", Action)];
        var (known, fresh) = (OnDraw(context, context.Epsilon), context.FooledByAttack);
        if (!StrongerAttackCheck.IsMore(StrongerAttackCheck.Count(fresh, known), StrongerAttackCheck.Count(known, fresh))) return [];
        var (knows, doesNot) = (known.Count(met => met), fresh.Count(met => met));
        return [Finding(Severity.Warning,
            $"The attack fools {knows} of {context.Count} images where it knows the draw, and {doesNot} where it does not.", Action)];
    }

    private static bool[] OnDraw(CheckContext context, double epsilon)
    {
        using var scope = NewDisposeScope();
        using var result = context.AttackWith(epsilon).WithDefaultStepSize()
            .Run(new FixedDraw(context.Classifier!, 0), context.Images, context.Labels, null, context.Cancellation);
        var kept = BudgetEnforcement.WithinBudget(context.Images, result.Adversarial, context.Norm, epsilon, context.Model.Bounds);
        return result.Met.logical_and(kept).cpu().data<bool>().ToArray();
    }
}
