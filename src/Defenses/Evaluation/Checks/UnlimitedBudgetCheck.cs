
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that the attack does not fool every image although it may turn it into any other.</summary>
/// <remarks>
/// Runs the attack in question with the whole range of the input as its budget (a fixed step size is replaced by the attack's usual one). Fires where fewer than 95 % are fooled.
/// Source: Carlini et al. 2019, section 4.3 ("verify that with unbounded distortion the attack reaches 100 %").
/// </remarks>
public sealed class UnlimitedBudgetCheck : ModelCheck
{
    private const double Nearly = 0.95;

    /// <inheritdoc/>
    public override string Title => "An unlimited budget does not fool every image";

    /// <inheritdoc/>
    public override bool IsCheap => false;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var everything = subject.Everything;
        var fooled = subject.Fooled(subject.AttackWith(everything).WithUsualStep(), subject.Look(subject.View), everything).Count(each => each);
        if (fooled < Nearly * subject.Count)
            yield return Finding(Severity.Invalid, $"Free to turn every image into any other, the attack fools {fooled} of {subject.Count}: where it fails, the attack is at fault, not the model robust.",
                "Look at the gradients (zeros, saturation, rounding); use a loss on logits, the straight-through view, more steps, or attacks without gradients.");
    }
}
