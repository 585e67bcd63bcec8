using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.GradientNoise"/>
internal sealed class GradientNoiseCheck : ModelCheck
{
    private const int Draws = 16, MostImages = 16;
    private const double LeastRatio = 0.1;

    public override string Title => "Too few draws for the noise of the gradient";

    protected internal override string? WhyNot(CheckContext context) => context.Without(ModelAnswers.Gradients) ??
        (!context.SeenThrough(context.PlainOrView).IsRandom ? "what the attacker sees does not draw"
        : !context.AttackWith(context.Epsilon).Knowledge.FollowsGradients() ? "the attack follows no gradient" : null);

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var (attack, view) = (context.AttackWith(context.Epsilon), context.PlainOrView);
        var used = view.DrawsWith(attack.GradientDraws);
        var single = MedianRatio(context, context.SeenThrough(view.SingleDraw)) / view.SingleDraw.Draws;
        var ratio = used * single;
        if (ratio >= LeastRatio) yield break;
        var (noise, cosine) = (ratio > 0 ? 1 / ratio : double.PositiveInfinity, Math.Sqrt(ratio / (1 + ratio)));
        var needed = single > 1e-6
            ? FormattableString.Invariant($"Average over about {Math.Ceiling(1 / single):F0} draws") : "No possible number of draws is enough";
        yield return Finding(Severity.Warning,
            $"Averaged over {used} draws the gradient is {noise:F0} times more noise than signal: its cosine with the true one is about {cosine:F2}.",
            $"{needed}; or use what needs no gradient of single draws: the view without randomness, a fixed draw, straight-through, or Square.");
    }

    // Signal over noise, in power, of a single draw: that of 16 averaged draws, divided by 16.
    private static double MedianRatio(CheckContext context, ModelView view)
    {
        using var scope = NewDisposeScope();
        using var streams = view.LendStreams(context.SeedOf(nameof(GradientNoiseCheck)));
        var count = Math.Min(MostImages, context.Count);
        var goal = Goal.Avoid(context.Labels.narrow(0, 0, count));
        using var signal = new Eot(view, Draws).Signal(context.Images.narrow(0, 0, count), goal.Margin);
        var ratios = signal.PerExample.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
        return Math.Pow(ratios.Order().ElementAt(ratios.Length / 2), 2) / Draws;
    }
}
