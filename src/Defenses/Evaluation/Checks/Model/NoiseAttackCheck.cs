using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.NoiseAttack"/>
internal sealed class NoiseAttackCheck : StrongerAttackCheck
{
    private const int Tries = 20;

    public override string Title => "Noise beats the attack in question";

    protected override (Attack Attack, ModelView View)? Other(CheckContext context)
    {
        var noise = new Noise(context.Epsilon) { Norm = context.Norm, Tries = Tries };
        return (new WorstOf(noise, noise with { Kind = NoiseKind.Gaussian }) { Seed = context.SeedOf(nameof(NoiseAttackCheck)) }, context.Model);
    }

    protected override Finding Report(double own, double other) => Finding(Severity.Invalid,
        $"The attack fools {own:F0} % of the images, noise that knows nothing of the model {other:F0} %: the gradients lead astray.",
        "Use the straight-through view, a loss on logits and attacks without gradients, and look for zero gradients.");
}
