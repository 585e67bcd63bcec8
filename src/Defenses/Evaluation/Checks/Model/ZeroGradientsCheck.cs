using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.ZeroGradients"/>
internal sealed class ZeroGradientsCheck : ModelCheck
{
    private const double Few = 0.1;

    public override string Title => "Gradients that are zero";

    protected internal override string? WhyNot(CheckContext context) => context.Without(ModelAnswers.Gradients) ??
        (!context.AttackWith(context.Epsilon).Knowledge.FollowsGradients() ? "the attack follows no gradient" : null);

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var attack = context.AttackWith(context.Epsilon);
        var view = context.SeenThrough(context.View);
        using var streams = view.LendStreams(context.SeedOf(nameof(ZeroGradientsCheck)));
        var (margin, crossEntropy) = (ZeroRate(context, view, Loss.Margin), ZeroRate(context, view, Loss.CrossEntropy));
        if (margin > Few)
            return [Finding(Severity.Warning,
                $"On {100 * margin:F0} % of the images the gradient is zero in every element: rounding, saturation or a hard decision in the model blocks it.",
                "Use the straight-through view (BPDA) or attacks without gradients (Square, HopSkipJump); gradient attacks alone prove nothing here.")];
        return crossEntropy > Few && attack.AscendsCrossEntropy
            ? [Finding(Severity.Warning,
                $"On {100 * crossEntropy:F0} % of the images only the margin has a gradient: the answers are so confident that cross-entropy rounds to zero.",
                "Use a loss on logits: Loss.Margin, Loss.Dlr or CW-PGD.")]
            : [];
    }

    // The share of the images without a gradient.
    private static double ZeroRate(CheckContext context, ModelView view, Loss loss)
    {
        using var scope = NewDisposeScope();
        var goal = Goal.Avoid(context.Labels);
        try
        {
            var gradient = view.ComputeGradient(context.Images, logits => loss.Value(logits, goal)).Gradient;
            return gradient.flatten(1).eq(0).all(1).to_type(ScalarType.Float64).mean().ToDouble();
        }
        catch (NoGradientException)
        {
            return 1;   // that is the finding
        }
    }
}
