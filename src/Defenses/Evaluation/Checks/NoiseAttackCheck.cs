using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds that random noise of size ε fools more than the attack in question.</summary>
/// <remarks><inheritdoc cref="RivalCheck" path="/remarks/node()"/> Of 20 uniform perturbations and 20 at the corners or the sphere of the budget each image keeps the best.
/// Source: Carlini et al. 2019, section 5 ("random noise").</remarks>
public sealed class NoiseAttackCheck : RivalCheck
{
    private const int Tries = 20;

    /// <inheritdoc/>
    public override string Title => "Noise beats gradients";

    private protected override (Attack Attack, ModelView Look)? Rival(CheckSubject subject)
    {
        var noise = new Noise(subject.Epsilon) { Norm = subject.Norm, Tries = Tries };
        return (new WorstOf(noise, noise with { Kind = NoiseKind.Gaussian }) { Seed = subject.SeedOf(nameof(NoiseAttackCheck)) }, subject.Model);
    }

    private protected override Finding Tell(CheckSubject subject, double usual, double rival) => Finding(Severity.Invalid,
        $"The attack fools {usual:F0} % of the images, noise that knows nothing of the model {rival:F0} %: the gradients lead astray.",
        "Use the straight-through view, a loss on logits and attacks without gradients, and look for zero gradients.");
}
