using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds images on which the attacker's gradient is exactly zero everywhere: there a gradient attack stands still.</summary>
/// <remarks>
/// Looks through the attacker's view, once at the margin of the logits and once at cross-entropy. Fires where more than a tenth of the images have no gradient; a zero of cross-entropy
/// alone (answers so confident that it rounds to nothing) counts only for attacks that climb it. Attacks without gradients are let be.
/// Source: Carlini et al. 2019, section 4.2; Athalye et al. 2018 ("shattered" and "vanishing gradients").
/// </remarks>
public sealed class ZeroGradientsCheck : ModelCheck
{
    private const double Few = 0.1;

    /// <inheritdoc/>
    public override string Title => "Gradients that are zero";

    /// <inheritdoc/>
    protected internal override string? WhyNot(CheckSubject subject) =>
        !subject.AttackWith(subject.Epsilon).Knowledge.FollowsGradients() ? "the attack follows no gradient" : null;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var attack = subject.AttackWith(subject.Epsilon);
        var look = subject.Look(subject.View);
        using var streams = look.LendStreams(subject.SeedOf(nameof(ZeroGradientsCheck)));
        var (margin, crossEntropy) = (ZeroShare(subject, look, Loss.Margin), ZeroShare(subject, look, Loss.CrossEntropy));
        if (margin > Few)
            return [Finding(Severity.Warning, $"On {100 * margin:F0} % of the images the gradient is zero in every element: something in the model (rounding, saturation, a hard decision) lets none through.",
                "Use the straight-through view (BPDA) or attacks without gradients (Square, HopSkipJump); gradient attacks alone prove nothing here.")];
        return crossEntropy > Few && attack.ClimbsCrossEntropy
            ? [Finding(Severity.Warning, $"On {100 * crossEntropy:F0} % of the images cross-entropy has no gradient although the margin has one: the answers are so confident that it rounds to zero.",
                "Use a loss on logits: Loss.Margin, Loss.Dlr or CW-PGD.")]
            : [];
    }

    private static double ZeroShare(CheckSubject subject, ModelView look, Loss loss)
    {
        using var scope = NewDisposeScope();
        var goal = Goal.Avoid(subject.Labels);
        try
        {
            var gradient = look.ComputeGradient(subject.Images, logits => loss.Value(logits, goal)).Gradient;
            return gradient.flatten(1).eq(0).all(1).to_type(ScalarType.Float64).mean().ToDouble();
        }
        catch (NoGradientException)
        {
            return 1;   // that is the finding
        }
    }
}
