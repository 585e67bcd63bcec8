using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.UnlimitedBudget"/>
internal sealed class UnlimitedBudgetCheck : ModelCheck
{
    private const double Nearly = 0.95;

    public override string Title => "An unlimited budget does not fool every image";

    public override bool IsCheap => false;

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var budget = context.LargestChange;
        var attack = context.AttackWith(budget).WithDefaultStepSize();
        var fooled = context.Fooled(attack, context.SeenThrough(context.View), budget).Count(each => each);
        if (fooled < Nearly * context.Count)
            yield return Finding(Severity.Invalid,
                $"Free to turn every image into any other, the attack fools {fooled} of {context.Count}. Where it fails, the attack is at fault.",
                "Look at the gradients (zeros, saturation, rounding). Use a loss on logits, the straight-through view, more steps, or attacks without "
                + "gradients.");
    }
}
