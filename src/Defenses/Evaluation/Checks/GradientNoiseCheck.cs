using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds gradients that are more noise than signal for the number of draws that the attacker averages over.</summary>
/// <remarks>
/// Estimates, from 16 gradients of the margin at each of up to 16 images, the power of the true gradient over that of the error of the attacker's mean
/// (<see cref="GradientSignal.PerExample"/>, squared, for his number of draws). The cosine between his gradient and the true one is then about √(ratio / (1 + ratio)).
/// Fires where the median ratio lies below 0.1, a cosine of about 0.3. Deterministic models and views are let be.
/// </remarks>
public sealed class GradientNoiseCheck : ModelCheck
{
    private const int Draws = 16, MostImages = 16;
    private const double LeastRatio = 0.1;

    /// <inheritdoc/>
    public override string Title => "Too few draws for the noise of the gradient";

    /// <inheritdoc/>
    protected internal override string? WhyNot(CheckSubject subject) => !subject.Look(subject.PlainOrView).IsRandom ? "what the attacker sees does not draw"
        : !subject.AttackWith(subject.Epsilon).Knowledge.FollowsGradients() ? "the attack follows no gradient" : null;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var (attack, view) = (subject.AttackWith(subject.Epsilon), subject.PlainOrView);
        var used = view.DrawsWith(attack.GradientDraws);
        var single = MedianRatio(subject, subject.Look(view.SingleDraw)) / view.SingleDraw.Draws;
        var ratio = used * single;
        if (ratio >= LeastRatio) yield break;
        var cosine = Math.Sqrt(ratio / (1 + ratio));
        var needed = single > 1e-6 ? FormattableString.Invariant($"Average over about {Math.Ceiling(1 / single):F0} draws") : "No number of draws that can be had would do";
        yield return Finding(Severity.Warning,
            $"Averaged over {used} draws the gradient is {(ratio > 0 ? 1 / ratio : double.PositiveInfinity):F0} times more noise than signal: its cosine with the true one is about {cosine:F2}.",
            $"{needed}; or use what needs no gradient of single draws: the view without randomness, a fixed draw, straight-through, or Square.");
    }

    // Signal over noise, in power, of a single draw: that of 16 averaged draws, divided by 16.
    private static double MedianRatio(CheckSubject subject, ModelView look)
    {
        using var scope = NewDisposeScope();
        using var streams = look.LendStreams(subject.SeedOf(nameof(GradientNoiseCheck)));
        var count = Math.Min(MostImages, subject.Count);
        var goal = Goal.Avoid(subject.Labels.narrow(0, 0, count));
        using var signal = new Eot(look, Draws).Signal(subject.Images.narrow(0, 0, count), goal.Margin);
        var ratios = signal.PerExample.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
        return Math.Pow(ratios.Order().ElementAt(ratios.Length / 2), 2) / Draws;
    }
}
